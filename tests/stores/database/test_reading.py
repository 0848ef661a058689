import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from tests.pools import ask_pool
from tests.stores.findings import ALL_FALSE, catalogued, entity_of, found_in, make_note

from hctap_core.answers import NoteDocument
from hctap_core.errors import MigrationNeeded, PlatformError, RunNotFound, StoreUnavailable
from hctap_core.note_lists import NotesAsked
from hctap_core.runs import Part, Pipeline, Run
from hctap_stores.database import catalogue, plan, reading, results, runs
from hctap_stores.database.auditing import Access
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_notes
from hctap_stores.database.note_documents import NoteReader
from hctap_stores.database.notes import notes_page_json
from hctap_stores.database.pool import Pool
from hctap_stores.database.rows import render_rows
from hctap_stores.database.spellings import AND, ASSERTED, MARK, PLAIN, Spellings


def _ask(url: str, question: Callable[[Pool], Awaitable[Any]]) -> Any:
    return ask_pool(url, question)


_DOSE = {"type": "DOSE", "text": "ever", "begin": 1, "end": 5, "norm": None}
_CODE = {"system": "S", "code": '"', "display": "é", "score": 0.5, "release": "1", "reason": "name"}


def _run(
    database: Database, run_id: str, texts: dict[str, str], more: Mapping[str, dict[str, Any]] = MappingProxyType({})
) -> None:
    catalogue.record(database, [catalogued(make_note(note_id, text)) for note_id, text in texts.items()])
    run_no = runs.create_run(database, run_id, Pipeline(extractor="r", extractor_version="1", code_version="1")).run_no
    plan.write_plan(database, run_no)
    notes = results.begin_shard(database, run_no, 0)
    found = [found_in(note, [entity_of(note, run_id, 0, 5, **more.get(note.note_id, {}))]) for note in notes]
    results.commit_shard(
        database, run_no, 0, Part(key="k", sha256="s", rows=1, bytes=1), render_rows(run_no, found), time.monotonic_ns()
    )
    runs.finish_run(database, run_no)


def _note(url: str, note_id: str, run_id: str | None = None) -> NoteDocument:
    return NoteDocument.model_validate_json(_ask(url, lambda pool: NoteReader(pool).read(note_id, run_id)))


def test_a_note_is_shown_as_the_run_read_it(database: Database, database_url: str) -> None:
    _run(database, "R1", {"a": "Fever", "b": "Fever"})
    _run(database, "R2", {"a": "Cough & more"})
    latest, first, duplicate = _note(database_url, "a"), _note(database_url, "a", "R1"), _note(database_url, "b")
    assert (latest.run_id, latest.text, latest.entities[0].text) == ("R2", "Cough & more", "Cough")
    assert (first.run_id, first.text, first.checksum) == ("R1", "Fever", make_note("a", "Fever").checksum)
    assert (first.content_sha256, first.entities[0].run_id) == (make_note("a", "Fever").content_sha256, "R1")
    assert (duplicate.run_id, duplicate.entities[0].note_id, duplicate.entities[0].run_id) == ("R2", "b", "R2")
    assert len(duplicate.sections) == 1


def test_the_entities_are_those_of_the_export(database: Database, database_url: str) -> None:
    _run(database, "R", {"a": "Fever"})
    shown = json.loads(_ask(database_url, lambda pool: NoteReader(pool).read("a")))["entities"]
    assert shown == read_notes(database, 1, "R", ["a"])["a"].entities


def test_a_mark_in_a_text_stands_for_itself(database: Database, database_url: str) -> None:
    text = f"Fever {MARK}7{MARK}"
    _run(database, "R", {"a": text})
    note = _note(database_url, "a")
    assert (note.text, note.entities[0].provenance.extractor) == (text, "rules")


