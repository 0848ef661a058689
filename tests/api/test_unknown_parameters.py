"""What a route does not take is refused by name; HC-TAP's own paths take it, as they did."""

import httpx
import pytest

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("path", ["/v1/runs?limt=5", "/v1/notes?limt=5", "/v1/notes/cardiology-1?limt=5"])
def test_a_misspelt_parameter_is_named(api_url: str, path: str) -> None:
    response = httpx.get(api_url + path)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["limt"]


@pytest.mark.parametrize("path", ["/stats/latest?_=1", "/v1/runs?limit=5", "/v1/runs"])
def test_all_else_is_answered(api_url: str, path: str) -> None:
    assert httpx.get(api_url + path).status_code == 200
