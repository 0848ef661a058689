"""Lists of notes, filtered, on the real database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, TEXTS, find_entities, open_clinic

from hctap_client import Client
from hctap_core.entities import CodeSystem, EntityType
from hctap_core.errors import RunNotFound
from hctap_core.note_lists import NotesAsked
from hctap_embedded.stack import Stack
from hctap_stores.database.connection import Database

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def client(stack: Stack, new_database: Callable[[], str]) -> Iterator[Client]:
    database_url = new_database()
    with open_clinic(stack, database_url) as url, Client(url) as opened:
        with Database(database_url) as database, database.transaction() as connection:
            connection.execute(
                "UPDATE notes SET authored_at = '2026-03-01', note_type = 'Letter' WHERE note_id = 'plain-1'"
            )
        yield opened


def ids(client: Client, **asked: object) -> list[str]:
    return [note.note_id for note in client.find_notes(NotesAsked.model_validate(asked))]


def with_type(kind: str) -> list[str]:
    return sorted(note for note, text in TEXTS.items() if any(e["entity_type"] == kind for e in find_entities(text)))


def test_all_notes_are_listed_page_by_page(client: Client) -> None:
    assert ids(client, limit=50) == sorted([*TEXTS, "late-1"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"specialty": "Cardiology"}, ["cardiology-1", "cardiology-2"]),
        ({"note_type": "Letter"}, ["plain-1"]),
        ({"source": "nowhere"}, []),
        ({"authored_from": datetime(2026, 3, 1, tzinfo=UTC)}, ["plain-1"]),
        ({"authored_to": datetime(2026, 3, 1, tzinfo=UTC)}, []),
        ({"authored_from": "2026-03-01T23:59:00+23:59"}, ["plain-1"]),
        ({"code_system": CodeSystem.ICD_10_CM, "code": "R07.9"}, ["cardiology-1", "cardiology-2"]),
        ({"code": "R07.9"}, ["cardiology-1", "cardiology-2"]),
        ({"code_system": CodeSystem.ICD_10_CM, "specialty": "Cardiology"}, ["cardiology-1", "cardiology-2"]),
        ({"code_system": CodeSystem.RXNORM}, []),
        ({"entity_type": EntityType.MEDICATION, "specialty": "Cardiology"}, ["cardiology-1", "cardiology-2"]),
        ({"entity_type": EntityType.PROCEDURE}, ["script-1"]),
        ({"entity_type": EntityType.PROBLEM, "run_id": FIRST_RUN}, ["cardiology-1", "changed-1"]),
        ({"run_id": FIRST_RUN}, ["cardiology-1", "changed-1"]),
        ({"run_id": FIRST_RUN, "specialty": "Changed"}, ["changed-1"]),
        ({"has_entity": False}, ["plain-1"]),
        ({"has_entity": True, "specialty": "Cardiology"}, ["cardiology-1", "cardiology-2"]),
        ({"has_entity": False, "entity_type": EntityType.PROBLEM}, []),
    ],
)
def test_what_is_asked_for_must_hold(client: Client, asked: dict[str, object], expected: list[str]) -> None:
    assert ids(client, **asked) == expected


def test_entities_are_those_of_the_latest_run(client: Client) -> None:
    assert ids(client, entity_type=EntityType.PROBLEM, limit=7) == with_type("PROBLEM")
    assert client.list_notes(NotesAsked(entity_type=EntityType.PROBLEM)).run_id == LATEST_RUN
    assert client.list_notes(NotesAsked(has_entity=True, run_id=FIRST_RUN)).run_id == FIRST_RUN
    assert client.list_notes(NotesAsked(source="clinic")).run_id is None
    with pytest.raises(RunNotFound):
        client.list_notes(NotesAsked(run_id="nobody"))


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "authored_from=soon",
        "authored_to=0",
        "authored_to=2026-03-01T00:00:00",
        "colour=red",
        "specialty=%00",
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, query: str) -> None:
    assert httpx.get(f"{client.base_url}/v1/notes?{query}").status_code == 422
