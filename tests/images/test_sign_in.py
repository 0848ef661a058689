"""Sign-in at an OpenID provider in containers: what compose tells API and dashboard of it, and how secrets come in."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.images.compose_files import ROOT, read_compose, read_dockerfile

from hctap_api.settings import Settings as ApiSettings
from hctap_dashboard.settings import Settings as DashboardSettings
from hctap_dashboard.settings import read_settings

PROVIDER = {
    "HCTAP_OIDC_ISSUER": "https://id.example.org/realms/clinic",
    "HCTAP_OIDC_AUDIENCE": "hc-tap",
    "HCTAP_OIDC_ROLE_CLAIM": "realm_access.roles",
    "HCTAP_OIDC_CLIENT_ID": "hc-tap-dashboard",
    "HCTAP_OIDC_TOKEN": "id",
    "HCTAP_DASHBOARD_URL": "https://hc-tap.example.org",
}
CLIENT_SECRET, COOKIE_SECRET = 'a "quoted" $ecret', "c" * 32


def compose(**environment: str) -> dict[str, Any]:
    """The whole configuration, its variables filled in as docker compose does it; it asks no engine."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker compose on this machine")
    command = [docker, "compose", "--env-file", "/dev/null", "config", "--format", "json"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=True)
    assert not done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def settings_of(composed: dict[str, Any], service: str) -> dict[str, str]:
    """The environment of a service; compose spells `$` twice."""
    given: dict[str, str] = composed["services"][service]["environment"]
    return {name: value.replace("$$", "$") for name, value in given.items()}


def use(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], folder: Path) -> None:
    """Stand where the program stands, with what it is told."""
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("HCTAP_")]:
        monkeypatch.delenv(name)
    for name, value in (settings | {"HCTAP_HOME": str(folder)}).items():
        monkeypatch.setenv(name, value)


def test_a_plain_up_has_no_provider(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    composed = compose()

    assert composed["secrets"]["sign-in"]["file"] == "/dev/null"
    use(monkeypatch, settings_of(composed, "dashboard"), tmp_path)
    assert read_settings().registration is None
    use(monkeypatch, settings_of(composed, "api"), tmp_path)
    assert ApiSettings().oidc_issuer is None


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:8501"),
        ({"HCTAP_PORT_PREFIX": "1"}, "http://127.0.0.1:18501"),
        ({"HCTAP_DASHBOARD_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"HCTAP_DASHBOARD_URL": "https://notes.example.org"}, "https://notes.example.org"),
    ],
)
def test_the_provider_leads_back_to_where_the_dashboard_is(environment: dict[str, str], url: str) -> None:
    assert settings_of(compose(**environment), "dashboard")["HCTAP_DASHBOARD_URL"] == url


def test_both_programs_are_told_of_the_provider_and_the_file_has_the_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "sign-in.env"
    file.write_text(f"HCTAP_OIDC_CLIENT_SECRET='{CLIENT_SECRET}'\nHCTAP_DASHBOARD_COOKIE_SECRET={COOKIE_SECRET}\n")
    composed = compose(**PROVIDER, HCTAP_SIGN_IN_FILE=str(file))

    assert composed["secrets"]["sign-in"]["file"] == str(file)
    assert "ecret" not in str(composed["services"]["dashboard"]["environment"])
    use(monkeypatch, settings_of(composed, "api"), tmp_path)
    api = ApiSettings()
    assert (api.oidc_issuer, api.oidc_audience, api.oidc_role_claim, api.oidc_role_prefix) == (
        PROVIDER["HCTAP_OIDC_ISSUER"], PROVIDER["HCTAP_OIDC_AUDIENCE"], PROVIDER["HCTAP_OIDC_ROLE_CLAIM"], "",
    )  # fmt: skip
    # In the container the file stands where the program starts, as `.env`.
    file.rename(tmp_path / ".env")
    use(monkeypatch, settings_of(composed, "dashboard"), tmp_path)
    made = read_settings().registration
    assert made is not None
    assert (made.client_secret, made.cookie_secret, made.url, made.token) == (
        CLIENT_SECRET, COOKIE_SECRET, PROVIDER["HCTAP_DASHBOARD_URL"], "id",
    )  # fmt: skip


def test_the_file_stands_where_the_image_starts_and_goes_to_nobody_else() -> None:
    services = read_compose()["services"]
    *_, folder = (one.value for one in read_dockerfile("dashboard") if one.name == "WORKDIR")

    assert services["dashboard"]["secrets"] == [{"source": "sign-in", "target": f"{folder}/.env"}]
    assert [name for name, service in services.items() if "secrets" in service] == ["dashboard"]


def test_what_the_dashboard_reads_of_a_provider_can_be_given() -> None:
    given = set(read_compose()["services"]["dashboard"]["environment"])
    read = {f"HCTAP_{name.upper()}" for name in DashboardSettings.model_fields if name.startswith("oidc_")}

    assert read - given == {"HCTAP_OIDC_CLIENT_SECRET"}
    api = set(read_compose()["services"]["api"]["environment"])
    assert {f"HCTAP_{name.upper()}" for name in ApiSettings.model_fields if name.startswith("oidc_")} <= api
