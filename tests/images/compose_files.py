"""The compose files and Dockerfiles as tests read them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SERVICES = ("api", "dashboard", "etl")
_INSTRUCTION = re.compile(r"[A-Z]+(?=\s)")


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile, its continued lines joined."""

    name: str
    value: str


def read_compose(name: str = "docker-compose.yml") -> dict[str, Any]:
    """A compose file, with its anchors and merges resolved and its variables as they stand there."""
    read: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return read


def read_dockerfile(service: str) -> list[Instruction]:
    """The instructions of a service's Dockerfile."""
    return list(_instructions((ROOT / "services" / service / "Dockerfile").read_text(encoding="utf-8")))


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, value = line.strip().partition(" ")
        assert _INSTRUCTION.match(line.strip()), line
        yield Instruction(name, " ".join(value.split()))
