"""What else the client can ask for, against the real API."""

from collections.abc import Callable, Iterator

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, RUNNING_RUN, TEXTS, find_entities, open_clinic

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import (
    ExtractorUnavailable,
    NoteNotFound,
    RequestConflict,
    RunConflict,
    RunNotFound,
    UnknownExtractor,
)
from hctap_core.extractions import ExtractRequest
from hctap_core.runs import NoteState, RunStatus, Selection
from hctap_core.searches import EntitySearch, Facet
from hctap_embedded.stack import Stack

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


def test_a_run_is_started_followed_and_cancelled(stack: Stack, new_database: Callable[[], str]) -> None:
    with open_clinic(stack, new_database()) as url, Client(url) as client:
        accepted = client.start_run("rules", selection=Selection(limit=2), idempotency_key="k")
        run_id = accepted.run.run_id
        assert client.start_run("rules", selection=Selection(limit=2), idempotency_key="k").run.run_id == run_id
        with pytest.raises(RequestConflict):
            client.start_run("rules", idempotency_key="k")
        with pytest.raises(UnknownExtractor):
            client.start_run("magic")
        steps = client.follow(run_id)
        assert next(steps).status is RunStatus.QUEUED
        assert client.cancel_run(run_id).run.status is RunStatus.CANCELLED
        assert [step.status for step in steps] == [RunStatus.CANCELLED]
        assert client.progress(run_id).is_over
        assert client.resume_run(run_id).run.status is RunStatus.QUEUED
        assert client.retry_quarantine(LATEST_RUN).run.is_incremental
        with pytest.raises(RunConflict):
            client.cancel_run(FIRST_RUN)
        with pytest.raises(RunNotFound):
            next(client.follow("nobody"))
        assert client.manifest(LATEST_RUN).run_id == LATEST_RUN
        assert client.workers().workers == ()


def test_the_audit_says_who_read_a_note(client: Client) -> None:
    client.note("script-1")
    newest = client.audit(note_id="script-1").entries[0]
    assert (newest.actor, newest.action, newest.note_id) == ("open", "note.read", "script-1")
    assert client.audit(before=newest.audit_no, note_id="script-1").entries == () or newest.audit_no > 1


def test_an_api_without_an_engine_says_so(client: Client) -> None:
    with pytest.raises(ExtractorUnavailable) as caught:
        client.extract(ExtractRequest(text="Fever."))
    assert "HCTAP_API_WORKERS" in str(caught.value.remedy)
