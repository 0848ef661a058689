"""What the tests of the lake ask of the embedded S3, they ask of LocalStack too."""

from collections.abc import Iterator

import httpx
import pytest
from tests.smoke.conftest import Containers, run_tests, until

SETTINGS = {"SERVICES": "s3", "EAGER_SERVICE_LOADING": "1", "DISABLE_EVENTS": "1", "DNS_ADDRESS": "false"}


@pytest.fixture
def localstack_url(containers: Containers) -> Iterator[str]:
    """The stack's emulator once more, with a port, which the stack's own has not."""
    running = containers.compose("ps", "--quiet", "localstack").stdout.strip()
    image = containers.docker("inspect", "--format", "{{.Config.Image}}", running).stdout.strip()
    settings = [word for name, value in SETTINGS.items() for word in ("--env", f"{name}={value}")]
    begin = ("run", "--detach", "--rm", "--cap-drop", "ALL", "--publish", "127.0.0.1::4566")
    name = containers.docker(*begin, *settings, image).stdout.strip()
    try:
        url = f"http://{containers.docker('port', name, '4566').stdout.strip()}"
        until(lambda: _answers(url), "LocalStack answers")
        yield url
    finally:
        containers.docker("rm", "--force", "--volumes", name)


def test_the_lake_is_the_same_on_localstack(localstack_url: str) -> None:
    said = run_tests("-k", "localstack", "tests/stores/lake", S3_LOCALSTACK_URL=localstack_url)
    print(f"\nthe lake on LocalStack: {said}")  # noqa: T201 - how many passed is of interest


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_localstack/health").status_code == 200
    except httpx.TransportError:
        return False
