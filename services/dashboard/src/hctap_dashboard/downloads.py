"""What is shown, to take along: CSV, JSON Lines and Parquet."""

import csv
import io
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import streamlit as st

from hctap_core.highlighting import asserted
from hctap_core.searches import EntityHit

COLUMNS: Final = (
    "run_id", "note_id", "specialty", "section", "begin", "end", "entity_type", "text", "norm_text", "assertion",
    "code_system", "code", "score",
)  # fmt: skip
# A spreadsheet takes what begins so for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def offer_downloads(hits: Sequence[EntityHit]) -> None:
    """A button for each kind of file, made of the entities that are on the page."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Take this page along:", width="content")
        st.download_button("CSV", lambda: write_csv(hits), "entities.csv", "text/csv", on_click="ignore")
        st.download_button(
            "JSON Lines", lambda: write_json_lines(hits), "entities.jsonl", "application/x-ndjson", on_click="ignore"
        )
        st.download_button(
            "Parquet", lambda: write_parquet(hits), "entities.parquet", "application/octet-stream", on_click="ignore"
        )


def write_csv(hits: Sequence[EntityHit]) -> bytes:
    """The entities as CSV in UTF-8; a cell that a spreadsheet would take for a formula has an apostrophe before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(value) for value in _row(hit)] for hit in hits)
    return out.getvalue().encode()


def write_json_lines(hits: Sequence[EntityHit]) -> bytes:
    """The entities in full, one a line."""
    return "".join(f"{hit.model_dump_json()}\n" for hit in hits).encode()


def write_parquet(hits: Sequence[EntityHit]) -> bytes:
    """The entities with the columns of the CSV."""
    columns = list(zip(*(_row(hit) for hit in hits), strict=True)) or [()] * len(COLUMNS)
    out = io.BytesIO()
    pq.write_table(pa.table({name: list(values) for name, values in zip(COLUMNS, columns, strict=True)}), out)
    return out.getvalue()


def _row(hit: EntityHit) -> tuple[str | int | float, ...]:
    code = hit.codes[0] if hit.codes else None
    return (
        hit.run_id,
        hit.note_id,
        hit.specialty,
        hit.section,
        hit.begin,
        hit.end,
        hit.entity_type.value,
        hit.text,
        hit.norm_text,
        " ".join(asserted(hit.assertion)),
        code.system.value if code else "",
        code.code if code else "",
        hit.score,
    )


def _harmless(value: str | float) -> str | float:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
