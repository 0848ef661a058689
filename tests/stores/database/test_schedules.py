"""Schedules on a real database: what is due is ordered once."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hctap_core.errors import ScheduleNotFound
from hctap_core.orders import RunOrder
from hctap_core.runs import RunStatus, Selection
from hctap_core.schedules import CRON_PATTERN, ScheduleOrder
from hctap_stores.database import revisions, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.orders import cancel_order
from hctap_stores.database.schedules import list_schedules, next_time, order_due, put_schedule, remove_schedule

NIGHTLY = ScheduleOrder(cron="0 2 * * *", order=RunOrder(extractor="rules", selection=Selection(limit=3)))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    address = new_database()
    revisions.upgrade(address)
    return address


def _make_due(database: Database, name: str) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE schedules SET next_at = now() - interval '3 days' WHERE schedule_name = %s", (name,))


@given(st.from_regex(CRON_PATTERN, fullmatch=True))
def test_what_has_the_form_of_an_expression_is_one(cron: str) -> None:
    assert croniter.is_valid(cron)
    found = next_time(cron, NOON)
    assert found is None or found > NOON


@pytest.mark.parametrize(
    "cron", ["", "0 2 * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *", "@daily"]
)
def test_what_is_no_expression_is_refused(cron: str) -> None:
    with pytest.raises(ValidationError):
        ScheduleOrder(cron=cron)


def test_the_next_time_is_the_first_after_now_and_may_never_come() -> None:
    assert next_time("0 2 * * *", NOON) == datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert next_time("0 12 * * *", NOON) == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert next_time("0 0 30 2 *", NOON) is None


@pytest.mark.stack
def test_a_schedule_is_kept_changed_and_taken_away(url: str) -> None:
    with Database(url) as database:
        made = put_schedule(database, "kept", NIGHTLY, "ann")
        assert (made.order, made.changed_by, made.last_run_id) == (NIGHTLY.order, "ann", None)
        assert made.next_at is not None
        assert (made.next_at.hour, made.next_at.minute) == (2, 0)
        changed = put_schedule(database, "kept", NIGHTLY.model_copy(update={"cron": "0 0 30 2 *"}), "bob")
        assert (changed.next_at, changed.changed_by) == (None, "bob")
        assert [one.name for one in list_schedules(database)] == ["kept"]
        assert order_due(database) == []
        assert remove_schedule(database, "kept") == changed
        with pytest.raises(ScheduleNotFound):
            remove_schedule(database, "kept")


@pytest.mark.stack
def test_what_is_due_is_ordered_once_however_late_and_not_while_its_run_is_under_way(url: str) -> None:
    with Database(url) as database:
        put_schedule(database, "nightly", NIGHTLY, "ann")
        _make_due(database, "nightly")
        (run_id,) = order_due(database)
        run = runs.find_run(database, run_id).run
        assert (run.status, run.pipeline.extractor, run.selection) == (RunStatus.QUEUED, "rules", Selection(limit=3))
        assert order_due(database) == []
        (kept,) = list_schedules(database)
        assert kept.last_run_id == run_id
        assert kept.next_at is not None
        assert kept.last_at is not None
        assert kept.next_at > kept.last_at
        _make_due(database, "nightly")
        assert order_due(database) == []
        cancel_order(database, run_id)
        _make_due(database, "nightly")
        assert len(order_due(database)) == 1
        remove_schedule(database, "nightly")


@pytest.mark.stack
def test_of_many_that_look_at_once_one_orders(url: str) -> None:
    with Database(url) as database:
        put_schedule(database, "shared", NIGHTLY, "ann")
        _make_due(database, "shared")
    ordered: list[str] = []
    gate = threading.Barrier(4)

    def look() -> None:
        with Database(url) as own:
            gate.wait()
            ordered.extend(order_due(own))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ordered) == 1
