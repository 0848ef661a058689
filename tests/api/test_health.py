"""Alive, ready, and which release: on the real stores, and with each of them away."""

from collections.abc import Callable

import httpx
import pytest
from tests.clinic import serve, settings_of

from hctap_api.main import create_app
from hctap_api.settings import Settings
from hctap_core.answers import Readiness, Version
from hctap_embedded.stack import Stack
from hctap_stores.database.revisions import upgrade

pytestmark = pytest.mark.stack

NOBODY = "127.0.0.1:9"


def test_alive_asks_nobody(api_url: str) -> None:
    assert httpx.get(f"{api_url}/health").json() == {"ok": True, "status": "healthy"}


def test_the_version_is_the_packages(api_url: str) -> None:
    version = Version.model_validate_json(httpx.get(f"{api_url}/version").content)
    assert (version.service, version.api) == ("hctap-api", "v1")
    assert version.version.count(".") == 2


def test_ready_where_everything_answers(api_url: str) -> None:
    response = httpx.get(f"{api_url}/ready")
    assert response.status_code == 200, response.text
    readiness = Readiness.model_validate_json(response.content)
    assert [(check.name, check.ok) for check in readiness.checks] == [("database", True), ("redis", True), ("s3", True)]


@pytest.mark.parametrize(
    ("change", "failed", "remedy"),
    [
        ({"database_url": f"postgresql://hctap:x@{NOBODY}/hctap"}, "database", "make up"),
        ({"s3_endpoint": f"http://{NOBODY}"}, "s3", "make up"),
        ({"raw_bucket": "not-there"}, "s3", "HCTAP_RAW_BUCKET"),
    ],
)
def test_not_ready_names_what_is_away_and_what_to_do(
    clinic_settings: Settings, change: dict[str, str], failed: str, remedy: str
) -> None:
    app = create_app(clinic_settings.model_copy(update=change))
    with serve(app) as url:
        response = httpx.get(f"{url}/ready", timeout=20)
        alive = httpx.get(f"{url}/health")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    problem = response.json()
    assert problem["type"] == "urn:hctap:problem:not-ready"
    assert failed in problem["detail"]
    assert {check["name"]: check["ok"] for check in problem["checks"]} == {
        name: name != failed for name in ("database", "redis", "s3")
    }
    assert remedy in problem["remedy"]
    # Hosts and ports are the operator's to know.
    assert NOBODY not in response.text
    assert alive.status_code == 200


def test_a_database_without_the_schema_is_not_ready(stack: Stack, new_database: Callable[[], str]) -> None:
    url = new_database()
    with serve(create_app(settings_of(stack, url))) as address:
        before = httpx.get(f"{address}/ready").json()
        refused = httpx.get(f"{address}/v1/runs/latest")
        upgrade(url)
        after = httpx.get(f"{address}/ready").json()
    assert "hctap-etl db upgrade" in before["remedy"]
    assert refused.status_code == 503
    assert refused.json()["type"] == "urn:hctap:problem:migration-needed"
    assert next(check for check in after["checks"] if check["name"] == "database")["ok"]


def test_where_there_is_no_redis_nobody_asks_for_it(clinic_settings: Settings) -> None:
    app = create_app(clinic_settings.model_copy(update={"redis_url": ""}))
    with serve(app) as url:
        readiness = Readiness.model_validate_json(httpx.get(f"{url}/ready", timeout=20).content)

    assert readiness.status == "ready"
    assert [check.name for check in readiness.checks] == ["database", "s3"]


def test_without_redis_it_is_degraded_and_works(clinic_settings: Settings) -> None:
    app = create_app(clinic_settings.model_copy(update={"redis_url": f"redis://{NOBODY}/0"}))
    with serve(app) as url:
        response = httpx.get(f"{url}/ready", timeout=20)
        assert response.status_code == 200
        readiness = Readiness.model_validate_json(response.content)
        assert readiness.status == "degraded"
        assert [check.name for check in readiness.checks if not check.ok] == ["redis"]
        answers = [httpx.get(f"{url}/v1/notes/cardiology-1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=5999", "r=5998", "r=5997"]
