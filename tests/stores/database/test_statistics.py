"""The code of a term in a run's statistics: the commonest first code of its affirmed entities."""

import time
from typing import Any

from tests.stores.findings import ALL_FALSE, catalogued, entity_of, found_in, make_note

from hctap_core.runs import Part, Pipeline
from hctap_stores.database import catalogue, plan, results, runs
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.rows import render_rows
from hctap_stores.database.statistics import write_statistics

# Words of a note may stand in it, so the list of codes that gives it has a number below zero.
_OF_NOTE = "name; detail: left"


def _code(code: str, reason: str = "name", display: str = "d") -> dict[str, Any]:
    return {"system": "S", "code": code, "display": display, "score": 1.0, "release": "1", "reason": reason}


def _finish(database: Database, *found: tuple[str, list[dict[str, Any]], bool]) -> int:
    """A finished run with a note for each: the term, its codes, whether it is negated."""
    names = [f"n{place}" for place in range(len(found))]
    texts = [f"{term} {name}" for (term, _, _), name in zip(found, names, strict=True)]
    catalogue.record(database, [catalogued(make_note(*one)) for one in zip(names, texts, strict=True)])
    run_no = runs.create_run(database, "R", Pipeline(extractor="r", extractor_version="1", code_version="1")).run_no
    plan.write_plan(database, run_no)
    made = []
    for note in results.begin_shard(database, run_no, 0):
        term, codes, negated = found[int(note.note_id[1:])]
        assertion = ALL_FALSE | {"negated": negated}
        made.append(found_in(note, [entity_of(note, "R", 0, len(term), codes=codes, assertion=assertion)]))
    part = Part(key="k", sha256="s", rows=len(made), bytes=1)
    results.commit_shard(database, run_no, 0, part, render_rows(run_no, made), time.monotonic_ns())
    runs.finish_run(database, run_no)
    return run_no


def _codes(connection: Connection) -> dict[str, tuple[str | None, str | None]]:
    row = connection.execute("SELECT value FROM run_statistics WHERE name = 'terms' AND specialty = ''").fetchone()
    assert row
    return {one["norm_text"]: (one["code"], one["display"]) for one in row[0].get("PROBLEM", [])}


def test_a_term_has_the_commonest_first_code_of_its_affirmed_entities(database: Database) -> None:
    run_no = _finish(
        database,
        ("fever", [_code("A"), _code("Z")], False),
        ("fever", [_code("A"), _code("Y")], False),
        ("fever", [_code("B")], False),
        ("fever", [_code("B", _OF_NOTE, "e")], False),
        ("fever", [_code("B", _OF_NOTE)], False),
        ("fever", [_code("C")], True),
        ("fever", [_code("C")], True),
        ("fever", [_code("C")], True),
        ("fever", [_code("C")], True),
        ("cough", [_code("B", _OF_NOTE)], False),
        ("rash", [_code("D"), _code("E")], False),
        ("rash", [_code("C"), _code("E")], False),
        ("pain", [], False),
    )
    # Three for B, in three lists, against two for A; of two that are as common, the first; of those that
    # are shown otherwise, the last name; none for what has no code.
    expected = {"fever": ("B", "e"), "cough": ("B", "d"), "rash": ("C", "d"), "pain": (None, None)}
    with database.transaction() as connection:
        assert _codes(connection) == expected
        quoting = connection.execute("SELECT count(*) FROM entities WHERE codes_no < 0").fetchone()
        assert quoting == (3,)
        write_statistics(connection, run_no)
        assert _codes(connection) == expected
