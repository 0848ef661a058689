"""Whether a run says the same as the one that it leans on: then what was counted and written for that is its own."""

from typing import Final, NamedTuple

from hctap_stores.database.connection import Database

# The ledgers are the same but for who worked, and no note has been given other facts since the earlier one was planned.
_FACTS: Final = "object_key, etag, note_no, content_sha256, raw_sha256, duplicate_of, reason, detail"
_BASE: Final = f"""
SELECT b.run_no, b.run_id FROM runs r JOIN runs b ON b.run_no = r.base_run_no
WHERE r.run_no = %(run_no)s AND b.published_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM (SELECT {_FACTS} FROM run_notes WHERE run_no = r.run_no) AS mine
    FULL JOIN (SELECT {_FACTS} FROM run_notes WHERE run_no = r.base_run_no) AS earlier USING (object_key)
    WHERE mine.* IS DISTINCT FROM earlier.*
) AND NOT EXISTS (
    SELECT FROM run_notes l JOIN notes n USING (note_no)
    WHERE l.run_no = r.run_no AND n.updated_at > b.started_at
)
"""  # noqa: S608 - constants


class Repeated(NamedTuple):
    """A run that another one says the same as."""

    run_no: int
    run_id: str


def find_repeated(database: Database, run_no: int) -> Repeated | None:
    """The published run that this one repeats note by note; None if it does not."""
    with database.transaction() as connection:
        row = connection.execute(_BASE, {"run_no": run_no}).fetchone()
    return Repeated(*row) if row else None
