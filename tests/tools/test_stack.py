"""`tools/stack`: which stack a command is for, and what it says where Docker cannot be had."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = "sh dirname cat mkdir chmod grep sed head tail timeout mktemp rm id git env".split()  # noqa: SIM905 - reads better
ENGINE = """
case "$*" in
    "version --format"*) echo "28.0.0 amd64" ;;
    "compose version --short") echo 2.30.0 ;;
    "info --format"*) echo 8000000000 ;;
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script alone, and a PATH on which there is no docker."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "stack", tmp_path / "tools" / "stack")
    (tmp_path / "bin").mkdir()
    for name in PROGRAMS:
        program = shutil.which(name)
        assert program
        (tmp_path / "bin" / name).symlink_to(program)
    return tmp_path


def put(checkout: Path, name: str, script: str) -> None:
    """A program of that name for the script to find."""
    path = checkout / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def call(checkout: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": str(checkout / "bin"), "HCTAP_HOME": str(checkout / "home"), "MAKE": "true", **settings}
    (checkout / "bin" / "true").unlink(missing_ok=True)
    (checkout / "bin" / "true").symlink_to(shutil.which("true") or "/bin/true")
    return subprocess.run(
        [checkout / "tools" / "stack", *command], check=False, capture_output=True, text=True, env=kept, timeout=60
    )


FAULTS = [
    # what docker answers, the words that must stand in the one line
    pytest.param(None, ["There is no docker here", "STACK=embedded"], id="none"),
    pytest.param(
        'echo "permission denied while trying to connect" >&2; exit 1', ["usermod -aG docker"], id="permission"
    ),
    pytest.param(
        'echo "Cannot connect to the Docker daemon" >&2; exit 1', ["does not answer", "start docker"], id="down"
    ),
    pytest.param(
        '[ "$1" = version ] && echo "20.10 amd64" || exit 1', ["no compose v2", "docker-compose-plugin"], id="compose"
    ),
    pytest.param(
        ENGINE + '    "compose up"*) echo "Bind for 127.0.0.1:8501 failed: port is already allocated"; exit 1 ;;\nesac',
        ["Port 8501", "HCTAP_PORT_PREFIX=1"],
        id="port",
    ),
    pytest.param(
        ENGINE
        + '    "compose up"*) echo " localstack Pulling"; echo " localstack Error no such host"; exit 1 ;;\nesac',
        ["The image of localstack cannot be had: no such host.", "AWS_EMULATOR_IMAGE"],
        id="no image",
    ),
    pytest.param(
        ENGINE + '    "compose up"*) echo "Invalid hostPort: 78501"; exit 1 ;;\nesac',
        ["There is no port 78501", "HCTAP_PORT_PREFIX is a digit from 1 to 5"],
        id="no port",
    ),
    pytest.param(
        ENGINE + '    "compose up"*) echo "write: no space left on device"; exit 1 ;;\nesac',
        ["The disk of the Docker engine is full", "docker system df"],
        id="disk",
    ),
    pytest.param(
        ENGINE.replace("amd64", "riscv64") + "esac", ["no wheels", "riscv64", "amd64 or arm64"], id="architecture"
    ),
    pytest.param(
        ENGINE
        + '    "compose up"*) echo "#9 3.125 error: Failed to fetch: it is away"\n'
        + '        echo "failed to solve: process did not complete"; exit 1 ;;\nesac',
        ["An image cannot be built: Failed to fetch: it is away"],
        id="build",
    ),
    pytest.param(
        ENGINE + '    "compose ps"*) echo c1 ;;\n    "inspect"*) echo / ;;\nesac',
        ["The stack of that name is /'s", "HCTAP_PORT_PREFIX=1"],
        id="another checkout",
    ),
    pytest.param(
        ENGINE
        + '    "compose up"*) exit 1 ;;\n    "compose ps"*migrate) echo "4 exited" ;;\n'
        + '    "compose logs"*migrate) echo \'{"event": "x"}\'; printf "\\033[2Kerror: It is away.\\n" ;;\nesac',
        ["The service migrate ended: It is away."],
        id="service",
    ),
    pytest.param(
        ENGINE
        + '    "compose up"*) exit 1 ;;\n    "compose ps"*migrate) echo "4 exited" ;;\n    "compose logs"*migrate) '
        + 'echo "error: PostgreSQL at p refuses the user or the password. Correct HCTAP_DATABASE_URL." ;;\nesac',
        ["migrate ended: PostgreSQL at p refuses the user or the password. The data", "down --volumes"],
        id="password",
    ),
    pytest.param(
        ENGINE
        + '    "compose up"*) exit 1 ;;\n    "compose ps"*migrate | "compose ps"*localstack) echo "0 exited" ;;\nesac',
        ["The service localstack ended: without a word.", "docker compose logs localstack"],
        id="store",
    ),
]


@pytest.mark.parametrize(("docker", "words"), FAULTS)
def test_a_fault_of_docker_is_one_line_with_the_remedy(checkout: Path, docker: str | None, words: list[str]) -> None:
    if docker is not None:
        put(checkout, "bin/docker", docker)
    said = call(checkout, "up", STACK="docker")
    assert said.returncode == 4
    (line,) = [line for line in said.stderr.splitlines() if line.startswith("error: ")]
    for word in words:
        assert word in line


def test_without_a_choice_it_is_the_embedded_stack(checkout: Path) -> None:
    put(checkout, ".venv/bin/hctap-embedded", 'echo "embedded $*"')
    said = call(checkout, "status")
    assert (said.returncode, said.stdout, said.stderr) == (0, "embedded status\n", "")


def test_the_stack_used_last_is_used_again_and_a_change_is_announced(checkout: Path) -> None:
    put(checkout, ".venv/bin/hctap-embedded", 'echo "embedded $*"')
    put(checkout, "bin/docker", ENGINE + '    "compose ps"*) echo "containers" ;;\nesac')
    first = call(checkout, "status", STACK="docker")
    assert "containers" in first.stdout
    assert "This is the docker stack" in first.stderr
    put(checkout, "bin/docker", ENGINE + '    "compose ps --all"*) echo "containers" ;;\nesac')
    second = call(checkout, "status")
    assert ("containers" in second.stdout, second.stderr) == (True, "")
    third = call(checkout, "status", STACK="embedded")
    assert "This is the embedded stack" in third.stderr


def test_the_stack_that_is_up_goes_before_the_one_used_last(checkout: Path) -> None:
    put(checkout, ".venv/bin/hctap-embedded", 'echo "embedded $*: stopped"')
    put(checkout, "bin/docker", ENGINE + '    "compose ps"*) echo "containers" ;;\nesac')
    said = call(checkout, "status")
    assert "containers" in said.stdout
    assert "This is the docker stack" in said.stderr


def test_the_stack_of_another_checkout_is_not_the_one_that_is_up(checkout: Path) -> None:
    put(checkout, ".venv/bin/hctap-embedded", 'echo "embedded $*"')
    put(checkout, "bin/docker", ENGINE + '    "compose ps"*) echo c1 ;;\n    "inspect"*) echo / ;;\nesac')
    said = call(checkout, "status")
    assert (said.returncode, said.stdout, said.stderr) == (0, "embedded status\n", "")


def test_too_little_memory_is_said_and_does_not_stop_it(checkout: Path) -> None:
    put(checkout, "bin/docker", ENGINE.replace("8000000000", "1000000000") + '    *) echo "127.0.0.1:1" ;;\nesac')
    said = call(checkout, "status", STACK="docker")
    assert (said.returncode, "needs 3 GB" in said.stderr) == (0, True)


@pytest.mark.parametrize("words", [("frobnicate",), ()])
def test_an_unknown_command_shows_the_known_ones(checkout: Path, words: tuple[str, ...]) -> None:
    said = call(checkout, *words)
    assert (said.returncode, "usage:" in said.stderr) == (2, True)


def test_an_unknown_stack_is_refused(checkout: Path) -> None:
    said = call(checkout, "up", STACK="podman")
    assert (said.returncode, "STACK=podman is no stack" in said.stderr) == (4, True)


def test_the_makefile_has_a_target_for_each_command(checkout: Path) -> None:
    usage = call(checkout).stderr
    commands = usage.split("tools/stack ")[1].split("|")
    makefile = (ROOT / "Makefile").read_text()
    for command in commands:
        assert f"\n{command.strip()}: ##" in makefile, command
    assert os.access(ROOT / "tools" / "stack", os.X_OK)
