"""What else the client can ask for, against the real API."""

from collections.abc import Iterator

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, RUNNING_RUN, TEXTS, find_entities

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import ExtractorUnavailable, NoteNotFound, RunNotFound
from hctap_core.extractions import ExtractRequest
from hctap_core.runs import NoteState
from hctap_core.searches import EntitySearch, Facet

pytestmark = pytest.mark.stack


@pytest.fixture
def client(api_url: str) -> Iterator[Client]:
    with Client(api_url) as client:
        yield client


def test_entities_are_found_page_after_page(client: Client) -> None:
    wanted = [entity for note, text in TEXTS.items() if note != "cardiology-2" for entity in find_entities(text)]
    assert len(list(client.find(EntitySearch(limit=9)))) == len(wanted)
    page = client.search(EntitySearch(text="asthma", count=True, facets=(Facet.ENTITY_TYPE,)))
    assert page.total == sum(entity["text"] == "asthma" for entity in wanted)
    assert page.facets is not None
    assert page.facets[Facet.ENTITY_TYPE][0].value == EntityType.PROBLEM


def test_runs_are_listed_shown_and_compared(client: Client) -> None:
    assert [run.run_id for run in client.runs().runs] == [RUNNING_RUN, LATEST_RUN, FIRST_RUN]
    assert client.run(FIRST_RUN).run_id == FIRST_RUN
    with pytest.raises(RunNotFound):
        client.run("nobody")
    assert [note.reason for note in client.ledger(LATEST_RUN, NoteState.QUARANTINED).notes] == ["not_json"]
    found = client.compare(FIRST_RUN, LATEST_RUN)
    assert (found.total.added, found.total.removed, found.total.same > 0) == (0, 0, True)
    assert client.changed_notes(FIRST_RUN, LATEST_RUN).notes == ()
    assert client.compare_note(FIRST_RUN, LATEST_RUN, "cardiology-1").changes == ()
    with pytest.raises(NoteNotFound):
        client.compare_note(FIRST_RUN, LATEST_RUN, "changed-1")


def test_the_audit_says_who_read_a_note(client: Client) -> None:
    client.note("script-1")
    newest = client.audit(note_id="script-1").entries[0]
    assert (newest.actor, newest.action, newest.note_id) == ("open", "note.read", "script-1")
    assert client.audit(before=newest.audit_no, note_id="script-1").entries == () or newest.audit_no > 1


def test_an_api_without_an_engine_says_so(client: Client) -> None:
    with pytest.raises(ExtractorUnavailable) as caught:
        client.extract(ExtractRequest(text="Fever."))
    assert "HCTAP_API_WORKERS" in str(caught.value.remedy)
