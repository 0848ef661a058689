"""The API over a small clinic."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.clinic import open_clinic, serve, settings_of

from hctap_api.main import create_app
from hctap_api.settings import Settings
from hctap_client import Client
from hctap_embedded.stack import Stack


@pytest.fixture(scope="session")
def clinic_database(new_database: Callable[[], str]) -> str:
    """The URL of the clinic's database."""
    return new_database()


@pytest.fixture(scope="session")
def api_url(stack: Stack, clinic_database: str) -> Iterator[str]:
    """The address of the API."""
    with open_clinic(stack, clinic_database) as url:
        yield url


@pytest.fixture(scope="module")
def client(stack: Stack, database_url: str) -> Iterator[Client]:
    """A client of the API over a clinic of this test module's own, which it may change."""
    with open_clinic(stack, database_url) as url, Client(url) as opened:
        yield opened


@pytest.fixture
def clinic_settings(stack: Stack, api_url: str, clinic_database: str) -> Settings:
    """The settings that the clinic's API runs with."""
    assert api_url
    return settings_of(stack, clinic_database)


@pytest.fixture(scope="session")
def engine_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose vocabulary is compiled once for the session, with a row of the user's own."""
    home = tmp_path_factory.mktemp("engine")
    (home / "terms").mkdir()
    (home / "terms" / "problems.yaml").write_text("- {term: zorblitis, codes: {ICD-10-CM: R69}}\n")
    return home


@pytest.fixture(scope="session")
def engine_url(stack: Stack, api_url: str, clinic_database: str, engine_home: Path) -> Iterator[str]:
    """The address of an API over the same clinic that has a worker process with a loaded engine."""
    assert api_url
    with open_engine(stack, clinic_database, engine_home) as url:
        yield url


@contextmanager
def open_engine(stack: Stack, database_url: str, home: Path) -> Iterator[str]:
    """The address of an API over a database that has a worker process, once that is ready."""
    settings = settings_of(stack, database_url, HCTAP_API_WORKERS="1", HCTAP_HOME=str(home))
    with serve(create_app(settings)) as url:
        deadline = time.monotonic() + 120
        while httpx.get(f"{url}/ready").status_code != 200:
            assert time.monotonic() < deadline, "the engine was not loaded in time"
            time.sleep(0.2)
        yield url
