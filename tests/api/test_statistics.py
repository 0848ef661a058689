"""Statistics as the API shows them, against a count of our own over the clinic."""

from collections import Counter

import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, RUNNING_RUN, TEXTS, find_entities

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import RunConflict, RunNotFound
from hctap_core.statistics import TimelineRequest
from hctap_stores.database.connection import Database

pytestmark = pytest.mark.stack


def affirmed(note_id: str) -> set[tuple[str, str]]:
    return {
        (entity["entity_type"], entity["norm_text"])
        for entity in find_entities(TEXTS[note_id])
        if not any(entity["assertion"].values())
    }


def test_counts_are_those_of_the_notes(client: Client) -> None:
    counted = client.statistics(LATEST_RUN)
    found = Counter(entity["entity_type"] for text in TEXTS.values() for entity in find_entities(text))
    assert counted.notes == len(TEXTS)
    assert {kind.value: one.entities for kind, one in counted.types.items()} == found
    negated = sum(entity["assertion"]["negated"] for text in TEXTS.values() for entity in find_entities(text))
    assert sum(one.negated for one in counted.types.values()) == negated
    specialties = Counter(note_id.partition("-")[0].title() for note_id in TEXTS)
    assert {one.specialty: one.notes for one in counted.specialties} == specialties


def test_the_commonest_terms_are_those_that_most_notes_affirm(client: Client) -> None:
    wanted = Counter(term for note_id in TEXTS for term in affirmed(note_id))
    terms = client.top_terms(LATEST_RUN, limit=100).terms
    assert {(kind.value, one.norm_text): one.notes for kind, listed in terms.items() for one in listed} == wanted
    ward = client.top_terms(LATEST_RUN, specialty="Ward", entity_type=EntityType.PROBLEM, limit=1)
    assert [(one.norm_text, one.notes) for one in ward.terms[EntityType.PROBLEM]] == [("cough", 130)]
    assert client.top_terms(LATEST_RUN, specialty="Nowhere").terms == {}


def test_pairs_count_notes_with_both(client: Client) -> None:
    pairs = client.pairs(LATEST_RUN)
    assert pairs.notes == len(TEXTS)
    assert pairs.medications == {"aspirin": 2}, "a duplicate counts as the note it is"
    assert pairs.pairs == ()
    assert pairs.problems["cough"] == sum(("PROBLEM", "cough") in affirmed(note_id) for note_id in TEXTS)


def test_a_run_that_was_never_counted_is_counted_when_it_is_asked_for(client: Client, database_url: str) -> None:
    before = client.statistics(FIRST_RUN)
    with Database(database_url) as database, database.transaction() as connection:
        connection.execute("DELETE FROM run_statistics")
    assert client.statistics(FIRST_RUN) == before
    with pytest.raises(RunConflict):
        client.statistics(RUNNING_RUN)
    with pytest.raises(RunNotFound):
        client.pairs("nobody")


def test_the_trend_has_the_finished_runs_the_oldest_first(client: Client) -> None:
    runs = client.trend().runs
    assert [one.run_id for one in runs] == [FIRST_RUN, LATEST_RUN]
    assert sorted(runs[1].f1) == ["samples-dev", "samples-test"]
    assert runs[1].by_type == client.run(LATEST_RUN).counts.by_type
    assert "no_entities" in runs[1].rates
    assert client.trend("magic").runs == ()


def test_freshness_says_how_old_the_newest_success_is(client: Client) -> None:
    fresh = client.freshness()
    assert (fresh.status, fresh.run_id, fresh.limit_minutes) == ("ok", FIRST_RUN, 120)
    assert fresh.age_minutes is not None


def test_a_patient_has_a_timeline(client: Client, database_url: str) -> None:
    with Database(database_url) as database, database.transaction() as connection:
        connection.execute("UPDATE notes SET patient_id = 'p-1' WHERE note_id IN ('cardiology-1', 'cardiology-2')")
        connection.execute("UPDATE notes SET authored_at = '2026-01-02' WHERE note_id = 'cardiology-2'")
    timeline = client.timeline(TimelineRequest(patient_id="p-1"))
    assert [note.note_id for note in timeline.notes] == ["cardiology-2", "cardiology-1"]
    first = timeline.notes[0].entities
    assert [one.norm_text for one in first] == [one.norm_text for one in timeline.notes[1].entities]
    assert {one.norm_text for one in first} == {one["norm_text"] for one in find_entities(TEXTS["cardiology-1"])}
    (pain,) = [one for one in first if one.norm_text == "chest pain"]
    assert (pain.assertion.negated, pain.code) == (True, "R07.9")
    drugs = TimelineRequest(patient_id="p-1", entity_types=(EntityType.MEDICATION,), limit=1)
    page = client.timeline(drugs)
    assert (page.is_whole, [one.norm_text for one in page.notes[0].entities]) == (False, ["aspirin"])
    assert client.timeline(TimelineRequest(patient_id="nobody")).notes == ()
    entry = client.audit().entries[0]
    assert entry.action == "patients.timeline"
    assert "p-1" not in entry.model_dump_json()
