import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hctap_cli.guarding import extract_safely
from hctap_core.errors import ExtractorUnavailable
from hctap_nlp.extraction import Usage, charge
from hctap_nlp.extractors import Extractor, SpanReader


def _failing(error: Exception) -> Extractor:
    def extract(_: str) -> Any:
        raise error

    return cast("Extractor", SimpleNamespace(extract=extract))


def test_an_error_is_the_notes_own_and_says_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        found = extract_safely(_failing(ValueError("Jane Doe")), "Jane Doe", "n", "r")
    assert (found.failure, found.entities) == ("ValueError", ())
    assert "Jane" not in caplog.text


def test_what_was_paid_before_an_error_is_told() -> None:
    error = ValueError()
    charge(error, Usage(requests=1, cost_usd=0.1))
    assert extract_safely(_failing(error), "x", "n", "r").usage == Usage(requests=1, cost_usd=0.1)


def test_an_extractor_that_cannot_work_stops_everything() -> None:
    with pytest.raises(ExtractorUnavailable):
        extract_safely(_failing(ExtractorUnavailable()), "x", "n", "r")


def test_what_is_found_comes_back(extractor: SpanReader) -> None:
    found = extract_safely(extractor, "Denies chest pain.", "n", "r")
    assert [(entity["text"], entity["note_id"]) for entity in found.entities] == [("chest pain", "n")]
    assert found.failure is None
