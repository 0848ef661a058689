"""The API over a small clinic."""

from collections.abc import Callable, Iterator

import pytest
from tests.clinic import open_clinic

from hctap_embedded.stack import Stack


@pytest.fixture(scope="session")
def api_url(stack: Stack, new_database: Callable[[], str]) -> Iterator[str]:
    """The address of the API."""
    with open_clinic(stack, new_database()) as url:
        yield url
