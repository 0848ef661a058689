"""Where the API may listen while it asks nobody for a key."""

import logging

import pytest

from hctap_api.exposure import announce_openness, decide_openness, is_loopback
from hctap_core.errors import SettingsInvalid


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - it is refused
        ("::", False),
        ("192.168.0.7", False),
        ("api.internal", False),
        ("", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("host", "told", "expected"),
    [("127.0.0.1", None, True), ("127.0.0.1", False, False), ("10.0.0.1", None, False), ("10.0.0.1", False, False)],
)
def test_only_loopback_is_open_and_only_until_told_otherwise(host: str, told: bool | None, expected: bool) -> None:  # noqa: FBT001
    assert decide_openness(host, is_open=told) is expected


def test_an_open_api_that_others_reach_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="HCTAP_API_OPEN=1"):
        decide_openness("192.168.0.7", is_open=True)


def test_openness_is_said_loudly(caplog: pytest.LogCaptureFixture) -> None:
    announce_openness("127.0.0.1")
    assert [(record.levelno, record.msg) for record in caplog.records] == [
        (logging.WARNING, "api_asks_nobody_for_a_key")
    ]
