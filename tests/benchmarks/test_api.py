"""The bench of the API: its copies, its load, its last line."""

import asyncio
from collections.abc import Iterator

import pytest
from benchmarks.api.calls import Load, Outcome, make_call, send_load
from benchmarks.api.copies import FIRST, SECOND, Size, find_size, make_copies, settle
from benchmarks.api.material import Material, find_material
from benchmarks.api.measuring import Figures, Times
from benchmarks.api.page import render_line, render_page
from tests.clinic import LATEST_RUN, fill_database, serve, settings_of

from hctap_api.main import create_app
from hctap_core.answers import NoteDocument
from hctap_embedded.stack import Stack
from hctap_stores.database.connection import Database
from hctap_stores.database.note_documents import NoteReader
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.comparison import RunPair, compare_runs

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def copies(database_url: str) -> str:
    fill_database(database_url)
    with Database(database_url) as database:
        made = make_copies(database, LATEST_RUN, 500)
        assert made.notes >= 500
        assert make_copies(database, LATEST_RUN, 500) == made == find_size(database, FIRST)
    settle(database_url)
    return database_url


@pytest.fixture(scope="module")
def port(stack: Stack, copies: str) -> Iterator[int]:
    with serve(create_app(settings_of(stack, copies))) as url:
        yield int(url.rpartition(":")[2])


def test_copies_keep_their_offsets_and_the_second_run_differs_in_places(copies: str) -> None:
    async def look() -> None:
        pool = Pool(copies)
        await pool.open()
        try:
            comparison = await compare_runs(pool, RunPair(FIRST, SECOND))
            assert comparison.texts.only_first == comparison.texts.only_second == 0
            assert comparison.total.removed
            assert comparison.total.reasserted
            note = NoteDocument.model_validate_json(await NoteReader(pool).read("cardiology-1-copy-00002", FIRST) or "")
            assert note.entities
            assert all(note.text[entity.begin : entity.end] == entity.text for entity in note.entities)
        finally:
            await pool.close()

    asyncio.run(look())


def test_a_load_counts_answers_and_what_is_none(port: int) -> None:
    calls = [make_call("good", "GET", "/health", ""), make_call("bad", "GET", "/v1/notes/nobody", "")]
    outcome = send_load(Load(port, calls, connections=2, seconds=0.3, rate=50))
    assert outcome.times["good"]
    assert set(outcome.errors) <= {"bad 404", "bad 401"}
    assert outcome.errors
    assert outcome.answers < 20


def test_the_material_is_answered_from_the_first_page_and_from_the_middle(copies: str, port: int) -> None:
    with Database(copies) as database:
        material = find_material(database)
    assert _ask(port, material).errors == {}


def _ask(port: int, material: Material) -> Outcome:
    # An open API asks for no key, and refuses a wrong one.
    bodies = [*material.searches, *material.deep_searches]
    calls = [make_call("search", "POST", "/v1/entities/search", "", body) for body in bodies]
    calls += [make_call("note", "GET", f"/v1/notes/{note_id}", "") for note_id in material.note_ids[:20]]
    calls = [type(call)(call.name, call.request.replace(b"Authorization: Bearer \r\n", b"")) for call in calls]
    return send_load(Load(port, calls, connections=4, seconds=1.0, rate=len(calls)))


def test_the_last_line_has_the_slower_search() -> None:
    figures = Figures(
        8000, 2000, 0.25, Times(5, 20), Times(5, 30), 4, 5, 1.25, 10, 1, {"note 500": 2}, 100, 100
    )  # fmt: skip
    assert render_line(figures) == "note_ratio=0.25 search_p99_ms=30.0 extract_ratio=1.25 errors=2"
    assert "| 0.25 | ≥ 0.2 |" in render_page(figures, Size(60_000, 2_600_000), "2 cores")
