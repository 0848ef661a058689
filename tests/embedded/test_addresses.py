import pytest

from hctap_embedded.addresses import Addresses, address_of

STORES = Addresses(
    database_url="postgresql://hctap:p@127.0.0.1:1/hctap",
    redis_url="redis://:p@127.0.0.1:2/0",
    s3_endpoint="http://127.0.0.1:3",
    access_key_id="key",
    secret_access_key="secret",
)
STORE_LINES = {
    "HCTAP_DATABASE_URL": "postgresql://hctap:p@127.0.0.1:1/hctap",
    "HCTAP_REDIS_URL": "redis://:p@127.0.0.1:2/0",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:3",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.mark.parametrize(
    ("api_url", "dashboard_url", "more"),
    [
        (None, None, {}),
        ("http://127.0.0.1:4", None, {"HCTAP_API_PORT": "4", "HCTAP_API_URL": "http://127.0.0.1:4"}),
        (None, "http://127.0.0.1:5", {"HCTAP_DASHBOARD_PORT": "5"}),
    ],
)
def test_environment_names_what_there_is(api_url: str | None, dashboard_url: str | None, more: dict[str, str]) -> None:
    addresses = Addresses(**{**vars(STORES), "api_url": api_url, "dashboard_url": dashboard_url})
    assert addresses.environment() == {**STORE_LINES, **more}


def test_lines_are_the_environment() -> None:
    assert dict(line.split("=", 1) for line in STORES.lines().splitlines()) == STORE_LINES


def test_address_is_local() -> None:
    assert address_of(80, "redis") == "redis://127.0.0.1:80"
