"""The API over a small clinic."""

import sys
from collections.abc import Callable, Iterator

import pytest
from tests.clinic import open_clinic

from hctap_embedded.stack import Stack


@pytest.fixture(scope="session")
def api_url(stack: Stack, new_database: Callable[[], str]) -> Iterator[str]:
    """The address of the API."""
    with open_clinic(stack, new_database()) as url:
        yield url


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit takes the place of the program's main module; processes that start later need the real one."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
