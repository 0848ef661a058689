"""The parts of a request that several routes take, and what is refused in them."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator

from hctap_core.notes import MAX_NOTE_ID_CHARACTERS, is_valid_note_id
from hctap_core.runs import is_valid_run_id

MAX_PAGE = 200
DEFAULT_PAGE = 50


def _check_note_id(value: str) -> str:
    if not is_valid_note_id(value):
        raise ValueError("A note id has 1 to 200 characters, none of them a control character.")
    return value


def _check_run_id(value: str) -> str:
    if not is_valid_run_id(value):
        raise ValueError("A run id has 1 to 64 letters, digits, '.', '_' or '-'.")
    return value


NoteId = Annotated[
    str,
    Path(description="The note's id.", min_length=1, max_length=MAX_NOTE_ID_CHARACTERS, examples=["note_001"]),
    AfterValidator(_check_note_id),
]
RunId = Annotated[
    str | None,
    Query(
        description="Show what this run found; without it, the run that finished last.",
        examples=["20261121T093000Z-rules"],
    ),
    AfterValidator(lambda value: value if value is None else _check_run_id(value)),
]
Cursor = Annotated[
    str | None,
    Query(description="`next_cursor` of the page before; without it, the first page.", examples=["note_050"]),
    AfterValidator(lambda value: value if value is None else _check_note_id(value)),
]
Limit = Annotated[int, Query(description="How many notes at most.", ge=1, le=MAX_PAGE)]
