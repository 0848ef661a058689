import io
import logging

import pytest
from rich.console import Console

from hctap_cli import progress
from hctap_cli.progress import Meter


def _meter(*, terminal: bool) -> tuple[Meter, io.StringIO]:
    shown = io.StringIO()
    return Meter(Console(file=shown, force_terminal=terminal, width=100)), shown


@pytest.mark.parametrize("is_bytes", [False, True])
def test_a_terminal_shows_a_bar(is_bytes: bool) -> None:  # noqa: FBT001 - a column
    meter, shown = _meter(terminal=True)
    with meter.track("importing", 4, is_bytes=is_bytes) as advance:
        advance(4)
    assert "importing" in shown.getvalue()
    assert ("4/4 bytes" if is_bytes else "4/4") in shown.getvalue()


def test_elsewhere_a_line_is_logged_now_and_then(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter, shown = _meter(terminal=False)
    with caplog.at_level(logging.INFO), meter.track("reading", 10) as advance:
        advance(3)
        monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
        advance(4)
    facts = [(record.msg, *(vars(record)[name] for name in ("part", "done", "total"))) for record in caplog.records]
    assert facts == [("progress", "reading", 7, 10)]
    assert shown.getvalue() == ""


def test_stages_are_told(caplog: pytest.LogCaptureFixture) -> None:
    for terminal in (True, False):
        meter, shown = _meter(terminal=terminal)
        with caplog.at_level(logging.INFO):
            meter.stage("reading terms", 0, 2)
            meter.stage("done", 2, 2)
        assert ("1/2 reading terms" in shown.getvalue()) is terminal
        assert "3/2" not in shown.getvalue()
    assert [(record.msg, vars(record)["part"]) for record in caplog.records] == [("preparation_stage", "reading terms")]
