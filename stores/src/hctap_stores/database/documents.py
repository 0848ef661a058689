"""The notes of a run with all that was found in them, for exports: a page at a time, so memory stays flat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import dict_row

from hctap_core.entities import ENTITY_SCHEMA_VERSION, Assertion
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.rows import read_codes

_PAGE: Final = 200
_ASSERTIONS: Final = tuple(Assertion.model_fields)
# One row for each note id, even where two objects hold the note. The results of a duplicate are those of the note
# that stands for it. Patients are numbered by their ids, so that the same run gives the same numbers.
_NOTES: Final = """
SELECT *, CASE WHEN patient_id IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY patient_id) END AS patient_no FROM (
    SELECT DISTINCT ON (l.note_id) l.note_id, n.note_no, coalesce(first.note_no, l.note_no) AS results_no,
        CASE WHEN first.note_no <> l.note_no THEN first.note_id END AS duplicate_of,
        l.object_key, l.etag, l.content_sha256, t.text, md5(t.text) AS checksum,
        n.specialty, n.patient_id, n.encounter_id, n.note_type, n.authored_at, n.source, n.language, n.data_class,
        n.batch_id
    FROM run_notes l JOIN notes n ON n.note_no = l.note_no
    JOIN note_texts t ON t.content_sha256 = l.content_sha256
    LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
    WHERE l.run_no = %(run_no)s AND l.state IN ('done', 'duplicate', 'unchanged')
        AND (%(note_ids)s::text[] IS NULL OR l.note_id = ANY(%(note_ids)s))
    ORDER BY l.note_id, l.duplicate_of NULLS FIRST, l.object_key
) AS note ORDER BY note_id
"""
_COUNT: Final = """
SELECT count(DISTINCT note_id) FROM run_notes
WHERE run_no = %(run_no)s AND state IN ('done', 'duplicate', 'unchanged')
    AND (%(note_ids)s::text[] IS NULL OR note_id = ANY(%(note_ids)s))
"""
_ENTITIES: Final = """
WITH codes AS (
    SELECT note_no, ordinal, json_agg(json_build_object('system', system, 'code', code, 'display', display,
        'score', score, 'release', release, 'reason', reason) ORDER BY rank) AS codes
    FROM found_codes WHERE run_no = %(run_no)s AND note_no = ANY(%(note_nos)s) GROUP BY note_no, ordinal
), attributes AS (
    SELECT note_no, ordinal, json_agg(json_build_object('type', type, 'text', text, 'begin', begin_offset,
        'end', end_offset, 'norm', norm) ORDER BY position) AS attributes
    FROM found_attributes WHERE run_no = %(run_no)s AND note_no = ANY(%(note_nos)s) GROUP BY note_no, ordinal
)
SELECT e.note_no, e.entity_type, e.text, e.norm_text, e.begin_offset AS begin, e.end_offset AS end, e.score, e.section,
    e.negated, e.uncertain, e.historical, e.hypothetical, e.family, e.provenance, codes, attributes
FROM found_entities e LEFT JOIN codes USING (note_no, ordinal) LEFT JOIN attributes USING (note_no, ordinal)
WHERE e.run_no = %(run_no)s AND e.note_no = ANY(%(note_nos)s) ORDER BY e.note_no, e.ordinal
"""
_SECTIONS: Final = """
SELECT note_no, begin_offset AS begin, end_offset AS end, header, type FROM found_sections
WHERE run_no = %(run_no)s AND note_no = ANY(%(note_nos)s) ORDER BY note_no, ordinal
"""


@dataclass(frozen=True, slots=True)
class Document:
    """A note as a run saw it, with what was found in it; `duplicate_of` is the note that stands for its text.

    `patient_no` counts the patients of the export, 0 for a note without one; `entities` and `sections` are records of
    the contracts, in text order.
    """

    note_id: str
    note_no: int
    patient_no: int
    duplicate_of: str | None
    object_key: str
    etag: str
    content_sha256: str
    checksum: str
    text: str
    specialty: str
    patient_id: str | None
    encounter_id: str | None
    note_type: str | None
    authored_at: datetime | None
    source: str | None
    language: str | None
    data_class: str | None
    batch_id: str | None
    entities: Sequence[dict[str, Any]]
    sections: Sequence[dict[str, Any]]


def count_documents(database: Database, run_no: int, note_ids: Sequence[str] | None = None) -> int:
    """How many notes of a run were worked on, all or of some ids."""
    with database.transaction() as connection:
        row = connection.execute(_COUNT, _values(run_no, note_ids)).fetchone()
    return int(row[0]) if row else 0


def read_documents(
    database: Database, run_no: int, run_id: str, note_ids: Sequence[str] | None = None
) -> Iterator[Document]:
    """The notes of a run by id, all or those of some ids; what the run did not work on is missing."""
    with database.transaction() as connection, connection.cursor("documents", row_factory=dict_row) as cursor:
        cursor.execute(_NOTES, _values(run_no, note_ids))
        while page := cursor.fetchmany(_PAGE):
            yield from _documents(connection, run_no, run_id, page)


def _values(run_no: int, note_ids: Sequence[str] | None) -> dict[str, Any]:
    return {"run_no": run_no, "note_ids": None if note_ids is None else list(note_ids)}


def _documents(connection: Connection, run_no: int, run_id: str, page: list[dict[str, Any]]) -> Iterator[Document]:
    values = {"run_no": run_no, "note_nos": sorted({row["results_no"] for row in page})}
    entities = _grouped(connection, _ENTITIES, values)
    sections = _grouped(connection, _SECTIONS, values)
    for row in page:
        results_no = row.pop("results_no")
        found = [_entity(record, row["note_id"], run_id) for record in entities.get(results_no, ())]
        yield Document(**row, entities=found, sections=sections.get(results_no, ()))


def _grouped(connection: Connection, query: str, values: dict[str, Any]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(query, values):
            found.setdefault(row.pop("note_no"), []).append(row)
    return found


def _entity(row: dict[str, Any], note_id: str, run_id: str) -> dict[str, Any]:
    # The rows stay as they are: a second note of the page may share them.
    record = {name: value for name, value in row.items() if name not in _ASSERTIONS}
    record["assertion"] = {name: row[name] for name in _ASSERTIONS}
    record["codes"] = read_codes(row["codes"])
    record["attributes"] = row["attributes"] or []
    return record | {"note_id": note_id, "run_id": run_id, "schema_version": ENTITY_SCHEMA_VERSION}
