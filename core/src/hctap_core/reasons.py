"""Why a note is in quarantine: a closed set, the same in the lake, the ledger and the API."""

from enum import StrEnum


class QuarantineReason(StrEnum):
    """One word for what is wrong with a note."""

    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    SCHEMA = "schema"
    EMPTY_TEXT = "empty_text"
    TOO_LARGE = "too_large"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    DUPLICATE_ID = "duplicate_id"
    INVALID_ID = "invalid_id"
    INVALID_TEXT = "invalid_text"
    CHANGED_DURING_RUN = "changed_during_run"
    EXTRACTION_FAILED = "extraction_failed"
    PHI = "phi"
    MAX_COST = "max_cost"
    DELETED = "deleted"


REASON_HELP: dict[QuarantineReason, str] = {
    QuarantineReason.NOT_UTF8: "Save the note as UTF-8 and import it again.",
    QuarantineReason.NOT_JSON: "The object is not a JSON object; see contracts/note.schema.json.",
    QuarantineReason.SCHEMA: "A field is missing, unknown or of the wrong type; see contracts/note.schema.json.",
    QuarantineReason.EMPTY_TEXT: "The note has no text.",
    QuarantineReason.TOO_LARGE: "A note may have at most 1 MiB of UTF-8 text; split it.",
    QuarantineReason.CHECKSUM_MISMATCH: "The checksum given is not the md5 of the text; recompute it or leave it out.",
    QuarantineReason.DUPLICATE_ID: "Another note with other text has this note_id; give one of them a new id.",
    QuarantineReason.INVALID_ID: "A note_id has 1 to 200 characters, none of them '/' or a control character.",
    QuarantineReason.INVALID_TEXT: "The text holds lone surrogates or NUL characters, which no store can keep.",
    QuarantineReason.CHANGED_DURING_RUN: "The object was deleted or overwritten while the run was working; run again.",
    QuarantineReason.EXTRACTION_FAILED: "The extractor failed on this note; the log names the error class.",
    QuarantineReason.PHI: "The note identifies persons; de-identify it, or give --phi redact or report.",
    QuarantineReason.MAX_COST: "The run had spent its --max-cost; raise it and run again with --incremental.",
    QuarantineReason.DELETED: "A note of this id was deleted on purpose; give another id to one that shall come back.",
}
