"""The task definitions run what the Dockerfiles declare, as docker-compose.yml runs it, with settings that are read."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings
from tests.infra.assemblies import Assembly

from hctap_api.settings import Settings as ApiSettings
from hctap_dashboard.settings import Settings as DashboardSettings
from hctap_etl.settings import Settings as EtlSettings

ROOT = Path(__file__).parents[2]
# libpq's own, and what AWS's libraries read.
FOREIGN = {"PGPASSWORD"}
CLASSES: dict[str, type[BaseSettings]] = {
    "api": ApiSettings, "dashboard": DashboardSettings, "etl": EtlSettings, "worker": EtlSettings,
}  # fmt: skip


def _dockerfile(image: str) -> str:
    return (ROOT / "services" / image / "Dockerfile").read_text(encoding="utf-8")


def _compose() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return composed


def _container(assembly: Assembly, name: str) -> dict[str, Any]:
    for task in assembly.resources("AWS::ECS::TaskDefinition"):
        if task.properties["Family"].endswith(f"-{name}"):
            (container,) = task.properties["ContainerDefinitions"]
            return dict(container)
    raise LookupError(name)


def names_read(settings: type[BaseSettings]) -> set[str]:
    prefix = str(settings.model_config.get("env_prefix") or "")
    names = set()
    for name, one in settings.model_fields.items():
        alias = one.validation_alias or one.alias
        choices = getattr(alias, "choices", None) or [alias or f"{prefix}{name}"]
        names |= {str(choice).upper() for choice in choices}
    return names


@pytest.mark.parametrize("name", CLASSES)
def test_every_setting_is_one_that_the_program_reads(assembly: Assembly, name: str) -> None:
    container = _container(assembly, name)
    given = {one["Name"] for one in container["Environment"]} | {one["Name"] for one in container.get("Secrets", [])}

    assert given - FOREIGN <= names_read(CLASSES[name])


@pytest.mark.parametrize("name", ["api", "dashboard", "worker"])
def test_what_compose_sets_is_set_here_too_or_said_in_another_way(flagged: Assembly, name: str) -> None:
    given = {one["Name"] for one in _container(flagged, name)["Environment"]}
    composed = _compose()["services"][{"worker": "etl-worker"}.get(name, name)].get("environment", {})

    # A tracker of lineage is one's own and off; of the provider an environment says what it is not by default.
    assert set(composed) - {"HCTAP_OPENLINEAGE_URL", "HCTAP_OIDC_JWKS_URL", "HCTAP_OIDC_SCOPES"} <= given


@pytest.mark.parametrize("image", ["api", "dashboard"])
def test_ports_are_those_that_the_images_expose_and_compose_publishes(assembly: Assembly, image: str) -> None:
    (mapping,) = _container(assembly, image)["PortMappings"]
    exposed = re.search(r"^EXPOSE (\d+)$", _dockerfile(image), re.MULTILINE)
    (published,) = _compose()["services"][image]["ports"]

    assert exposed
    assert str(mapping["ContainerPort"]) == exposed.group(1) == published.rpartition(":")[2]


@pytest.mark.parametrize("image", ["api", "dashboard"])
def test_health_is_asked_at_the_same_address(assembly: Assembly, image: str) -> None:
    asked = re.search(r"http://127\.0\.0\.1:\d+[\w/]+", " ".join(_container(assembly, image)["HealthCheck"]["Command"]))

    assert asked
    assert asked.group() in _dockerfile(image)


def test_a_worker_is_asked_where_it_says_that_it_listens(assembly: Assembly) -> None:
    container = _container(assembly, "worker")
    settings = {one["Name"]: one["Value"] for one in container["Environment"]}
    composed = _compose()["services"]["etl-worker"]
    asked = [
        re.search(r"http://[\w.]+:\d+/\w+", str(one)) for one in (container["HealthCheck"], composed["healthcheck"])
    ]

    assert settings["HCTAP_WORKER_PORT"] == composed["environment"]["HCTAP_WORKER_PORT"]
    assert {found and found.group() for found in asked} == {f"http://127.0.0.1:{settings['HCTAP_WORKER_PORT']}/health"}
    assert "PortMappings" not in container, "nobody else asks"


@pytest.mark.parametrize("task", CLASSES)
def test_commands_are_the_images_or_arguments_to_their_entry_point(assembly: Assembly, task: str) -> None:
    container = _container(assembly, task)
    command, has_entry_point = container.get("Command"), "ENTRYPOINT [" in _dockerfile(container["Name"])

    # Where the image has no entry point, its own command is what runs.
    assert (command is not None) is has_entry_point


def test_the_worker_runs_as_in_compose(assembly: Assembly) -> None:
    command = _container(assembly, "worker")["Command"]
    composed = _compose()["services"]["etl-worker"]

    assert command[0] == composed["command"][0] == "worker"
    assert f"{_container(assembly, 'worker')['StopTimeout']}s" == composed["stop_grace_period"]


def test_migrations_are_the_same_words_in_both_worlds() -> None:
    from hctap_infra.compute.programs import MIGRATION

    assert list(MIGRATION) == _compose()["services"]["migrate"]["command"]
    assert " ".join(MIGRATION) in (ROOT / "infra" / "targets.mk").read_text()


def test_commands_are_ones_that_the_program_knows(assembly: Assembly) -> None:
    from typer.main import get_command

    from hctap_etl.__main__ import app

    known = get_command(app).commands  # type: ignore[attr-defined]  # a group has them
    for task in ("etl", "worker"):
        assert _container(assembly, task)["Command"][0] in known


def test_containers_are_as_closed_as_in_compose(assembly: Assembly) -> None:
    for name in CLASSES:
        composed = _compose()["services"][{"worker": "etl-worker"}.get(name, name)]
        container = _container(assembly, name)
        assert container["ReadonlyRootFilesystem"] is composed["read_only"]
        assert container["LinuxParameters"]["Capabilities"]["Drop"] == composed["cap_drop"]
        assert container["LinuxParameters"]["InitProcessEnabled"] is composed["init"]


def test_an_image_is_pushed_for_every_task() -> None:
    pushed = re.search(r"for image in ([\w ]+); do", (ROOT / "infra" / "push").read_text())

    assert pushed
    assert pushed.group(1).split() == ["api", "dashboard", "etl"]
    for image in pushed.group(1).split():
        assert _dockerfile(image)
