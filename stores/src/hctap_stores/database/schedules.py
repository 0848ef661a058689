"""Schedules: kept, and when the time of one has come, its run is ordered by whichever worker looks first."""

import logging
from datetime import UTC, datetime
from typing import Any, Final

from croniter import CroniterBadDateError, CroniterError, croniter
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hctap_core.errors import ScheduleNotFound
from hctap_core.orders import RunOrder
from hctap_core.schedules import Schedule, ScheduleOrder
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.orders import enter_order

log = logging.getLogger(__name__)

_COLUMNS: Final = (
    'schedule_name AS name, cron, run_order AS "order", next_at, last_at, last_run_id, changed_by, changed_at'
)
_ACTIVE: Final = "SELECT 1 FROM runs WHERE run_id = %s AND status IN ('queued', 'running')"


def put_schedule(database: Database, name: str, wanted: ScheduleOrder, by: str) -> Schedule:
    """Keep a schedule under a name, in place of the one before; what that one ordered is kept in mind."""
    with database.transaction() as connection:
        row = _one(
            connection,
            f"""
            INSERT INTO schedules (schedule_name, cron, run_order, next_at, changed_by)
            VALUES (%(name)s, %(cron)s, %(order)s, %(next)s, %(by)s)
            ON CONFLICT (schedule_name) DO UPDATE SET cron = EXCLUDED.cron, run_order = EXCLUDED.run_order,
                next_at = EXCLUDED.next_at, changed_by = EXCLUDED.changed_by, changed_at = now()
            RETURNING {_COLUMNS}
            """,  # noqa: S608 - constants
            {
                "name": name,
                "cron": wanted.cron,
                "order": Jsonb(wanted.order.model_dump(mode="json", exclude_none=True)),
                "next": next_time(wanted.cron, _now(connection)),
                "by": by,
            },
        )
    return Schedule.model_validate(row)


def list_schedules(database: Database) -> list[Schedule]:
    """The schedules by their names."""
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f"SELECT {_COLUMNS} FROM schedules ORDER BY schedule_name").fetchall()  # noqa: S608 - constants
    return [Schedule.model_validate(row) for row in rows]


def remove_schedule(database: Database, name: str) -> Schedule:
    """Take a schedule away and give what it was; runs that it ordered stay.

    Raises:
        ScheduleNotFound: If there is none.
    """
    with database.transaction() as connection:
        removal = f"DELETE FROM schedules WHERE schedule_name = %(name)s RETURNING {_COLUMNS}"  # noqa: S608 - constants
        row = _one(connection, removal, {"name": name})
    if row is None:
        raise ScheduleNotFound(f"There is no schedule {name!r}.", remedy="GET /v1/schedules lists them.")
    return Schedule.model_validate(row)


def order_due(database: Database) -> list[str]:
    """Order the runs whose time has come, each once, whoever else looks; gives their ids.

    Times that passed while nobody looked are made up for by one run.
    """
    with database.transaction() as connection:
        now = _now(connection)
        due = connection.execute(
            """
            SELECT schedule_name, cron, run_order, last_run_id FROM schedules WHERE next_at <= %s
            ORDER BY schedule_name FOR UPDATE SKIP LOCKED
            """,
            (now,),
        ).fetchall()
        ordered = []
        for name, cron, wanted, last_run_id in due:
            is_busy = connection.execute(_ACTIVE, (last_run_id,)).fetchone() is not None
            run_id = None if is_busy else enter_order(connection, RunOrder.model_validate(wanted))
            connection.execute(
                """
                UPDATE schedules SET next_at = %(next)s, last_run_id = coalesce(%(run)s, last_run_id),
                    last_at = CASE WHEN %(run)s::text IS NULL THEN last_at ELSE %(now)s END
                WHERE schedule_name = %(name)s
                """,
                {"next": next_time(cron, now), "run": run_id, "now": now, "name": name},
            )
            ordered += [run_id] if run_id else []
    for run_id in ordered:
        log.info("schedule_due", extra={"run_id": run_id})
    return ordered


def next_time(cron: str, after: datetime) -> datetime | None:
    """The first time of an expression after another time, none where there is never one."""
    try:
        found: datetime = croniter(cron, after).get_next(datetime)
    except CroniterBadDateError:
        return None
    return found


def is_cron(expression: str) -> bool:
    """Whether workers can go by an expression: it is one of cron, with a time behind now and one ahead."""
    try:
        times = croniter(expression, datetime.now(UTC))
        times.get_prev()
        times.get_next()
    except CroniterError:
        return False
    return True


def _one(connection: Connection, query: str, values: dict[str, Any]) -> dict[str, Any] | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchone()


def _now(connection: Connection) -> datetime:
    # The database's own clock, so that the clocks of many machines need not agree.
    row = connection.execute("SELECT now() AT TIME ZONE 'UTC'").fetchone()
    if row is None:
        raise AssertionError("SELECT without FROM gives one row")
    moment: datetime = row[0].replace(tzinfo=UTC)
    return moment
