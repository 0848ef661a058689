"""Sign-in at an OpenID provider on AWS: what API and dashboard are told of it, and who reads the secret."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.infra.assemblies import Assembly, as_list
from tests.infra.conftest import IDENTITY
from tests.infra.test_agreement import CLASSES, names_read

from hctap_core.errors import SettingsInvalid
from hctap_infra.environments import read_environment

CLIENT: Any = IDENTITY["dashboard"]
# A word of the settings, and no token.
WORD = "HCTAP_OIDC_TOKEN"


def _container(assembly: Assembly, name: str) -> dict[str, Any]:
    (container,) = assembly.one("AWS::ECS::TaskDefinition", f"Programs{name.title()}").properties[
        "ContainerDefinitions"
    ]
    return dict(container)


def _settings(assembly: Assembly, name: str) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in _container(assembly, name)["Environment"]}


def test_the_api_takes_the_providers_tokens(flagged: Assembly) -> None:
    told = {name: value for name, value in _settings(flagged, "api").items() if "OIDC" in name}

    assert told == {
        "HCTAP_OIDC_ISSUER": IDENTITY["issuer"],
        "HCTAP_OIDC_AUDIENCE": IDENTITY["audience"],
        "HCTAP_OIDC_ROLE_CLAIM": IDENTITY["role_claim"],
        "HCTAP_OIDC_ROLE_PREFIX": IDENTITY["role_prefix"],
    }


def test_the_dashboard_is_told_all_but_its_secrets(flagged: Assembly) -> None:
    told = _settings(flagged, "dashboard")

    assert {name: value for name, value in told.items() if "OIDC" in name} == {
        "HCTAP_OIDC_ISSUER": IDENTITY["issuer"],
        "HCTAP_OIDC_AUDIENCE": IDENTITY["audience"],
        "HCTAP_OIDC_CLIENT_ID": CLIENT["client_id"],
        WORD: CLIENT["token"],
    }
    assert told["HCTAP_DASHBOARD_URL"] == f"https://{flagged.environment.edge.domain}"
    assert not [name for name in told.keys() - {WORD} if "SECRET" in name or "TOKEN" in name or "PASSWORD" in name]


def test_the_secrets_come_out_of_the_secret_that_is_named(flagged: Assembly) -> None:
    given = {one["Name"]: one["ValueFrom"] for one in _container(flagged, "dashboard")["Secrets"]}

    assert given == {
        "HCTAP_OIDC_CLIENT_SECRET": f"{CLIENT['secret_arn']}:client_secret::",
        "HCTAP_DASHBOARD_COOKIE_SECRET": f"{CLIENT['secret_arn']}:cookie_secret::",
    }


@pytest.mark.parametrize("name", ["api", "dashboard"])
def test_every_setting_is_one_that_the_program_reads(flagged: Assembly, name: str) -> None:
    container = _container(flagged, name)
    given = {one["Name"] for key in ("Environment", "Secrets") for one in container[key]}

    assert given - {"PGPASSWORD"} <= names_read(CLASSES[name])


def test_the_dashboards_tasks_are_started_with_that_secret_and_no_other(flagged: Assembly) -> None:
    allowed = {
        action: as_list(statement["Resource"])
        for policy, statement in flagged.statements()
        if policy.name.startswith("ProgramsDashboardExecutionPolicy")
        for action in as_list(statement["Action"])
    }

    assert allowed["secretsmanager:GetSecretValue"] == [CLIENT["secret_arn"]]
    assert allowed["kms:Decrypt"] == [CLIENT["secret_key_arn"]]
    for policy, statement in flagged.statements():
        if not policy.name.startswith("ProgramsDashboardExecutionPolicy"):
            assert CLIENT["secret_arn"] not in str(statement), policy.name


def test_without_a_provider_people_sign_in_with_keys(assembly: Assembly) -> None:
    for name in ("api", "dashboard"):
        assert not [one for one in _settings(assembly, name) if "OIDC" in one]
    assert "Secrets" not in _container(assembly, "dashboard")
    domain = assembly.environment.edge.domain
    assert _settings(assembly, "dashboard").get("HCTAP_DASHBOARD_URL") == (f"https://{domain}" if domain else None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "identity.dashboard needs edge.domain"),
        ({"issuer": "http://id.example.org"}, "identity.issuer"),
        ({"dashboard": CLIENT | {"secret_arn": "hc-tap/staging/sign-in"}}, "identity.dashboard.secret_arn"),
        ({"client_secret": "s"}, "identity.client_secret"),
    ],
)
def test_half_a_provider_is_refused(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump({"dev": {"identity": {**IDENTITY, **more}}}))

    with pytest.raises(SettingsInvalid, match=said):
        read_environment("dev", path)


def test_an_api_alone_needs_no_address_for_people(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump({"dev": {"identity": {**IDENTITY, "dashboard": None}}}))

    identity = read_environment("dev", path).identity
    assert identity
    assert identity.dashboard is None
