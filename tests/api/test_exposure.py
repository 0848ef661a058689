"""Where the API may listen while it asks nobody for a key."""

import logging

import pytest

from hctap_api.exposure import check_exposure, is_loopback
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


def test_elsewhere_is_refused_unless_it_is_said_on_purpose(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SettingsInvalid, match="HCTAP_API_OPEN=1"):
        check_exposure("192.168.0.7", is_open=False)
    check_exposure("192.168.0.7", is_open=True)
    assert [(record.levelno, record.msg) for record in caplog.records] == [
        (logging.WARNING, "api_open_to_everybody_who_reaches_it")
    ]


def test_loopback_needs_no_word(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    check_exposure("127.0.0.1", is_open=False)
    assert [record.msg for record in caplog.records] == ["api_without_sign_in_on_loopback"]
