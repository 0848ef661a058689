"""Entities as lines of CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

COLUMNS: Final = (
    "note_id", "run_id", "specialty", "entity_type", "text", "norm_text", "begin", "end", "score", "section",
    "negated", "uncertain", "historical", "hypothetical", "family", "codes", "attributes", "extractor", "source",
    "also_in",
)  # fmt: skip
# A cell that begins so is a formula to a spreadsheet (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_rows(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as CSV in UTF-8, with no cell that a spreadsheet would run."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_guard(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def row_of(entity: Mapping[str, Any]) -> list[object]:
    """An entity as the cells of a row, in the order of the columns."""
    flat = {
        **entity,
        **entity["assertion"],
        "codes": "; ".join(f"{code['system']} {code['code']}" for code in entity["codes"]),
        "attributes": "; ".join(f"{part['type']} {part['norm'] or part['text']}" for part in entity["attributes"]),
        "extractor": entity["provenance"]["extractor"],
        "source": entity["provenance"]["source"],
        "also_in": "; ".join(entity["also_in"]),
    }
    return [flat[name] for name in COLUMNS]


def _guard(cell: object) -> object:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell
