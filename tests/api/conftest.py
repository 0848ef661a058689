"""The API over a small clinic."""

from collections.abc import Callable, Iterator

import pytest
from tests.clinic import open_clinic, settings_of

from hctap_api.settings import Settings
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


@pytest.fixture
def clinic_settings(stack: Stack, api_url: str, clinic_database: str) -> Settings:
    """The settings that the clinic's API runs with."""
    assert api_url
    return settings_of(stack, clinic_database)
