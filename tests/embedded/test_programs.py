import sys
from pathlib import Path

import pytest

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.credentials import ensure_credentials
from hctap_embedded.part import Part, Site
from hctap_embedded.programs import API, DASHBOARD, WORKER

PORTS = {"postgres": 1, "valkey": 2, "s3": 3, "api": 4, "dashboard": 5, "worker": 6}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "logs").mkdir()
    environ = {"PATH": "/bin", "HCTAP_API_HOST": "::", "HCTAP_DATABASE_URL": "elsewhere", "AWS_PROFILE": "production"}
    return Site(tmp_path, ensure_credentials(tmp_path), PORTS, environ)


def test_the_dashboard_is_told_where_everything_is_and_no_account(site: Site) -> None:
    launch = DASHBOARD.prepare(site)
    assert launch.command[0] == sys.executable
    assert launch.command[-2:] == ("-m", "hctap_dashboard")
    assert set(DASHBOARD.marks(site.home)) <= set(launch.command)
    own = {
        "PATH": "/bin",
        "HCTAP_HOME": str(site.home),
        "HCTAP_API_HOST": "127.0.0.1",
        "HCTAP_DASHBOARD_HOST": "127.0.0.1",
    }
    assert launch.environment == {**own, **site.addresses().environment()}


def test_the_api_does_not_start_on_a_database_that_cannot_be_upgraded(site: Site) -> None:
    with pytest.raises(StorePartUnavailable, match="The database cannot be upgraded") as caught:
        API.prepare(site)
    assert caught.value.remedy
    assert site.credentials.database_password not in str(caught.value)
    assert site.log("upgrade").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("part", "moved", "changes"),
    [
        (API, "postgres", True),
        (API, "valkey", True),
        (API, "s3", True),
        (API, "dashboard", False),
        (WORKER, "postgres", True),
        (WORKER, "dashboard", False),
        (DASHBOARD, "api", True),
        (DASHBOARD, "postgres", False),
    ],
)
def test_a_program_depends_on_the_addresses_it_uses(site: Site, part: Part, moved: str, *, changes: bool) -> None:
    other = Site(site.home, site.credentials, {**PORTS, moved: 9}, site.environ)
    assert (part.inputs(site) != part.inputs(other)) is changes
