"""Logs: JSON lines with facts from a closed list."""

import io
import json
import logging

import pytest

from hctap_core.logs import configure_logs


def logged(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    out = io.StringIO()
    configure_logs("INFO", out)
    return out


def test_a_field_outside_the_list_is_dropped_and_named(stream: io.StringIO) -> None:
    logging.getLogger("hctap_x").info("note_done", extra={"note_id": "n1", "text": "Jane Doe"})
    (line,) = logged(stream)
    assert line["event"] == "note_done"
    assert line["note_id"] == "n1"
    assert line["dropped"] == ["text"]
    assert "Jane" not in stream.getvalue()


def test_an_exception_is_reduced_to_its_class_and_place(stream: io.StringIO) -> None:
    try:
        raise ValueError("Jane Doe has gout")
    except ValueError:
        logging.getLogger("hctap_x").exception("note_failed")
    (line,) = logged(stream)
    assert line["error"] == "ValueError"
    assert "Jane" not in stream.getvalue()


def test_the_arguments_of_another_library_are_not_written(stream: io.StringIO) -> None:
    logging.getLogger("other").warning("parsing %s failed", "Jane Doe")
    (line,) = logged(stream)
    assert line["event"] == "parsing"
    assert "Jane" not in stream.getvalue()
