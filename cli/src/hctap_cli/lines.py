"""Records as JSON Lines."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def render_lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Records as JSON Lines: sorted keys, no spaces, UTF-8; the same records give the same bytes."""
    return "".join(f"{_ENCODE(record)}\n" for record in records).encode()
