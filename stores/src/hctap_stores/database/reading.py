"""What the API shows, rendered as JSON by PostgreSQL.

Rendering in the database costs a third of doing it in Python, so these answers are passed on as they are.
"""

from typing import Final

from hctap_stores.database.ledger import RUN_SHAPE
from hctap_stores.database.pool import Pool
from hctap_stores.database.revisions import REVISION_QUERY, check_revision
from hctap_stores.database.runs import NEWEST_FIRST

_LATEST_RUN: Final = f"""
SELECT {RUN_SHAPE}::text FROM runs WHERE status IN ('succeeded', 'partial') ORDER BY {NEWEST_FIRST} LIMIT 1
"""  # noqa: S608 - a constant


async def latest_run_json(pool: Pool) -> str | None:
    """The run that finished last, None before the first."""
    async with pool.connection() as connection:
        answer = await (await connection.execute(_LATEST_RUN)).fetchone()
    return answer[0] if answer else None


async def check(pool: Pool) -> None:
    """See that the database answers and has the schema that this code needs.

    Raises:
        StoreUnavailable: If it does not answer.
        MigrationNeeded: If its schema is another one.
    """
    async with pool.connection() as connection:
        answer = await (await connection.execute(REVISION_QUERY)).fetchone()
    check_revision(answer[0] if answer else None)
