"""Notes found by the words of their texts, on the real database."""

from itertools import chain

import httpx
import psycopg
import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, ODD_ID, add_notes

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import RunNotFound
from hctap_core.note_searches import NoteSearch
from hctap_stores.database.connection import Database
from hctap_stores.database.search import notes

pytestmark = pytest.mark.stack
# As a plan enters a note that was imported.
_ENTER = """
INSERT INTO notes (note_id, specialty, checksum, content_sha256, batch_id, schema_version)
SELECT o.note_id, 'Ward', o.etag, o.content_sha256, n.batch_id, n.schema_version
FROM lake_objects o, notes n WHERE o.note_id = %s AND n.note_id = 'late-1'
"""
WARDS = [f"ward-{number:03}" for number in range(1, 131)]


@pytest.fixture(params=[notes.MANY_TEXTS, 0], ids=["few", "many"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each search is made in the way of few texts and in that of many."""
    monkeypatch.setattr(notes, "MANY_TEXTS", request.param)


def find(client: Client, words: str, **more: object) -> list[str]:
    search = NoteSearch.model_validate({"words": words, **more})
    return [note.note_id for note in client.search_notes(search).notes]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("asthma", ["changed-1", "script-1", ODD_ID]),
        ("ASTHMA", ["changed-1", "script-1", ODD_ID]),
        # Any inflection, as a reader means it.
        ("deny chest pains", ["cardiology-1", "cardiology-2"]),
        ('"chest pain" aspirin', ["cardiology-1", "cardiology-2"]),
        ('"pain chest"', []),
        ("potassium or pneumonia", ["cardiology-1", "cardiology-2", "table-1"]),
        ("asthma -cough", ["changed-1", ODD_ID]),
        # What an earlier run read is not what the note says today.
        ("gout", []),
        # A note that came after the run is found in its own text.
        ("came after", ["late-1"]),
        ("the", []),
        ("'); DROP TABLE notes; --", []),
        ("!&|():*<->\\", []),
    ],
)
def test_notes_are_found_by_what_they_say(client: Client, words: str, expected: list[str]) -> None:
    assert sorted(find(client, words)) == sorted(expected)


def test_all_else_that_is_asked_must_hold_too(client: Client) -> None:
    assert find(client, "asthma", specialty="Script") == ["script-1"]
    assert find(client, "fever", entity_type=EntityType.PROCEDURE) == ["script-1"]
    assert find(client, "asthma", run_id=FIRST_RUN) == []
    assert find(client, "gout", run_id=FIRST_RUN) == ["changed-1"]
    assert client.search_notes(NoteSearch(words="gout", run_id=FIRST_RUN)).run_id == FIRST_RUN
    assert client.search_notes(NoteSearch(words="asthma")).run_id is None
    with pytest.raises(RunNotFound):
        client.search_notes(NoteSearch(words="asthma", run_id="nobody"))


def test_pages_follow_each_other(client: Client) -> None:
    found, cursor = [], None
    while True:
        page = client.search_notes(NoteSearch(words="day cough", cursor=cursor, limit=50))
        found.append([note.note_id for note in page.notes])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [len(ids) for ids in found] == [50, 50, 30]
    assert list(chain.from_iterable(found)) == WARDS


def test_an_excerpt_shows_the_words_where_they_stand(client: Client) -> None:
    note = client.search_notes(NoteSearch(words="chest pain", limit=1)).notes[0]
    assert [part.text for part in note.excerpt if part.found] == ["chest", "pain"]
    assert "".join(part.text for part in note.excerpt).startswith(
        "HISTORY OF PRESENT ILLNESS: Mr. Example denies chest"
    )
    assert note.characters
    assert note.specialty == "Cardiology"


def test_who_found_is_in_the_audit_and_the_words_are_not(client: Client, database_url: str) -> None:
    client.search_notes(NoteSearch(words="pneumonia"))
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT action, notes, to_jsonb(audit)::text FROM audit ORDER BY 1 DESC").fetchone()
    newest = client.audit().entries[0]
    assert (newest.action, newest.notes) == ("notes.search", 2)
    assert row is not None
    assert "pneumonia" not in row[2]


def test_a_text_that_came_just_now_is_found_and_goes_with_its_note(client: Client, database_url: str) -> None:
    # What was deleted comes back under no id of before.
    note_id = f"new-{notes.MANY_TEXTS}"
    with Database(database_url) as database:
        add_notes(database, {note_id: "Complains of hiccups."})
        with database.transaction() as connection:
            connection.execute(_ENTER, (note_id,))
    page = client.search_notes(NoteSearch(words="hiccup"))
    assert ([note.note_id for note in page.notes], page.waiting) == ([note_id], 0)
    assert httpx.delete(f"{client.base_url}/v1/notes/{note_id}?reason=imported_in_error").is_success
    assert find(client, "hiccup") == []
    with psycopg.connect(database_url) as connection:
        left = connection.execute("SELECT count(*) FROM note_words WHERE words @@ 'hiccup'::tsquery").fetchone()
    assert left == (0,)


def test_where_notes_pass_a_guard_none_is_found_in_its_raw_text(client: Client, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        change = "UPDATE runs SET pipeline = jsonb_set(pipeline, '{settings}', %s::jsonb) WHERE run_id = %s"
        before = connection.execute("SELECT pipeline->'settings' FROM runs WHERE run_id = %s", (LATEST_RUN,)).fetchone()
        assert before is not None
        connection.execute(change, ('{"phi": "redact"}', LATEST_RUN))
        assert find(client, "came after") == []
        assert find(client, "asthma") != []
        connection.execute(change, (psycopg.types.json.Jsonb(before[0] or {}), LATEST_RUN))
    assert find(client, "came after") == ["late-1"]


@pytest.mark.parametrize("body", [{}, {"words": ""}, {"words": "x" * 201}, {"words": "a\x00"}, {"words": "a", "x": 1}])
def test_what_makes_no_sense_is_refused(client: Client, body: dict[str, object]) -> None:
    assert httpx.post(f"{client.base_url}/v1/notes/search", json=body).status_code == 422
