"""The family of errors; what the class docstring says is the message when none is given.

PlatformError
├── BadInput
│   ├── MalformedRecord      a record breaks its contract (carries a QuarantineReason)
│   ├── NoteRefused          a note that a policy sets aside (carries a QuarantineReason, and counts)
│   ├── InvalidSpan          offsets that do not fit the text
│   └── UnsupportedInput     a file or folder that no reader knows
├── NotSignedIn              no key, or one that is not valid
├── NotAllowed               the key may not do this
├── KeyNotFound
├── TooManyRequests          a caller asks more often than allowed
├── NoteNotFound
├── NoteConflict             another note has this id
├── FileTooLarge
├── CodeNotFound
├── RunNotFound
├── GoldNotFound
├── RunConflict              a run id that exists with another pipeline, or is being worked on
├── ExportNotFound
├── ScheduleNotFound
├── ReviewNotFound
├── ReviewConflict           a review, decision or state that somebody else has written meanwhile
├── RequestConflict          an Idempotency-Key that was sent with another request
├── UnknownExtractor
├── EngineBusy               too many texts wait for the extractor
├── ExtractorUnavailable     an extractor, vocabulary or model that cannot be loaded
├── LlmReplyUnusable         a language model did not reply as it was asked to
├── StoreUnavailable         S3, PostgreSQL or Redis does not answer
├── StorePartUnavailable     the embedded stack cannot start one of its parts
├── MigrationNeeded          the database is older than the code
└── SettingsInvalid          a setting is missing or makes no sense

No message may hold note text: say ids, keys, offsets and counts instead.
"""

from collections.abc import Mapping

from hctap_core.phi import PhiKind
from hctap_core.reasons import QuarantineReason


class PlatformError(Exception):
    """Something went wrong in HC-TAP."""

    def __init__(self, message: str | None = None, *, remedy: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.remedy = remedy
        super().__init__(self.message if remedy is None else f"{self.message} {remedy}")


class BadInput(PlatformError):
    """The input cannot be used as it is."""


class MalformedRecord(BadInput):
    """A record breaks its contract."""

    def __init__(self, reason: QuarantineReason, detail: str, *, note_id: str | None = None) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
        self.note_id = note_id


class NoteRefused(BadInput):
    """A policy sets the note aside."""

    def __init__(self, reason: QuarantineReason, *, counts: Mapping[PhiKind, int]) -> None:
        self.detail = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or reason.value
        super().__init__(f"{reason.value}: {self.detail}")
        self.reason = reason
        self.counts = counts


class InvalidSpan(BadInput):
    """An offset lies outside the text, or the text at the offsets is not the entity's."""


class UnsupportedInput(BadInput):
    """No reader knows this file or folder."""


class NotSignedIn(PlatformError):
    """A valid key is needed."""


class NotAllowed(PlatformError):
    """The key may not do this."""


class TooManyRequests(PlatformError):
    """More requests than are allowed."""


class KeyNotFound(PlatformError):
    """There is no such key."""


class NoteNotFound(PlatformError):
    """There is no such note."""


class NoteConflict(PlatformError):
    """Another note has this id."""


class FileTooLarge(PlatformError):
    """The file is too large."""


class CodeNotFound(PlatformError):
    """The vocabulary knows no such code."""


class RunNotFound(PlatformError):
    """There is no such run."""


class GoldNotFound(PlatformError):
    """There is no such gold set, or no evaluation under this name."""


class RunConflict(PlatformError):
    """The run is not in a state for this: taken by another pipeline, worked on, or over."""


class ExportNotFound(PlatformError):
    """There is no such export, or no such file of it."""


class ScheduleNotFound(PlatformError):
    """There is no such schedule."""


class ReviewNotFound(PlatformError):
    """There is no such review, note or entity to judge."""


class ReviewConflict(PlatformError):
    """Somebody else has written meanwhile."""


class RequestConflict(PlatformError):
    """The key of the request was sent with another one."""


class UnknownExtractor(PlatformError):
    """There is no extractor of that name."""


class EngineBusy(PlatformError):
    """Too many texts wait for the extractor."""


class ExtractorUnavailable(PlatformError):
    """An extractor, its vocabulary or its model cannot be loaded."""


class LlmReplyUnusable(PlatformError):
    """A language model did not reply as it was asked to."""


class StoreUnavailable(PlatformError):
    """A store does not answer."""


class StorePartUnavailable(PlatformError):
    """A part of the embedded stack cannot be started."""


class MigrationNeeded(PlatformError):
    """The database schema is not the one this code needs."""


class SettingsInvalid(PlatformError):
    """A setting is missing or makes no sense."""
