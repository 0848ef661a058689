from dataclasses import replace

import pytest
from tests.stores.findings import entity_of, found_in

from hctap_stores.database import results
from hctap_stores.database.connection import Database
from hctap_stores.database.keeping import Kept
from hctap_stores.database.rows import (
    LedgerEntry,
    LedgerNote,
    Term,
    intern_codes,
    intern_provenance,
    join_rows,
    number_term,
    render_rows,
)

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


def test_a_list_that_may_quote_a_note_has_a_number_below_zero() -> None:
    assert intern_codes("[]", []) >= 0
    assert intern_codes("[1]", ["name"]) >= 0
    assert intern_codes("[1]", ["name; detail: left"]) < 0
    assert intern_codes("[1]", ["name", "service"]) < 0


def test_a_shard_brings_each_list_once_and_code_by_code(database: Database, run_no: int) -> None:
    code = {"system": "S", "code": "a", "display": "d", "score": 0.25, "release": "1", "reason": "name"}
    codes = [code, code | {"code": "b", "score": 1}]
    notes = [LedgerNote(f"k{place}", place, f"n{place}", "Fever") for place in range(2)]
    rows = render_rows(run_no, [found_in(note, [entity_of(note, "R", 0, 5, codes=codes)]) for note in notes])
    with database.transaction() as connection:
        connection.execute("TRUNCATE terms, code_lists, listed_codes")
        for one in (rows, replace(rows, tables=(b"",) * len(rows.tables))):
            results.copy_results(connection, one, Kept())
        (term,) = connection.execute("SELECT * FROM terms").fetchall()
        listed = connection.execute("SELECT * FROM listed_codes ORDER BY rank").fetchall()
        named = connection.execute("SELECT term_no, codes_no FROM entities").fetchall()
    assert Term(*term) == number_term("PROBLEM", "fever", term[3])
    assert named == [(term[0], term[3])] * 2
    assert listed == [
        (term[3], 0, "S", "a", "d", 0.25, "1", "name"),
        (term[3], 1, "S", "b", "d", 1.0, "1", "name"),
    ]
