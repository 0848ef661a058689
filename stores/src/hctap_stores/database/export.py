"""The entities of a run out of the tables, as the records that its parts in the lake hold."""

from collections.abc import Iterator
from typing import Any, Final

from psycopg.rows import dict_row

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_stores.database.connection import Database
from hctap_stores.database.results import ASSERTIONS

_PAGE: Final = 2000
# Codes and attributes are gathered once for the whole run: asked for entity by entity they take six times as long.
_ENTITIES: Final = """
WITH codes AS (
    SELECT note_no, ordinal, json_agg(json_build_object('system', system, 'code', code, 'display', display,
        'score', score, 'release', release) ORDER BY rank) AS codes
    FROM entity_codes WHERE run_no = %(run_no)s GROUP BY note_no, ordinal
), attributes AS (
    SELECT note_no, ordinal, json_agg(json_build_object('type', type, 'text', text, 'begin', begin_offset,
        'end', end_offset, 'norm', norm) ORDER BY position) AS attributes
    FROM entity_attributes WHERE run_no = %(run_no)s GROUP BY note_no, ordinal
)
SELECT n.note_id, e.entity_type, e.text, e.norm_text, e.begin_offset AS begin, e.end_offset AS end, e.score, e.section,
    e.negated, e.uncertain, e.historical, e.hypothetical, e.family, e.provenance, codes, attributes
FROM entities e JOIN notes n USING (note_no)
LEFT JOIN codes USING (note_no, ordinal) LEFT JOIN attributes USING (note_no, ordinal)
WHERE e.run_no = %(run_no)s ORDER BY n.note_id, e.ordinal
"""


def read_entities(database: Database, run_no: int, run_id: str) -> Iterator[dict[str, Any]]:
    """The run's entities by note id and position, a page at a time."""
    with (
        database.transaction() as connection,
        connection.cursor("export", row_factory=dict_row) as cursor,
    ):
        cursor.itersize = _PAGE
        for row in cursor.execute(_ENTITIES, {"run_no": run_no}):
            yield _record(row, run_id)


def _record(row: dict[str, Any], run_id: str) -> dict[str, Any]:
    row["assertion"] = {name: row.pop(name) for name in ASSERTIONS}
    # PostgreSQL writes the number one as 1 where Python writes 1.0.
    row["codes"] = [code | {"score": float(code["score"])} for code in row["codes"] or ()]
    row["attributes"] = row["attributes"] or []
    return row | {"run_id": run_id, "schema_version": ENTITY_SCHEMA_VERSION}