def test_what_stands_under_a_number_is_spelt_out_whatever_is_remembered_of_it(
    database: Database, database_url: str
) -> None:
    _run(database, "R", {"a": "Fever"})
    with database.transaction() as connection:
        for rank, score in enumerate((0.5, 1.0)):
            values = (rank, *(_CODE | {"score": score}).values())
            connection.execute("INSERT INTO listed_codes VALUES (7, %s, %s, %s, %s, %s, %s, %s)", values)
        connection.execute("INSERT INTO code_lists VALUES (7, %s)", (json.dumps([_CODE, _CODE | {"score": 1.0}]),))
        kept = dict(connection.execute("SELECT provenance_no, provenance FROM provenances ORDER BY 1"))
    codes = '{"system":"S","code":"\\"","display":"é","score":0.5,"release":"1","reason":"name"}'
    plain = json.dumps(ALL_FALSE, separators=(",", ":"))
    spelt = {
        **{str(number): f'],"provenance":{json.dumps(record)[:-1]},"cues":' for number, record in kept.items()},
        f"{ASSERTED}7": f'{codes},{codes.replace("0.5", "1")}],"attributes":[',
        f"{PLAIN}7": f',"assertion":{plain},"codes":[{codes},{codes.replace("0.5", "1")}],"attributes":[',
    }
    spelt |= {
        f"{one}{AND}{other}": spelt[one] + spelt[other]
        for one in spelt
        for other in map(str, kept)
        if one.startswith((ASSERTED, PLAIN))
    }
    asked = [None, *(f"é{MARK}{number}{MARK},{MARK}{number}{MARK}".encode() for number in spelt)]
    expected = [None, *(f"é{one},{one}".encode() for one in spelt.values())]

    async def spell(pool: Pool) -> None:
        async with pool.connection() as connection:
            for spelling in (Spellings(), Spellings(most=0)):
                for documents in (asked, asked[::-1]):
                    answer = await spelling.spell(connection, documents)
                    assert answer == (expected if documents is asked else expected[::-1])

    _ask(database_url, spell)


def test_codes_are_shown_as_they_were_given_and_what_may_quote_a_note_is_not_remembered(
    database: Database, database_url: str
) -> None:
    shared: tuple[tuple[str, ...], ...] = ((), ("curated",), ("name", "synonym"))
    quoting = (("name; detail: fever",), ("curated", "service"))
    given = {
        f"{reasons} {negated} {attributes}": {
            "codes": [
                _CODE | {"reason": one, "score": score} for one, score in zip(reasons, (1.0, 0.25), strict=False)
            ],
            "assertion": ALL_FALSE | {"negated": negated},
            "attributes": attributes,
        }
        for reasons in (*shared, *quoting)
        for negated in (False, True)
        for attributes in ([], [_DOSE])
    }
    names = {f"n{place}": more for place, more in enumerate(given.values())}
    _run(database, "R", {name: f"Fever {name}" for name in names}, names)

    async def read_all(pool: Pool) -> tuple[list[bytes | None], str]:
        reader = NoteReader(pool)
        return [await reader.read(name) for name in names], repr(vars(reader._spellings))

    shown, remembered = _ask(database_url, read_all)
    expected = read_notes(database, 1, "R", list(names))
    assert [json.loads(one)["entities"] for one in shown] == [expected[name].entities for name in names]
    assert "synonym" in remembered
    assert "detail" not in remembered
    assert "service" not in remembered
    with database.transaction() as connection:
        numbers = connection.execute("SELECT count(*) FILTER (WHERE codes_no < 0), count(*) FROM entities").fetchone()
    assert numbers == (4 * len(quoting), len(names))


def test_a_note_outside_the_run_has_no_entities(database: Database, database_url: str) -> None:
    _run(database, "R1", {"a": "Fever"})
    _run(database, "R2", {"b": "Cough"})
    outside = _note(database_url, "b", "R1")
    assert (outside.run_id, outside.text, outside.entities, outside.sections) == (None, "Cough", (), ())


def test_what_is_not_there_is_said(database: Database, database_url: str) -> None:
    assert _ask(database_url, reading.latest_run_json) is None
    assert _ask(database_url, lambda pool: NoteReader(pool).read("a")) is None
    _run(database, "R", {"a": "Fever"})
    assert _ask(database_url, lambda pool: NoteReader(pool).read("zzz")) is None
    with pytest.raises(RunNotFound, match="'other'"):
        _ask(database_url, lambda pool: NoteReader(pool).read("a", "other"))


