import pytest
from tests.stores.findings import entity_of, found_in

from hctap_stores.database import results
from hctap_stores.database.connection import Database
from hctap_stores.database.keeping import Kept
from hctap_stores.database.rows import LedgerEntry, LedgerNote, intern_provenance, join_rows, render_rows

ODD = 'tab\there, new\nline, return\rhere, back\\slash, \\N, "quoted", é, 漢'


@pytest.fixture
def run_no(database: Database) -> int:
    with database.transaction() as connection:
        row = connection.execute(
            "INSERT INTO runs (run_id, status, pipeline, pipeline_hash) VALUES ('R', 'queued', '{}', 'x') "
            "RETURNING run_no"
        ).fetchone()
    assert row
    return int(row[0])


def test_any_text_survives_the_way_into_the_tables(database: Database, run_no: int) -> None:
    note = LedgerNote("k", 5, "n", ODD)
    code = {"system": "S", "code": "a\tb", "display": ODD, "score": 0.25, "release": "1"}
    part = {"type": "DOSE", "text": ODD, "begin": 1, "end": 2, "norm": None}
    provenance = {"extractor": ODD, "cues": [1.5, None, True]}
    more = {"codes": [code], "attributes": [part, {**part, "norm": ODD}], "provenance": provenance, "section": ODD}
    result = found_in(note, [entity_of(note, "R", 0, len(ODD), **more)])
    with database.transaction() as connection:
        results.copy_results(connection, render_rows(run_no, [result]), Kept())
    with database.transaction() as connection:
        entity = connection.execute(
            "SELECT note_no, text, norm_text, section, score, negated, family, provenance, cues "
            "FROM entities JOIN provenances USING (provenance_no)"
        ).fetchone()
        counts = connection.execute("SELECT * FROM entity_counts").fetchall()
        codes = connection.execute("SELECT rank, code, display, score FROM entity_codes").fetchall()
        parts = connection.execute("SELECT position, text, norm FROM entity_attributes ORDER BY 1").fetchall()
    assert entity == (5, ODD, ODD.lower(), ODD, 1.0, True, False, {"extractor": ODD}, [1.5, None, True])
    assert counts == [(run_no, 5, "PROBLEM", 1, 0, 1, 0, 0, 0, 0, 1, 1)]
    assert codes == [(0, "a\tb", ODD, 0.25)]
    assert parts == [(0, ODD, None), (1, ODD, ODD)]


def test_rows_of_notes_joined_are_those_of_all() -> None:
    notes = [LedgerNote(f"k{place}", place, f"n{place}", "Fever") for place in range(3)]
    found = [found_in(note, [entity_of(note, "R", 0, 5)], "KeyError" if note.note_no == 1 else None) for note in notes]
    whole = render_rows(1, found)
    assert join_rows(render_rows(1, [one]) for one in found) == whole
    assert whole.ledger[1] == LedgerEntry("k1", "KeyError", 1, 1500)


def test_a_record_of_provenance_has_one_number() -> None:
    record = {"extractor": "rules", "version": "1", "method": "rule", "source": "t"}
    number, encoded = intern_provenance(record)
    assert intern_provenance(dict(reversed(record.items()))) == (number, encoded)
    assert -(2**63) <= number < 2**63
    assert intern_provenance(record | {"source": "u"})[0] != number
