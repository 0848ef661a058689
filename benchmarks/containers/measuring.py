"""The stack in containers, built, brought up and taken down again, with what each step took."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hctap_core.errors import BadInput

IMAGES: Final = ("api", "dashboard", "etl")
SERVICES: Final = ("postgres", "redis", "localstack", "api", "dashboard", "etl-worker")
ROUNDS: Final = 3
LARGEST: Final = 10
MEGABYTE: Final = 1_000_000
_PROJECT: Final = "hctap-bench"
_HEALTHY_SECONDS: Final = 120
_STEP_SECONDS: Final = 1800
_FIRST_ENTITY: Final = """
import time
begun = time.monotonic()
import pathlib
from hctap_nlp.extractors import load_extractor
reader = load_extractor('hybrid', pathlib.Path('/var/lib/hctap/vocabulary'))
assert reader.extract('Denies chest pain.').mentions
print(time.monotonic() - begun, time.process_time())
"""
_PACKAGES: Final = """
import importlib.metadata as m, importlib.util as u, json, pathlib
sizes = {}
for one in m.distributions():
    files = [str(one.locate_file(file)) for file in one.files or ()]
    # Installers do not list the bytecode that they make.
    files += [u.cache_from_source(file) for file in files if file.endswith('.py')]
    paths = (pathlib.Path(file) for file in {*files})
    sizes[one.metadata['Name'].lower()] = sum(path.stat().st_size for path in paths if path.is_file())
print(json.dumps(sizes))
"""


@dataclass(frozen=True, slots=True)
class Image:
    """An image with its size and its largest packages, bytecode included, by bytes."""

    name: str
    size: int
    packages: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, in seconds; `healthy`, `first_entity` and `first_entity_cpu` have one for each round."""

    images: tuple[Image, ...]
    base: int
    build: float
    up: float
    job: float
    up_again: float
    healthy: dict[str, list[float]]
    first_entity: list[float]
    first_entity_cpu: list[float]


@dataclass(frozen=True)
class Containers:
    """Docker compose over a checkout, as a project of its own."""

    checkout: Path
    environment: dict[str, str]

    def compose(self, *words: str) -> str:
        """What a command of docker compose says."""
        return self.docker("compose", *words)

    def docker(self, *words: str) -> str:
        """What a command of docker says.

        Raises:
            BadInput: It fails.
        """
        command = ["docker", *words]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.checkout,
            env=self.environment,
            timeout=_STEP_SECONDS,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["without a word"]
            raise BadInput(
                f"`docker {' '.join(words[:4])} …` failed: {said[-1]}", remedy="`make up STACK=docker` says why."
            )
        return done.stdout


def measure(checkout: Path, ports: dict[str, int]) -> Figures:
    """Measure the stack of a checkout on these ports (`api`, `dashboard`); everything of it but layers is gone then.

    Raises:
        BadInput: There is no Docker, or it refuses.
    """
    if shutil.which("docker") is None:
        raise BadInput("There is no docker here.", remedy="Install Docker with compose v2.")
    names = {f"HCTAP_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    own = {"COMPOSE_PROJECT_NAME": _PROJECT, "HCTAP_IMAGE_TAG": "bench", **names}
    containers = Containers(checkout, {**os.environ, **own})
    _remove(containers)
    try:
        build = _seconds(lambda: containers.compose("build", "--quiet"))
        up = _seconds(lambda: containers.compose("up", "--detach", "--wait", "--no-build"))
        job = _seconds(lambda: containers.compose("run", "--rm", "--no-TTY", "etl"))
        first = [_first_entity(containers) for _ in range(ROUNDS)]
        return Figures(
            images=tuple(_look_at(containers, name) for name in IMAGES),
            base=_size(containers, _base(checkout)),
            build=build,
            up=up,
            job=job,
            up_again=_up_again(containers),
            healthy={service: [_restart(containers, service) for _ in range(ROUNDS)] for service in SERVICES},
            first_entity=[wall for wall, _ in first],
            first_entity_cpu=[cpu for _, cpu in first],
        )
    finally:
        _remove(containers)
        containers.docker("image", "rm", "--force", *(_image(name) for name in IMAGES))


def _up_again(containers: Containers) -> float:
    containers.compose("stop")
    return _seconds(lambda: containers.compose("up", "--detach", "--wait", "--no-build"))


def _restart(containers: Containers, service: str) -> float:
    """From the start of the container's process to the end of the first check that found it well."""
    containers.compose("restart", service)
    container = containers.compose("ps", "--quiet", service).strip()
    deadline = time.monotonic() + _HEALTHY_SECONDS
    while True:
        state = json.loads(containers.docker("inspect", "--format", "{{json .State}}", container))
        if state["Health"]["Status"] == "healthy":
            return seconds_to_health(state)
        if time.monotonic() > deadline:
            raise BadInput(f"{service} does not get well.", remedy=f"docker compose logs {service}")
        time.sleep(0.2)


def seconds_to_health(state: dict[str, Any]) -> float:
    """From the start of a container to the end of its first good check, by what the engine wrote down of both."""
    started = _read_time(state["StartedAt"])
    checks = [(_read_time(check["Start"]), check) for check in state["Health"]["Log"]]
    # The engine keeps some checks of the time before a restart.
    well = next(check for begun, check in checks if begun > started and check["ExitCode"] == 0)
    return (_read_time(well["End"]) - started).total_seconds()


def _read_time(said: str) -> datetime:
    # Nanoseconds, which Python does not read.
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", said))


def _first_entity(containers: Containers) -> tuple[float, float]:
    """Seconds by the clock, and of CPU, which other work on the machine makes little longer."""
    command = ("run", "--rm", "--network", "none", "--read-only", "--cpus", "1", "--entrypoint", "python")
    wall, cpu = containers.docker(*command, _image("etl"), "-c", _FIRST_ENTITY).split()
    return float(wall), float(cpu)


def _look_at(containers: Containers, name: str) -> Image:
    image = _image(name)
    said = containers.docker("run", "--rm", "--network", "none", "--entrypoint", "python", image, "-c", _PACKAGES)
    sizes: dict[str, int] = json.loads(said)
    largest = sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))[:LARGEST]
    return Image(name, _size(containers, image), tuple(largest))


def _size(containers: Containers, image: str) -> int:
    return int(containers.docker("image", "inspect", "--format", "{{.Size}}", image))


def _base(checkout: Path) -> str:
    read = (checkout / "services" / "api" / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"^ARG PYTHON_IMAGE=(\S+)$", read, re.MULTILINE)
    if found is None:
        raise BadInput("The Dockerfile names no base.", remedy="Give it ARG PYTHON_IMAGE.")
    return found[1]


def _image(name: str) -> str:
    return f"hctap-{name}:bench"


def _remove(containers: Containers) -> None:
    containers.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20")


def _seconds(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
