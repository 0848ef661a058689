"""API, dashboard and a browser over a small clinic."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.clinic import open_clinic

from hctap_embedded.stack import Stack

START_SECONDS = 60
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def api_url(stack: Stack, new_database: Callable[[], str]) -> Iterator[str]:
    """The address of the API."""
    with open_clinic(stack, new_database()) as url:
        yield url


@contextmanager
def open_dashboard(api_url: str, folder: Path, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a dashboard over an API, a process of its own as in production, with `more` in its environment."""
    port = free_port()
    environment = os.environ | {"HCTAP_HOME": str(folder), "HCTAP_API_URL": api_url, "HCTAP_DASHBOARD_PORT": str(port)}
    command = [sys.executable, "-m", "hctap_dashboard"]
    with serving(command, folder, f"http://127.0.0.1:{port}/app/", environment | dict(more or {})):
        yield f"http://127.0.0.1:{port}/app"


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: list[str], folder: Path, url: str, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """A Streamlit server that answers at an address, as a process of its own in a folder, which gets its log."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        wait_for(f"{url}_stcore/health", process, folder / "log")
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def dashboard_url(api_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the dashboard."""
    with open_dashboard(api_url, tmp_path_factory.mktemp("dashboard")) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; closed with the module, because its driver keeps an event loop running in this thread."""
    program = next(
        filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if program is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when the program answers there; its log is the reason why it does not."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
