"""The entities of a run out of the tables, as the records that its parts in the lake hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg.rows import dict_row

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_stores.database.connection import Database
from hctap_stores.database.rows import ASSERTIONS, read_codes

_PAGE: Final = 2000
_CODES: Final = """json_agg(json_build_object('system', system, 'code', code, 'display', display,
        'score', score, 'release', release, 'reason', reason) ORDER BY rank)"""
_ATTRIBUTES: Final = """json_agg(json_build_object('type', type, 'text', text, 'begin', begin_offset,
        'end', end_offset, 'norm', norm) ORDER BY position)"""
_COLUMNS: Final = """w.note_id, e.entity_type, e.text, e.norm_text, e.begin_offset AS begin, e.end_offset AS end,
    e.score, e.section, e.negated, e.uncertain, e.historical, e.hypothetical, e.family, e.provenance"""
# For a whole run codes and attributes are gathered at once: asked for entity by entity they take twice as long.
_ENTITIES: Final = f"""
WITH codes AS (
    SELECT note_no, ordinal, {_CODES} AS codes
    FROM found_codes WHERE run_no = %(run_no)s GROUP BY note_no, ordinal
), attributes AS (
    SELECT note_no, ordinal, {_ATTRIBUTES} AS attributes
    FROM found_attributes WHERE run_no = %(run_no)s GROUP BY note_no, ordinal
)
SELECT {_COLUMNS}, codes, attributes
FROM found_entities e JOIN notes w USING (note_no)
LEFT JOIN codes USING (note_no, ordinal) LEFT JOIN attributes USING (note_no, ordinal)
WHERE e.run_no = %(run_no)s ORDER BY w.note_id, e.ordinal
"""  # noqa: S608 - constants
# The results of a duplicate are those of the note that stands for it.
_WORKED_ON: Final = """
SELECT l.note_id, coalesce(first.note_no, l.note_no) AS note_no
FROM run_notes l LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
WHERE l.run_no = %(run_no)s AND l.note_id = ANY(%(note_ids)s) AND l.state IN ('done', 'duplicate', 'unchanged')
"""
_ANSWERED: Final = f"""
SELECT note_id, (
    SELECT json_agg(json_build_object('begin', begin_offset, 'end', end_offset, 'header', header, 'type', type)
        ORDER BY ordinal)
    FROM found_sections s WHERE s.run_no = %(run_no)s AND s.note_no = w.note_no) AS sections
FROM ({_WORKED_ON}) AS w
"""  # noqa: S608 - constants
# For some notes they are asked for entity by entity, which no guess of the planner's turns into each with each.
_ENTITIES_OF_NOTES: Final = f"""
SELECT {_COLUMNS},
    (SELECT {_CODES} FROM found_codes c
        WHERE c.run_no = %(run_no)s AND c.note_no = e.note_no AND c.ordinal = e.ordinal) AS codes,
    (SELECT {_ATTRIBUTES} FROM found_attributes a
        WHERE a.run_no = %(run_no)s AND a.note_no = e.note_no AND a.ordinal = e.ordinal) AS attributes
FROM found_entities e JOIN ({_WORKED_ON.replace("SELECT", "SELECT DISTINCT", 1)}) AS w USING (note_no)
WHERE e.run_no = %(run_no)s ORDER BY w.note_id, e.ordinal
"""  # noqa: S608 - constants


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
    row["codes"] = read_codes(row["codes"])
    row["attributes"] = row["attributes"] or []
    return row | {"run_id": run_id, "schema_version": ENTITY_SCHEMA_VERSION}


@dataclass(frozen=True, slots=True)
class NoteFindings:
    """What a run found in a note."""

    entities: list[dict[str, Any]]
    sections: list[dict[str, Any]]


def read_notes(database: Database, run_no: int, run_id: str, note_ids: Sequence[str]) -> dict[str, NoteFindings]:
    """What the run found in each of some notes; notes that it did not work on are missing."""
    values = {"run_no": run_no, "note_ids": list(note_ids)}
    found: dict[str, NoteFindings] = {}
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_ANSWERED, values):
            found[row["note_id"]] = NoteFindings([], row["sections"] or [])
        for row in cursor.execute(_ENTITIES_OF_NOTES, values):
            found[row["note_id"]].entities.append(_record(row, run_id))
    return found
