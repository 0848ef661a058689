"""One text after the other through an extractor: a text that breaks it stops no other."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hctap_core.errors import ExtractorUnavailable, InvalidSpan
from hctap_nlp.extractors import Extractor

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What an extractor found in a text, in the contracts' shapes; `failure` is the class of its error."""

    entities: Sequence[dict[str, Any]] = ()
    sections: Sequence[dict[str, Any]] = ()
    failure: str | None = None


def extract_safely(extractor: Extractor, text: str, note_id: str, run_id: str) -> Found:
    """What the extractor finds in a text, or the class of the error that it raised.

    Raises:
        ExtractorUnavailable: If it cannot work at all.
    """
    try:
        extraction = extractor.extract(text)
        entities = extraction.entity_records(note_id, run_id)
        sections = extraction.section_records()
        _check_spans(text, entities)
    except ExtractorUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - one note that breaks the extractor must not stop the others
        failure = type(error).__name__
        log.error("note_failed", extra={"run_id": run_id, "note_id": note_id, "error": failure})  # noqa: TRY400 - a traceback's message may quote the note
        return Found(failure=failure)
    return Found(entities, sections)


def _check_spans(text: str, entities: Sequence[Mapping[str, Any]]) -> None:
    for entity in entities:
        if text[entity["begin"] : entity["end"]] != entity["text"]:
            raise InvalidSpan
