"""One text after the other through an extractor: a text that breaks it stops no other."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hctap_core.errors import ExtractorUnavailable, InvalidSpan, NoteRefused
from hctap_core.phi import PhiKind
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import Usage
from hctap_nlp.extractors import Extractor
from hctap_nlp.phi.surrogates import Surrogate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What an extractor found in a text, in the contracts' shapes; `failure` is the class of its error, or a detail.

    `phi`, `surrogate` and `usage` are those of the extraction.
    """

    entities: Sequence[dict[str, Any]] = ()
    sections: Sequence[dict[str, Any]] = ()
    failure: str | None = None
    reason: QuarantineReason = QuarantineReason.EXTRACTION_FAILED
    phi: Mapping[PhiKind, int] | None = None
    surrogate: Surrogate | None = None
    usage: Usage | None = None


def extract_safely(extractor: Extractor, text: str, note_id: str, run_id: str) -> Found:
    """What the extractor finds in a text, or the class of the error that it raised; offsets fit the text it read.

    Raises:
        ExtractorUnavailable: If it cannot work at all.
    """
    try:
        extraction = extractor.extract(text)
        entities = extraction.entity_records(note_id, run_id)
        sections = extraction.section_records()
        _check_spans(extraction.text, entities)
    except ExtractorUnavailable:
        raise
    except NoteRefused as refusal:
        return Found(failure=refusal.detail, reason=refusal.reason, phi=refusal.counts)
    except Exception as error:  # noqa: BLE001 - one note that breaks the extractor must not stop the others
        failure = type(error).__name__
        log.error("note_failed", extra={"run_id": run_id, "note_id": note_id, "error": failure})  # noqa: TRY400 - a traceback's message may quote the note
        return Found(failure=failure)
    return Found(entities, sections, phi=extraction.phi, surrogate=extraction.surrogate, usage=extraction.usage)


def _check_spans(text: str, entities: Sequence[Mapping[str, Any]]) -> None:
    for entity in entities:
        if text[entity["begin"] : entity["end"]] != entity["text"]:
            raise InvalidSpan
