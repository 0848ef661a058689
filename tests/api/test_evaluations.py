"""Evaluations as the API shows them, on the real database."""

import httpx
import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, RUNNING_RUN, TEXTS, serve, settings_of

from hctap_api.main import create_app
from hctap_client import Client
from hctap_core.errors import GoldNotFound, RunConflict, RunNotFound
from hctap_core.golds import ErrorKind
from hctap_core.permissions import Permission, Role
from hctap_embedded.stack import Stack
from hctap_stores.database import keys
from hctap_stores.database.connection import Database

pytestmark = pytest.mark.stack
GOLD = "samples-dev"


def test_gold_sets_are_listed_with_their_versions(client: Client) -> None:
    assert [one.reference for one in client.gold_sets().sets] == ["samples-dev@1", "samples-test@1"]


def test_evaluations_are_listed_and_shown(client: Client) -> None:
    listed = client.evaluations(LATEST_RUN).evaluations
    assert [(one.gold_name, one.gold, one.has_details) for one in listed] == [
        (GOLD, f"{GOLD}@1", True),
        ("samples-test", "samples-test@1", True),
    ]
    assert listed[0].strict_f1 is not None
    report = client.evaluation(LATEST_RUN, GOLD)
    assert report.scores["strict"]["micro"]["f1"] == listed[0].strict_f1
    assert report.details is not None
    f1 = report.details.intervals["strict"]["micro"].f1
    assert f1 is not None
    assert f1.low <= listed[0].strict_f1 <= f1.high
    assert client.evaluations(FIRST_RUN).evaluations == ()
    with pytest.raises(GoldNotFound):
        client.evaluation(FIRST_RUN, GOLD)
    with pytest.raises(RunNotFound):
        client.evaluations("nobody")


def test_differences_come_with_their_words_page_by_page(client: Client) -> None:
    errors = list(client.find_evaluation_errors(LATEST_RUN, GOLD))
    assert errors
    assert [error.error_no for error in errors] == list(range(len(errors)))
    for error in errors:
        assert error.text == TEXTS[error.note_id][error.begin : error.end]
        assert error.context is not None
        assert error.text in error.context
    first = client.evaluation_errors(LATEST_RUN, GOLD, limit=1)
    assert first.next_cursor == 0
    assert client.evaluation_errors(LATEST_RUN, GOLD, after=0, limit=100).errors == tuple(errors[1:])
    assert client.evaluation_errors(LATEST_RUN, GOLD, kind=ErrorKind.MISSED).errors == ()
    actions = [(entry.action, entry.notes) for entry in client.audit().entries[:3]]
    assert ("evaluation.errors", 1) in actions


def test_who_may_not_read_notes_gets_no_words(stack: Stack, client: Client, database_url: str) -> None:
    assert client.gold_sets().sets
    with Database(database_url) as database:
        token = keys.create_key(database, "narrow", Role.READER, scopes=[Permission.RUNS_READ]).token
    settings = settings_of(stack, database_url, HCTAP_API_OPEN="0")
    with serve(create_app(settings)) as url, Client(url, key=token) as narrow:
        errors = narrow.evaluation_errors(LATEST_RUN, GOLD).errors
    assert errors
    assert all(error.text is None and error.context is None for error in errors)


def test_an_evaluation_is_ordered_once(client: Client, database_url: str) -> None:
    for _ in range(2):
        taken = client.start_evaluation(FIRST_RUN, GOLD)
        assert (taken.gold, taken.workers) == ("samples-dev@1", 0)
        assert "hctap-etl worker" in str(taken.remedy)
    with Database(database_url) as database, database.transaction() as connection:
        jobs = connection.execute("SELECT task_name, queue_name FROM procrastinate.procrastinate_jobs").fetchall()
    assert jobs == [("evaluate_run", "hctap-chores")]
    with pytest.raises(GoldNotFound):
        client.start_evaluation(FIRST_RUN, "nothing@7")
    with pytest.raises(RunConflict):
        client.start_evaluation(RUNNING_RUN, GOLD)
    response = httpx.post(f"{client.base_url}/v1/runs/{FIRST_RUN}/evaluations", json={"gold": "a b"})
    assert response.status_code == 422
