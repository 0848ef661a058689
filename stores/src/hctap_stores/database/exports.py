"""Exports in the database: ordered, worked on, finished."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hctap_core.errors import ExportNotFound, RunConflict
from hctap_core.exports import Export, ExportOrder
from hctap_core.runs import FINISHED
from hctap_stores.database.connection import Database
from hctap_stores.database.orders import CHORES
from hctap_stores.database.queue import defer_jobs
from hctap_stores.database.runs import find_run

EXPORT: Final = "export_run"
MOST_LISTED: Final = 200
_EXPORTS: Final = """
SELECT e.export_no, r.run_id, e.form, e.state, e.notes, e.entities, e.files, e.error, e.created_by, e.created_at,
    e.finished_at
FROM exports e JOIN runs r USING (run_no)
"""


def order_export(database: Database, order: ExportOrder, by: str) -> Export:
    """Enter an export and put its job into the queue, in one transaction.

    Raises:
        RunNotFound: If there is no such run.
        RunConflict: If it is not finished.
    """
    stored = find_run(database, order.run_id or "latest")
    if stored.run.status not in FINISHED:
        raise RunConflict("The run is not finished.", remedy="Wait for its end, or resume it.")
    with database.transaction() as connection:
        row = connection.execute(
            "INSERT INTO exports (run_no, form, state, created_by) VALUES (%s, %s, 'queued', %s) RETURNING export_no",
            (stored.run_no, order.form.value, by),
        ).fetchone()
        export_no = int(row[0]) if row else 0
        defer_jobs(connection, CHORES, EXPORT, [{"export_no": export_no}])
    return find_export(database, export_no)


def retry_export(database: Database, export_no: int) -> Export:
    """Put the job of a failed export into the queue once more.

    Raises:
        ExportNotFound: If there is no such export.
        RunConflict: If it has not failed.
    """
    with database.transaction() as connection:
        again = connection.execute(
            """
            UPDATE exports SET state = 'queued', error = NULL, finished_at = NULL
            WHERE export_no = %s AND state = 'failed'
            """,
            (export_no,),
        )
        if again.rowcount == 1:
            defer_jobs(connection, CHORES, EXPORT, [{"export_no": export_no}])
    found = find_export(database, export_no)
    if again.rowcount == 0:
        raise RunConflict(f"The export is {found.state.value}.", remedy="Only what has failed is tried again.")
    return found


def find_export(database: Database, export_no: int) -> Export:
    """The export of a number.

    Raises:
        ExportNotFound: If there is none.
    """
    found = _select(database, "WHERE e.export_no = %s", (export_no,))
    if not found:
        raise ExportNotFound("There is no such export.", remedy="GET /v1/exports lists them.")
    return found[0]


def list_exports(database: Database) -> list[Export]:
    """The newest exports, the newest first."""
    return _select(database, "ORDER BY e.export_no DESC LIMIT %s", (MOST_LISTED,))


def begin_export(database: Database, export_no: int) -> None:
    """Note that a worker is about it."""
    with database.transaction() as connection:
        connection.execute("UPDATE exports SET state = 'running', error = NULL WHERE export_no = %s", (export_no,))


def complete_export(
    database: Database, export_no: int, *, notes: int, entities: int, files: Sequence[Mapping[str, Any]]
) -> None:
    """Note what the export left in the lake."""
    with database.transaction() as connection:
        connection.execute(
            """
            UPDATE exports SET state = 'completed', notes = %s, entities = %s, files = %s, finished_at = now()
            WHERE export_no = %s
            """,
            (notes, entities, Jsonb(list(files)), export_no),
        )


def fail_export(database: Database, export_no: int, message: str) -> None:
    """Note why the export cannot be made."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE exports SET state = 'failed', error = %s, finished_at = now() WHERE export_no = %s",
            (message, export_no),
        )


def _select(database: Database, tail: str, values: Sequence[object]) -> list[Export]:
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return [Export.model_validate(row) for row in cursor.execute(f"{_EXPORTS} {tail}", values)]
