"""What every Dockerfile must hold; beside hadolint, which the workflow runs."""

import json
import re
import subprocess
import tomllib
from typing import Any

import pytest
from tests.images.compose_files import ROOT, SERVICES, Instruction, read_dockerfile

LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
DEFAULT = re.compile(r"\w+=(?P<image>[\w./-]+):(?P<tag>[\w.-]+)(@sha256:[0-9a-f]{64})?")


def final_stage(service: str) -> list[Instruction]:
    """The instructions of the image that is shipped."""
    read = read_dockerfile(service)
    last = max(number for number, one in enumerate(read) if one.name == "FROM")
    return read[last:]


def values(instructions: list[Instruction], name: str) -> list[str]:
    return [one.value for one in instructions if one.name == name]


@pytest.mark.parametrize("service", SERVICES)
def test_every_base_is_pinned_by_one_argument(service: str) -> None:
    read = read_dockerfile(service)
    defaults = {}
    for given in values(read, "ARG"):
        if found := DEFAULT.fullmatch(given):
            defaults[given.partition("=")[0]] = found["tag"]
    assert set(defaults) == {"PYTHON_IMAGE", "UV_IMAGE"}
    assert "latest" not in defaults.values()
    assert [value.split()[0] for value in values(read, "FROM")] == ["${UV_IMAGE}", "${PYTHON_IMAGE}", "${PYTHON_IMAGE}"]


def test_all_three_start_from_the_same_bases_and_the_makefiles_uv() -> None:
    arguments = [set(values(read_dockerfile(service), "ARG")) for service in SERVICES]
    assert arguments[0] == arguments[1] == arguments[2]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    version = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert version
    assert f"UV_IMAGE=ghcr.io/astral-sh/uv:{version[1]}" in arguments[0]


@pytest.mark.parametrize("service", SERVICES)
def test_it_runs_as_nobody_in_particular_and_says_whether_it_is_well(service: str) -> None:
    final = final_stage(service)
    assert values(final, "USER") == ["10001:10001"]
    (health,) = values(final, "HEALTHCHECK")
    json.loads(health[health.index("CMD") + 3 :])
    for name in ("CMD", "ENTRYPOINT"):
        for value in values(final, name):
            assert isinstance(json.loads(value), list), f"{name} is not in exec form"
    assert values(final, "CMD")


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_installed_from_the_lock_and_carries_no_tool_that_installs(service: str) -> None:
    build = read_dockerfile(service)
    syncs = [value for value in values(build, "RUN") if "uv sync" in value]
    assert len(syncs) == 2
    assert all("--frozen" in sync and "--no-default-groups" in sync for sync in syncs)
    assert f"--package hctap-{service}" in syncs[0]
    final = final_stage(service)
    assert any("pip uninstall" in value for value in values(final, "RUN"))
    assert not any("/uv" in value for value in values(final, "COPY"))
    assert not values(build, "ADD")


@pytest.mark.parametrize("service", SERVICES)
def test_a_change_of_code_leaves_the_layer_of_dependencies(service: str) -> None:
    read = read_dockerfile(service)
    first_sync = next(number for number, one in enumerate(read) if "--no-install-workspace" in one.value)
    first_copy = next(number for number, one in enumerate(read) if one.name == "COPY")
    assert first_sync < first_copy
    # The revision changes with each commit, so nothing that takes time may stand below it.
    revision = next(number for number, one in enumerate(read) if one.value.startswith("REVISION="))
    assert {one.name for one in read[revision:]} <= {"ARG", "LABEL"}


@pytest.mark.parametrize("service", SERVICES)
def test_it_copies_the_members_that_it_stands_on_and_no_other(service: str) -> None:
    members = {package["name"]: package for package in LOCK["package"] if "editable" in package.get("source", {})}
    needed, waiting = set(), [f"hctap-{service}"]
    while waiting:
        name = waiting.pop()
        if name in members and name not in needed:
            needed.add(name)
            waiting += [one["name"] for one in members[name].get("dependencies", ())]
    folders = {members[name]["source"]["editable"] for name in needed}
    copied = {value.split()[0] for value in values(read_dockerfile(service), "COPY") if not value.startswith("--")}
    assert copied - {"pyproject.toml"} == folders


@pytest.mark.parametrize("service", SERVICES)
def test_labels_name_title_licence_and_revision(service: str) -> None:
    labels = " ".join(values(final_stage(service), "LABEL"))
    for name in ("title", "description", "licenses", "version", "revision"):
        assert f"org.opencontainers.image.{name}=" in labels


def test_nothing_enters_a_build_but_what_is_listed() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        value.split()[0] for service in SERVICES for value in values(read_dockerfile(service), "COPY")
        if not value.startswith("--")
    }  # fmt: skip
    assert copied <= let_in
    assert not {path.split("/")[0] for path in let_in} & {"samples", "tests", ".git", ".env", ".hctap", "contracts"}


PLATFORMS = {
    "amd64": re.compile(r"manylinux[\w.]*_x86_64|none-any"),
    "arm64": re.compile(r"manylinux[\w.]*_aarch64|none-any"),
}
FOR_THIS_PYTHON = re.compile(r"-(cp311-cp311|cp3\d+-abi3|py3|py2\.py3)-")
ELSEWHERE = ("win32", "emscripten", "darwin", "python_full_version < '3.11")


def packages_of(service: str) -> set[str]:
    """The names of the packages that a service's image has by the lock; its own members are not among them."""
    packages: dict[str, list[dict[str, Any]]] = {}
    for package in LOCK["package"]:
        packages.setdefault(package["name"], []).append(package)
    needed: set[str] = set()
    waiting = [f"hctap-{service}"]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            wanted = [one for package in packages[name] for one in package.get("dependencies", ())]
            waiting += [one["name"] for one in wanted if not any(word in one.get("marker", "") for word in ELSEWHERE)]
    return {name for name in needed if not any("editable" in package["source"] for package in packages[name])}


@pytest.mark.parametrize("service", SERVICES)
def test_an_architecture_without_wheels_is_named_before_anything_is_fetched(service: str) -> None:
    check = values(read_dockerfile(service), "RUN")[0]
    said = {}
    for name in ("amd64", "arm64", "riscv64"):
        command = ["/bin/sh", "-ec", check]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env={"TARGETARCH": name})
        said[name] = done.returncode, done.stderr
    assert said["amd64"] == said["arm64"] == (0, "")
    assert said["riscv64"][0] == 1
    assert said["riscv64"][1].startswith("error: There are no wheels for riscv64: ")
    assert said["riscv64"][1].count("\n") == 1


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("service", SERVICES)
def test_the_lock_has_wheels_for_every_platform(service: str, platform: str) -> None:
    needed = packages_of(service)
    assert len(needed) > 20
    having = {
        package["name"]
        for package in LOCK["package"]
        for wheel in package.get("wheels", ())
        if PLATFORMS[platform].search(wheel["url"]) and FOR_THIS_PYTHON.search(wheel["url"])
    }
    assert needed - having == set()
