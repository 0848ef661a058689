"""Cursors of paged answers: opaque, good for the search that they came from, and checked."""

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Sequence
from typing import Any, Final

from hctap_core.errors import BadInput

_REMEDY: Final = "Take `next_cursor` of the page before, with the same search; without a cursor, the first page."
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_MOST_INTEGER: Final = 1 << 62


def write_cursor(search: str, run_id: str, key: Sequence[object]) -> str:
    """A cursor after a key; `search` is the search that it belongs to, as text."""
    content = json.dumps([_mark(search, run_id), run_id, *key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def read_cursor(cursor: str, search: str, kinds: Sequence[type]) -> tuple[str, tuple[Any, ...]]:
    """The run and the key of a cursor.

    Raises:
        BadInput: If it is none, or belongs to another search.
    """
    try:
        content = json.loads(base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True))
        mark, run_id, *key = content
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _bad() from None
    fits = len(key) == len(kinds) and all(_fits(value, kind) for value, kind in zip(key, kinds, strict=False))
    if not fits or not isinstance(run_id, str) or mark != _mark(search, run_id):
        raise _bad()
    return run_id, tuple(key)


def _fits(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    if kind is float:
        return isinstance(value, int | float) and math.isfinite(value)
    if kind is int:
        return isinstance(value, int) and abs(value) < _MOST_INTEGER
    return isinstance(value, str) and not _UNSTORABLE.search(value)


def _mark(search: str, run_id: str) -> str:
    return hashlib.sha256(f"{run_id}\n{search}".encode(errors="replace")).hexdigest()[:16]


def _bad() -> BadInput:
    return BadInput("The cursor is not one of this search.", remedy=_REMEDY)