def test_what_is_read_is_written_down_and_what_is_not_there_is_not(database: Database, database_url: str) -> None:
    _run(database, "R", {"a": "Fever", "b": "Cough"})
    by = partial(Access, "key", "reader", "192.0.2.1", "note.read")

    async def ask(pool: Pool) -> list[bytes | BaseException | None]:
        reader = NoteReader(pool)
        asked = (("a", None), ("zzz", None), ("b", "R"), ("b", "other"))
        return await asyncio.gather(
            *(reader.read(note_id, run_id, by(f"r-{note_id}", note_id, run_id)) for note_id, run_id in asked),
            return_exceptions=True,
        )

    first, missing, second, unknown = _ask(database_url, ask)
    assert [json.loads(found)["note_id"] for found in (first, second)] == ["a", "b"]
    assert missing is None
    assert isinstance(unknown, RunNotFound)
    with database.transaction() as connection:
        rows = connection.execute(
            "SELECT actor, role, address, action, note_id, run_id, notes, request_id FROM audit ORDER BY note_id"
        )
        whole = ("key", "reader", "192.0.2.1", "note.read")
        assert list(rows) == [(*whole, "a", None, 1, "r-a"), (*whole, "b", "R", 1, "r-b")]


def test_nothing_is_read_that_cannot_be_written_down(database: Database, database_url: str) -> None:
    _run(database, "R", {"a": "Fever"})
    with database.transaction() as connection:
        connection.execute("ALTER TABLE audit ADD CONSTRAINT full_house CHECK (request_id <> 'refused')")
    access = Access("key", "reader", None, "note.read", "refused", "a")
    with pytest.raises(PlatformError, match="CheckViolation"):
        _ask(database_url, lambda pool: NoteReader(pool).read("a", None, access))
    with database.transaction() as connection:
        connection.execute("ALTER TABLE audit DROP CONSTRAINT full_house")
    assert json.loads(_ask(database_url, lambda pool: NoteReader(pool).read("a", None, access)))["text"] == "Fever"


def test_the_latest_run_is_shown_as_a_run(database: Database, database_url: str) -> None:
    _run(database, "R1", {"a": "Fever"})
    _run(database, "R2", {"a": "Fever", "b": "Cough"})
    runs.create_run(database, "R3", Pipeline(extractor="r", extractor_version="1", code_version="1"))
    shown = Run.model_validate_json(_ask(database_url, reading.latest_run_json))
    assert shown == runs.find_run(database, "R2").run


def test_pages_of_notes_follow_the_order_of_ids(database: Database, database_url: str) -> None:
    _run(database, "R", {note_id: f"Text of {note_id}" for note_id in ("b", "a", "é", "B", "😀")})
    pages, after = [], None
    while True:
        page = json.loads(_ask(database_url, partial(notes_page_json, asked=NotesAsked(cursor=after, limit=2))))
        pages.append([note["note_id"] for note in page["notes"]])
        if (after := page["next_cursor"]) is None:
            break
    assert pages == [["B", "a"], ["b", "é"], ["😀"]]
    first = page["notes"][0]
    assert (first["note_id"], first["specialty"], first["characters"]) == ("😀", "Cardiology", 9)


@pytest.mark.usefixtures("database")
def test_an_empty_page(database_url: str) -> None:
    page = json.loads(_ask(database_url, lambda pool: notes_page_json(pool, NotesAsked(limit=2))))
    assert page == {"notes": [], "next_cursor": None, "run_id": None}


@pytest.mark.usefixtures("database")
def test_the_check_sees_what_is_wrong(new_database: Callable[[], str], database_url: str) -> None:
    assert _ask(database_url, reading.check) is None
    with pytest.raises(MigrationNeeded):
        _ask(new_database(), reading.check)
    with pytest.raises(StoreUnavailable):
        _ask("postgresql://x:y@127.0.0.1:1/z", reading.check)
