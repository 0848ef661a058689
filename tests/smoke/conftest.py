"""The stack in containers, built and brought up for these tests, and gone with everything of it at their end."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from hctap_client import Client

ROOT = Path(__file__).parents[2]
PROJECT = "hctap-smoke"
IMAGES = tuple(f"hctap-{name}:smoke" for name in ("api", "dashboard", "etl"))
LONGEST_SECONDS = 1200
LONG_SECONDS = 300
SOME_SECONDS = 60


@dataclass
class Containers:
    """Docker compose with this project's name, and what was measured."""

    environment: dict[str, str] = field(repr=False)
    ports: dict[str, int]
    seconds: dict[str, float] = field(default_factory=dict)

    def docker(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of docker."""
        return self._call(["docker", *words], check=check)

    def compose(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of docker compose."""
        return self._call(["docker", "compose", *words], check=check)

    def up(self) -> None:
        """Bring up what does not run, and wait until all of it is healthy."""
        self.compose("up", "--detach", "--wait", "--no-build")

    def inside(self, service: str, *words: str, check: bool = True) -> str:
        """What a command says in the container of a service."""
        return self.compose("exec", "--no-TTY", service, *words, check=check).stdout

    def once(self, service: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command in a container of its own."""
        return self.compose("run", "--rm", "--no-TTY", service, *words, check=check)

    def key(self) -> str:
        """The admin's key of the API."""
        said = self.compose("run", "--rm", "--no-TTY", "--no-deps", "keys", "cat", "/run/hctap-made/admin/key.env")
        return said.stdout.strip().partition("=")[2]

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.ports['api']}"

    @property
    def dashboard_url(self) -> str:
        """Where the dashboard answers."""
        return f"http://127.0.0.1:{self.ports['dashboard']}/app"

    def _call(self, command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        run = partial(subprocess.run, env=self.environment, cwd=ROOT, timeout=LONGEST_SECONDS)
        done = run(command, check=False, capture_output=True, text=True)
        if check and done.returncode != 0:
            pytest.fail(f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}", pytrace=False)
        return done


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these tests to `make smoke`."""
    wanted = os.environ.get("HCTAP_SMOKE")
    for item in items:
        if "tests/smoke/" in item.nodeid and not wanted:
            item.add_marker(pytest.mark.skip(reason="`make smoke` runs it: it takes Docker and some minutes"))
        elif "tests/smoke/test_beside.py" in item.nodeid and wanted != "all":
            item.add_marker(pytest.mark.skip(reason="`make smoke ALL=1` runs it: it takes some minutes more"))


@pytest.fixture(scope="session")
def containers() -> Iterator[Containers]:
    """The stack, up."""
    if shutil.which("docker") is None:
        pytest.fail("There is no docker here: `make smoke` needs Docker with compose v2.", pytrace=False)
    stack = new_stack(PROJECT)
    remove(stack)
    try:
        stack.seconds["build"] = measure(lambda: stack.compose("build", "--quiet"))
        stack.seconds["up"] = measure(stack.up)
        yield stack
    finally:
        remove(stack)
        stack.docker("image", "rm", "--force", *IMAGES, check=False)


def new_stack(project: str, **settings: str) -> Containers:
    """A stack of its own, on ports of its own; it is not up yet."""
    ports = {"api": free_port(), "dashboard": free_port()}
    own = {"COMPOSE_PROJECT_NAME": project, "HCTAP_IMAGE_TAG": "smoke"}
    own |= {f"HCTAP_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    return Containers(os.environ | own | settings, ports)


def remove(stack: Containers) -> None:
    """Take the stack down with its volumes."""
    stack.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20", check=False)


def run_tests(*words: str, **settings: str) -> str:
    """The last line of other tests of this checkout, which must pass."""
    command = [sys.executable, "-m", "pytest", "-q", *words]
    run = partial(subprocess.run, env=os.environ | settings, cwd=ROOT, timeout=LONGEST_SECONDS)
    done = run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    return str(done.stdout.splitlines()[-1])


def run_end_to_end(stack: Containers) -> str:
    """The last line of the end-to-end tests, which must pass over a stack."""
    addresses = {"E2E_BASE_URL": stack.api_url, "E2E_DASHBOARD_URL": stack.dashboard_url}
    return run_tests("tests/e2e/test_any_stack.py", E2E_API_KEY=stack.key(), **addresses)


def until_ready(client: Client) -> None:
    """Wait until the API says that everything which it stands on is there."""
    until(lambda: client.ready().status == "ready", "the API is ready")


def until(is_so: Callable[[], bool], what: str, seconds: float = SOME_SECONDS) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def measure(work: Callable[[], object]) -> float:
    """How many seconds a work takes."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
