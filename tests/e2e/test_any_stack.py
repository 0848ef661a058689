"""What holds on every stack with a finished run, whatever its notes are: embedded, in containers, or deployed.

Without E2E_BASE_URL it is the small clinic of these tests. `make test-e2e` gives the addresses of the stack that is up;
for any other: E2E_BASE_URL, E2E_DASHBOARD_URL, and E2E_API_KEY of an admin.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from hctap_client import Client
from hctap_core.answers import NoteDocument
from hctap_core.entities import Entity
from hctap_core.errors import NotSignedIn
from hctap_core.extractions import ExtractRequest
from hctap_core.runs import FINISHED, NoteState
from hctap_core.searches import EntitySearch

pytestmark = pytest.mark.stack
SEEN_MS = 30_000


@dataclass(frozen=True)
class Place:
    """Where a stack answers, and the key that opens it; the clinic asks for none."""

    api: str
    dashboard: str | None
    key: str | None = field(repr=False)


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest) -> Place:
    """The stack that is asked for, else the clinic."""
    if given := os.environ.get("E2E_BASE_URL"):
        return Place(given, os.environ.get("E2E_DASHBOARD_URL"), os.environ.get("E2E_API_KEY"))
    return Place(request.getfixturevalue("api_url"), request.getfixturevalue("dashboard_url"), None)


@pytest.fixture(scope="module")
def client(place: Place) -> Iterator[Client]:
    """The API, with the key."""
    with Client(place.api, 60, key=place.key) as opened:
        yield opened


@pytest.fixture(scope="module")
def documents(client: Client) -> list[NoteDocument]:
    """Some notes with what the latest run found in them."""
    return [client.note(note.note_id) for note in client.notes(limit=10).notes]


def test_it_is_alive_and_ready(client: Client) -> None:
    assert client.health().ok
    ready = client.ready()
    assert ready.status == "ready", [check for check in ready.checks if not check.ok]


def test_the_latest_run_answers_for_every_note(client: Client) -> None:
    run = client.latest_run()
    counts = run.counts
    assert run.status in FINISHED
    assert counts.notes == counts.done + counts.duplicates + counts.quarantined + counts.unchanged
    assert counts.pending == 0
    assert sum(counts.by_type.values()) == counts.entities
    quarantined = client.ledger(run.run_id, NoteState.QUARANTINED, limit=200).notes
    assert len(quarantined) == min(counts.quarantined, 200)


def test_every_entity_stands_where_it_says(documents: list[NoteDocument]) -> None:
    entities = [(document, entity) for document in documents for entity in document.entities]
    assert entities
    for document, entity in entities:
        assert isinstance(entity, Entity)
        assert document.text[entity.begin : entity.end] == entity.text


def test_a_search_finds_what_the_notes_hold(client: Client, documents: list[NoteDocument]) -> None:
    entity = next(entity for document in documents for entity in document.entities)
    page = client.search(EntitySearch(text=entity.norm_text, limit=200))
    assert page.entities
    assert any(hit.norm_text == entity.norm_text for hit in page.entities)


def test_a_text_is_read_and_not_kept(client: Client) -> None:
    if "engine" not in {check.name for check in client.ready().checks}:
        pytest.skip("this API was started without an engine")
    before = client.latest_run().counts.notes
    found = client.extract(ExtractRequest(text="Denies chest pain. Lisinopril 10 mg PO daily."))
    by_text = {entity.text.lower(): entity for entity in found.entities}
    assert by_text["chest pain"].assertion.negated
    assert by_text["lisinopril"].entity_type == "MEDICATION"
    assert client.latest_run().counts.notes == before


def test_pages_come_whole_and_once(client: Client) -> None:
    seen: list[str] = []
    after: str | None = None
    for _ in range(20):
        page = client.notes(after=after, limit=7)
        seen += [note.note_id for note in page.notes]
        after = page.next_cursor
        if after is None:
            break
    assert seen == sorted(set(seen))


def test_nobody_is_let_in_without_a_key(place: Place) -> None:
    if place.key is None:
        # On loopback alone it asks nobody.
        assert urlsplit(place.api).hostname == "127.0.0.1"
        assert httpx.get(f"{place.api}/v1/runs/latest").status_code == 200
        return
    assert httpx.get(f"{place.api}/v1/runs/latest").status_code == 401
    with Client(place.api, key="hctap_aaaaaaaaaaaaaaaa_wrong") as stranger, pytest.raises(NotSignedIn):
        stranger.latest_run()


@pytest.mark.browser
def test_the_dashboard_shows_the_latest_run(place: Place, client: Client, browser: Browser) -> None:
    assert place.dashboard, "Give E2E_DASHBOARD_URL."
    page = browser.new_page()
    page.set_default_timeout(SEEN_MS)
    page.goto(f"{place.dashboard}/")
    expect(page.get_by_text(client.latest_run().run_id).first).to_be_visible(timeout=SEEN_MS)
    page.close()
