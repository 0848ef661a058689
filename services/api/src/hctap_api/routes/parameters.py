"""The parts of a request that several routes take, and what is refused in them."""

import re
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator
from pydantic.config import JsonDict

from hctap_core.notes import MAX_NOTE_ID_CHARACTERS, is_valid_note_id
from hctap_core.runs import RUN_ID_PATTERN, is_valid_run_id
from hctap_core.words import NOTE_ID_SHAPE

RUN_ID_SHAPE: JsonDict = {"pattern": RUN_ID_PATTERN}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MAX_PAGE = 200
DEFAULT_PAGE = 50


def _check_note_id(value: str) -> str:
    if not is_valid_note_id(value):
        raise ValueError("A note id has 1 to 200 characters, none of them a control character.")
    return value


def _check_key(value: str) -> str:
    if _UNSTORABLE.search(value):
        raise ValueError("NUL characters and lone surrogates stand in no key.")
    return value


def check_plain(value: str | None) -> str | None:
    """The value, if it can be kept."""
    return value if value is None else _check_key(value)


def check_run_id(value: str) -> str:
    """The value, if it can be the id of a run."""
    if not is_valid_run_id(value):
        raise ValueError("A run id has 1 to 64 letters, digits, '.', '_' or '-'.")
    return value


NoteId = Annotated[
    str,
    Path(
        description="The note's id.",
        min_length=1,
        max_length=MAX_NOTE_ID_CHARACTERS,
        examples=["note_001"],
        json_schema_extra=NOTE_ID_SHAPE,
    ),
    AfterValidator(_check_note_id),
]
OptionalNoteId = Annotated[
    str | None,
    Query(description="Only what concerns this note.", max_length=MAX_NOTE_ID_CHARACTERS),
    AfterValidator(lambda value: value if value is None else _check_note_id(value)),
]
RunId = Annotated[
    str | None,
    Query(
        description="Show what this run found; without it, the run that finished last.",
        examples=["20261121T093000Z-rules"],
        json_schema_extra=RUN_ID_SHAPE,
    ),
    AfterValidator(lambda value: value if value is None else check_run_id(value)),
]
Cursor = Annotated[
    str | None,
    Query(
        description="`next_cursor` of the page before; without it, the first page.",
        examples=["note_050"],
        json_schema_extra=NOTE_ID_SHAPE,
    ),
    AfterValidator(lambda value: value if value is None else _check_note_id(value)),
]
ObjectCursor = Annotated[
    str | None,
    Query(description="`next_cursor` of the page before; without it, the first page.", min_length=1, max_length=1024),
    AfterValidator(lambda value: value if value is None else _check_key(value)),
]
Limit = Annotated[int, Query(description="How many at most.", ge=1, le=MAX_PAGE)]
