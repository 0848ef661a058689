"""Reviews through the API by several people, on the real database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from tests.clinic import LATEST_RUN, TEXTS, fill_database, find_entities, serve, settings_of

from hctap_api.main import create_app
from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import InvalidSpan, NotAllowed, NoteNotFound, ReviewConflict, ReviewNotFound
from hctap_core.gold import GoldEntity
from hctap_core.permissions import Role
from hctap_core.reviews import ReviewDocument, ReviewOrder, TaskState, Verdict
from hctap_embedded.stack import Stack
from hctap_stores.database import keys
from hctap_stores.database.connection import Database
from hctap_stores.database.gold import find_gold_set, read_gold_notes

pytestmark = pytest.mark.stack
Team = dict[str, Client]


@pytest.fixture(scope="module")
def database_url(new_database: Callable[[], str]) -> str:
    url = new_database()
    fill_database(url)
    return url


@pytest.fixture(scope="module")
def team(stack: Stack, database_url: str) -> Iterator[Team]:
    """An operator, two analysts and a reader, each with a key."""
    roles = {"boss": Role.OPERATOR, "ann": Role.ANALYST, "bob": Role.ANALYST, "eve": Role.READER}
    with Database(database_url) as database:
        tokens = {name: keys.create_key(database, name, role).token for name, role in roles.items()}
    with serve(create_app(settings_of(stack, database_url, HCTAP_API_OPEN="0"))) as url, ExitStack() as opened:
        yield {name: opened.enter_context(Client(url, key=token)) for name, token in tokens.items()}


def start(team: Team, name: str) -> ReviewDocument:
    """A review of one note with seven entities, as the first analyst sees it."""
    team["boss"].create_review(ReviewOrder(name=name, run_id=LATEST_RUN, note_ids=("cardiology-1",)))
    (task,) = team["ann"].review_tasks(name).tasks
    return team["ann"].review_task(name, task.task_no)


def test_a_note_comes_with_what_the_run_found(team: Team) -> None:
    note = start(team, "plain")
    assert (note.text, note.run_id) == (TEXTS["cardiology-1"], LATEST_RUN)
    assert [entity.text for entity in note.entities] == [one["text"] for one in find_entities(note.text)]
    assert (note.state, note.decisions) == (TaskState.OPEN, ())
    entry = httpx.get(f"{team['ann'].base_url}/v1/audit")
    assert entry.status_code == 401
    with pytest.raises(ReviewConflict):
        team["boss"].create_review(ReviewOrder(name="plain"))
    with pytest.raises(NoteNotFound):
        team["boss"].create_review(ReviewOrder(name="other", note_ids=("nothing",)))
    assert "other" not in {review.name for review in team["ann"].reviews().reviews}


def test_a_sample_is_the_same_each_time(team: Team) -> None:
    for name in ("one", "two"):
        order = ReviewOrder(name=name, run_id=LATEST_RUN, specialties=("Ward",), sample=5, seed=3)
        assert team["boss"].create_review(order).tasks == 5
    listed = [[task.note_id for task in team["ann"].review_tasks(name).tasks] for name in ("one", "two")]
    assert listed[0] == listed[1]
    assert len(set(listed[0])) == 5
    page = team["ann"].review_tasks("one", limit=2)
    assert [task.place for task in page.tasks] == [1, 2]
    assert [task.place for task in team["ann"].review_tasks("one", after=page.next_cursor).tasks] == [3, 4, 5]


def test_two_people_decide_without_losing_anything(team: Team) -> None:
    note = start(team, "both")
    ann, bob = team["ann"], team["bob"]
    first = ann.decide("both", note.task_no, "e0", Verdict.ACCEPT)
    assert (first.version, bob.decide("both", note.task_no, "e0", Verdict.REJECT).version) == (1, 1)
    # Another window of the same reviewer has not seen the first write.
    with pytest.raises(ReviewConflict):
        ann.decide("both", note.task_no, "e0", Verdict.REJECT)
    second = ann.decide("both", note.task_no, "e0", Verdict.REJECT, version=first.version)
    with pytest.raises(ReviewConflict):
        ann.decide("both", note.task_no, "e0", Verdict.ACCEPT, version=first.version)
    assert [one.version for one in ann.review_task("both", note.task_no).decisions] == [second.version]
    taken_back = ann.decide("both", note.task_no, "e0", Verdict.WITHDRAWN, version=second.version)
    assert taken_back.version == 3
    assert ann.review_tasks("both").tasks[0].decisions == 0
    assert bob.review_tasks("both").tasks[0].decisions == 1


def test_records_must_fit_the_text(team: Team) -> None:
    note = start(team, "fit")
    ann, begin = team["ann"], note.text.index("Mother")
    fits = GoldEntity(entity_type=EntityType.PROBLEM, text="Mother", begin=begin, end=begin + 6)
    for wrong in (fits.model_copy(update={"begin": begin + 1}), fits.model_copy(update={"end": 10**6})):
        with pytest.raises(InvalidSpan):
            ann.decide("fit", note.task_no, "a1", Verdict.ADD, record=wrong)
    with pytest.raises(InvalidSpan):
        ann.decide("fit", note.task_no, "a1", Verdict.ACCEPT)
    with pytest.raises(InvalidSpan):
        ann.decide("fit", note.task_no, "e0", Verdict.CHANGE)
    with pytest.raises(ReviewNotFound):
        ann.decide("fit", note.task_no, "e99", Verdict.ACCEPT)
    with pytest.raises(ReviewNotFound):
        ann.review_task("fit", 10**6)
    with pytest.raises(NotAllowed):
        team["eve"].decide("fit", note.task_no, "e0", Verdict.ACCEPT)
    assert ann.decide("fit", note.task_no, "a1", Verdict.ADD, record=fits).record == fits


def test_agreement_and_gold_come_of_what_is_done(team: Team, database_url: str) -> None:
    note = start(team, "gold")
    ann, bob, boss = team["ann"], team["bob"], team["boss"]
    begin = note.text.index("daily")
    added = GoldEntity(entity_type=EntityType.TEST, text="daily", begin=begin, end=begin + 5)
    ann.decide("gold", note.task_no, "e0", Verdict.REJECT)
    ann.decide("gold", note.task_no, "a1", Verdict.ADD, record=added)
    reviewers = [one.reviewer for one in boss.review("gold").reviewers]
    with pytest.raises(ReviewConflict):
        boss.promote_review("gold", "wards", reviewers)
    assert ann.set_review_state("gold", note.task_no, TaskState.DONE).version == 1
    with pytest.raises(ReviewConflict):
        ann.set_review_state("gold", note.task_no, TaskState.OPEN)
    bob.set_review_state("gold", note.task_no, TaskState.DONE)
    assert ann.review_tasks("gold", state=TaskState.OPEN).tasks == ()
    done = {one.reviewer: one for one in boss.review("gold").reviewers}
    assert [one.done for one in done.values()] == [1, 1]
    (first,) = reviewers
    (second,) = set(done) - {first}
    agreement = ann.agreement("gold", first, second)
    assert (agreement.notes, agreement.keep.items, agreement.keep.kappa) == (1, len(note.entities), 0.0)
    assert agreement.span_f1 is not None
    made = boss.promote_review("gold", "wards", [first, second])
    assert (made.reference, made.notes, made.entities) == ("wards@1", 1, len(note.entities))
    assert boss.promote_review("gold", "wards", [first]) == made, "the same is no new version"
    assert boss.promote_review("gold", "wards", [second]).version == 2
    with Database(database_url) as database:
        (kept,) = read_gold_notes(database, find_gold_set(database, "wards@1"))
    assert added in kept.entities
    assert note.entities[0].begin not in {entity.begin for entity in kept.entities}
    with pytest.raises(NotAllowed):
        ann.promote_review("gold", "wards", [first])
