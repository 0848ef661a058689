"""What every service of the compose file must hold, read from the file itself; `make smoke` brings it up."""

import json
import re
from typing import Any

import pytest
from tests.images.compose_files import ROOT, read_compose

from hctap_api.settings import Settings as ApiSettings
from hctap_dashboard.settings import Settings as DashboardSettings

COMPOSE = read_compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {name for name, service in SERVICES.items() if service.get("restart") == "no"}
# Third parties' images that were made for root; they lose their capabilities all the same.
AS_ROOT = {"localstack"}
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("hctap-")}
PROFILES = {"etl", "seed", "scale", "observability", "lineage"}
# Which of the provider's tokens the API takes.
NO_SECRETS = {"HCTAP_OIDC_TOKEN"}
PUBLISHED = {"api", "dashboard", "grafana", "marquez"}
named = pytest.mark.parametrize("name", SERVICES)


@named
def test_no_service_may_do_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert not service.get("cap_add")
    assert service["init"] is True
    assert service["read_only"] is (name not in AS_ROOT)
    if name not in OURS | AS_ROOT:
        assert service["user"].split(":")[0] != "0"
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}


@named
def test_what_comes_before_is_waited_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert how == {"condition": expected}


@named
def test_only_what_must_be_reached_is(name: str) -> None:
    service = SERVICES[name]
    for port in service.get("ports", ()):
        assert port.startswith("127.0.0.1:${")
    published = bool(service.get("ports"))
    assert published == ("edge" in service.get("networks", ()))
    assert published == (name in PUBLISHED)
    if name == "dashboard":
        assert "stores" not in service["networks"]


def test_networks_of_the_stores_lead_nowhere() -> None:
    closed = {"internal": True}
    assert COMPOSE["networks"] == {"stores": closed, "front": closed, "marquez": closed, "edge": {}}


@named
def test_no_password_stands_in_the_file_or_in_an_environment(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|SECRET|KEY|TOKEN", key) and key not in NO_SECRETS:
            assert key.endswith("_FILE"), key
            assert str(value).startswith("/run/"), key


@named
def test_secrets_are_written_by_their_makers_alone(name: str) -> None:
    makers = {
        "secrets": {"secret-postgres", "secret-redis", "secret-stores"},
        "keys": {"secret-admin", "secret-dashboard"},
        "prometheus-key": {"secret-prometheus"},
    }
    for volume in SERVICES[name].get("volumes", ()):
        if isinstance(volume, dict) and volume["source"].startswith("secret-"):
            may_write = volume["source"] in makers.get(name, set())
            assert volume.get("read_only", False) is not may_write
            if not may_write:
                assert volume["volume"] == {"nocopy": True}


@named
def test_it_does_not_start_again_for_ever(name: str) -> None:
    assert SERVICES[name]["restart"] in {"no", "on-failure:5"}


@named
def test_images_of_others_are_pinned_and_can_be_changed_by_a_variable(name: str) -> None:
    image = SERVICES[name]["image"]
    if name in OURS:
        assert image.endswith(":${HCTAP_IMAGE_TAG:-local${HCTAP_PORT_PREFIX:-}}")
    else:
        found = re.fullmatch(r"\$\{[A-Z_]+_IMAGE:-[\w./-]+:([\w.-]+)\}", image)
        assert found
        assert found[1] != "latest"


def test_each_of_our_images_is_built_by_one_service() -> None:
    built = {service["image"]: service["build"]["dockerfile"] for service in SERVICES.values() if "build" in service}
    assert set(built.values()) == {f"services/{name}/Dockerfile" for name in ("api", "dashboard", "etl")}
    assert {SERVICES[name]["image"] for name in OURS} == set(built)
    for name in OURS:
        assert "build" in SERVICES[name] or SERVICES[name]["pull_policy"] == "never"


def test_a_plain_up_has_all_but_what_a_profile_adds() -> None:
    plain = {name for name, service in SERVICES.items() if not service.get("profiles")}
    assert plain == {
        "secrets", "postgres", "redis", "localstack", "migrate", "lake", "keys", "api", "dashboard", "first-run",
        "etl-worker",
    }  # fmt: skip
    assert {profile for service in SERVICES.values() for profile in service.get("profiles", ())} == PROFILES


def test_the_settings_that_it_gives_are_settings() -> None:
    for name, settings in (("api", ApiSettings), ("dashboard", DashboardSettings)):
        known = {f"HCTAP_{field.upper()}" for field in settings.model_fields}
        assert {key for key in SERVICES[name]["environment"] if key.startswith("HCTAP_")} <= known


def test_localstack_makes_the_buckets_that_are_described() -> None:
    described = json.loads((ROOT / "contracts" / "buckets.json").read_text())
    names = {bucket["name"] for bucket in described["buckets"] if bucket["is_local"]}
    assert names == {
        ApiSettings.model_fields["raw_bucket"].default,
        ApiSettings.model_fields["enriched_bucket"].default,
    }
    mounts = [volume for volume in SERVICES["localstack"]["volumes"] if isinstance(volume, str)]
    for mount in mounts:
        source, _, mode = mount.split(":")
        assert (ROOT / source).exists()
        assert mode == "ro"
