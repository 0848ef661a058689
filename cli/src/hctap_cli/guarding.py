"""One text after the other through an extractor: a text that breaks it stops no other."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hctap_core.errors import ExtractorUnavailable, InvalidSpan, NoteRefused
from hctap_core.phi import PhiKind
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import Extraction, Usage, usage_of
from hctap_nlp.extractors import Extractor
from hctap_nlp.phi.surrogates import Surrogate

log = logging.getLogger(__name__)

Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing was found in a text: the class of the extractor's error, or the detail of its refusal.

    `usage` is what a service was asked before that.
    """

    failure: str
    reason: QuarantineReason = QuarantineReason.EXTRACTION_FAILED
    phi: Mapping[PhiKind, int] | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What an extractor found in a text, in the contracts' shapes; `failure` is the class of its error, or a detail.

    `phi`, `surrogate` and `usage` are those of the extraction, or of what there was of it.
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

    def take(extraction: Extraction) -> Found:
        entities = extraction.entity_records(note_id, run_id)
        _check_spans(extraction.text, entities)
        return Found(
            entities,
            extraction.section_records(),
            phi=extraction.phi,
            surrogate=extraction.surrogate,
            usage=extraction.usage,
        )

    found = take_safely(extractor, text, take, note_id=note_id, run_id=run_id)
    if isinstance(found, Failure):
        return Found(failure=found.failure, reason=found.reason, phi=found.phi, usage=found.usage)
    return found


def take_safely(
    extractor: Extractor, text: str, take: Callable[[Extraction], Taken], *, note_id: str, run_id: str
) -> Taken | Failure:
    """What `take` makes of what the extractor finds in a text, or why there is nothing.

    Raises:
        ExtractorUnavailable: If it cannot work at all.
    """
    return do_safely(lambda: take(extractor.extract(text)), note_id=note_id, run_id=run_id)


def do_safely(work: Callable[[], Taken], *, note_id: str, run_id: str) -> Taken | Failure:
    """What some work on a note gives, or why it gives nothing.

    Raises:
        ExtractorUnavailable: If an extractor cannot work at all.
    """
    try:
        return work()
    except ExtractorUnavailable:
        raise
    except NoteRefused as refusal:
        return Failure(refusal.detail, refusal.reason, refusal.counts, usage_of(refusal))
    except Exception as error:  # noqa: BLE001 - one note that breaks the extractor must not stop the others
        failure = type(error).__name__
        log.error("note_failed", extra={"run_id": run_id, "note_id": note_id, "error": failure})  # noqa: TRY400 - a traceback's message may quote the note
        return Failure(failure, usage=usage_of(error))


def _check_spans(text: str, entities: Sequence[Mapping[str, Any]]) -> None:
    for entity in entities:
        if text[entity["begin"] : entity["end"]] != entity["text"]:
            raise InvalidSpan
