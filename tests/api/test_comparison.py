"""Two runs compared: what was added, removed, asserted and coded otherwise."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.clinic import serve, settings_of
from tests.stores.findings import ALL_FALSE, catalogued, entity_of, found_in, make_note

from hctap_api.main import create_app
from hctap_core.comparisons import ChangedNotes, Comparison, NoteComparison
from hctap_core.runs import Part, Pipeline
from hctap_embedded.stack import Stack
from hctap_stores.database import catalogue, plan, results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.revisions import upgrade
from hctap_stores.database.rows import render_rows

pytestmark = pytest.mark.stack

CODES: list[dict[str, Any]] = [
    {"system": "HPO", "code": "HP:1", "display": "d", "score": 1.0, "release": "", "reason": ""}
]
OTHER: list[dict[str, Any]] = [
    {"system": "HPO", "code": "HP:2", "display": "d", "score": 1.0, "release": "", "reason": ""}
]
# note -> what each run finds: begin, end, and what differs from the plain entity
FIRST: dict[str, list[tuple[int, int, dict[str, Any]]]] = {
    "a": [(0, 5, {"codes": CODES}), (6, 10, {})],
    "b": [(0, 5, {}), (6, 10, {"entity_type": "TEST"})],
    "c": [(0, 5, {})],
}
SECOND: dict[str, list[tuple[int, int, dict[str, Any]]]] = {
    "a": [(0, 5, {"codes": OTHER, "assertion": ALL_FALSE}), (6, 10, {})],
    "b": [(0, 5, {}), (6, 10, {"section": "allergies"})],
    "c": [(0, 5, {})],
    "d": [(0, 5, {})],
}


def work(database: Database, run_id: str, found: dict[str, list[tuple[int, int, dict[str, Any]]]]) -> None:
    pipeline = Pipeline(extractor="r", extractor_version=run_id, code_version="1")
    run_no = runs.create_run(database, run_id, pipeline).run_no
    plan.write_plan(database, run_no)
    for shard in results.pending_shards(database, run_no):
        notes = results.begin_shard(database, run_no, shard)
        done = [
            found_in(note, [entity_of(note, run_id, begin, end, **more) for begin, end, more in found[note.note_id]])
            for note in notes
        ]
        rows = sum(len(one.entities) for one in done)
        part = Part(key=f"k{run_id}{shard}", sha256="s", rows=rows, bytes=1)
        results.commit_shard(database, run_no, shard, part, render_rows(run_no, done), time.monotonic_ns())
    runs.finish_run(database, run_no)


@pytest.fixture(scope="module")
def url(stack: Stack, new_database: Callable[[], str]) -> Iterator[str]:
    address = new_database()
    upgrade(address)
    with Database(address) as database:
        catalogue.record(database, [catalogued(make_note(note, f"Fever ache {note}")) for note in FIRST])
        work(database, "R1", FIRST)
        more = [catalogued(make_note("d", "Fever ache d")), catalogued(make_note("0", "Fever ache a"))]
        catalogue.record(database, more)
        # `0` has the text of `a` and stands for it now, as its key comes first.
        work(database, "R2", {"0": SECOND["a"], **SECOND})
    with serve(create_app(settings_of(stack, address))) as served:
        yield served


def test_changes_are_counted_in_all_and_by_type_section_and_code(url: str) -> None:
    response = httpx.get(f"{url}/v1/runs/R1/compare/R2", timeout=20)
    assert response.status_code == 200, response.text
    found = Comparison.model_validate_json(response.content)
    assert found.texts.model_dump() == {"both": 3, "only_first": 0, "only_second": 1}
    assert found.total.model_dump() == {"added": 1, "removed": 1, "reasserted": 1, "recoded": 1, "same": 3}
    assert {kind.value: (one.added, one.removed, one.same) for kind, one in found.by_type.items()} == {
        "PROBLEM": (1, 0, 3),
        "TEST": (0, 1, 0),
    }
    assert found.by_section["allergies"].added == 1
    assert {code: one.recoded for code, one in found.by_code.items()} == {"HPO HP:2": 1}


def test_what_is_kept_is_told_and_not_counted_again(stack: Stack, url: str, new_database: Callable[[], str]) -> None:
    address = new_database()
    upgrade(address)
    with Database(address) as database:
        catalogue.record(database, [catalogued(make_note(note, f"Fever ache {note}")) for note in FIRST])
        work(database, "R1", FIRST)
        work(database, "R2", {note: SECOND[note] for note in FIRST})
        with serve(create_app(settings_of(stack, address))) as served:
            found = httpx.get(f"{served}/v1/runs/R1/compare/R2", timeout=20).json()
        with database.transaction() as connection:
            connection.execute("UPDATE comparisons SET counts = jsonb_set(counts, '{total,same}', '777')")
        # Another program, and nothing of it in the cache.
        with serve(create_app(settings_of(stack, address).model_copy(update={"redis_url": ""}))) as served:
            kept = httpx.get(f"{served}/v1/runs/R1/compare/R2", timeout=20).json()
    assert found["total"]["same"] == 3
    assert kept == found | {"total": found["total"] | {"same": 777}}
    assert httpx.get(f"{url}/v1/runs/R1/compare/R2", timeout=20).json()["total"]["same"] == 3


def test_the_other_way_round_what_was_added_is_removed(url: str) -> None:
    found = Comparison.model_validate_json(httpx.get(f"{url}/v1/runs/R2/compare/R1", timeout=20).content)
    assert (found.total.added, found.total.removed, found.texts.only_first) == (1, 1, 1)
    same = Comparison.model_validate_json(httpx.get(f"{url}/v1/runs/R2/compare/R2", timeout=20).content)
    assert same.total.model_dump() == {"added": 0, "removed": 0, "reasserted": 0, "recoded": 0, "same": 6}


def test_the_notes_with_changes_lead_to_what_changed(url: str) -> None:
    page = ChangedNotes.model_validate_json(httpx.get(f"{url}/v1/runs/R1/compare/R2/notes").content)
    assert [(note.note_id, note.changes.added, note.changes.recoded) for note in page.notes] == [
        ("0", 0, 1),
        ("b", 1, 0),
    ]
    assert page.next_cursor is None
    for note_id in ("0", "a"):
        response = httpx.get(f"{url}/v1/runs/R1/compare/R2/notes/{note_id}")
        assert response.status_code == 200, response.text
        found = NoteComparison.model_validate_json(response.content)
        assert found.note_id == note_id
        assert [(change.text, change.changes) for change in found.changes] == [("Fever", ("reasserted", "recoded"))]
        first, second = found.changes[0].first, found.changes[0].second
        assert first is not None
        assert second is not None
        assert (first.codes, second.codes) == (("HPO HP:1",), ("HPO HP:2",))
        assert (first.assertion.negated, second.assertion.negated) == (True, False)
    found = NoteComparison.model_validate_json(httpx.get(f"{url}/v1/runs/R1/compare/R2/notes/b").content)
    assert [(change.changes[0].value, change.entity_type.value) for change in found.changes] == [
        ("added", "PROBLEM"),
        ("removed", "TEST"),
    ]
    unchanged = NoteComparison.model_validate_json(httpx.get(f"{url}/v1/runs/R1/compare/R2/notes/c").content)
    assert unchanged.changes == ()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("R1/compare/R9", "run-not-found"),
        ("R9/compare/R1/notes", "run-not-found"),
        ("R1/compare/R2/notes/d", "note-not-found"),
        ("R1/compare/R2/notes/nobody", "note-not-found"),
    ],
)
def test_what_cannot_be_compared_is_not_found(url: str, path: str, kind: str) -> None:
    response = httpx.get(f"{url}/v1/runs/{path}")
    assert (response.status_code, response.json()["type"]) == (404, f"urn:hctap:problem:{kind}")
