"""What changed between two finished runs, as it is kept, or counted and then kept.

Numbers alone are kept, by the numbers of the runs. A deletion that takes something from a run takes its comparisons.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from psycopg.types.json import Jsonb

from hctap_core.comparisons import Comparison
from hctap_stores.database.comparisons import FIND_COUNTS, METHOD, find_newest
from hctap_stores.database.connection import Database
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.comparison import RunPair, check_known, compare_runs

_CONNECTIONS: Final = 2
_STATES: Final = """
SELECT run_id, run_no, erasures, finished_at::text, status IN ('succeeded', 'partial') FROM runs
WHERE run_id = ANY(%s)
"""
# Nothing is kept where a deletion took something of a run meanwhile, and what a newer program counted stays.
_KEEP: Final = """
WITH held AS (
    SELECT run_no FROM runs
    WHERE (run_no, erasures) IN ((%(first_no)s, %(first_erasures)s), (%(second_no)s, %(second_erasures)s))
    ORDER BY run_no FOR SHARE
)
INSERT INTO comparisons AS kept (first_no, second_no, method, counts)
SELECT %(first_no)s, %(second_no)s, %(method)s, %(counts)s FROM held HAVING count(*) = %(runs)s
ON CONFLICT (first_no, second_no) DO UPDATE SET method = EXCLUDED.method, counts = EXCLUDED.counts, counted_at = now()
WHERE kept.method < EXCLUDED.method
"""


@dataclass(frozen=True, slots=True)
class PairState:
    """What the results of two finished runs go by: numbers, when each finished, how many deletions took from each."""

    first_no: int
    first_erasures: int
    first_finished: str
    second_no: int
    second_erasures: int
    second_finished: str

    @property
    def values(self) -> dict[str, Any]:
        """What the statements know them by."""
        names = ("first_no", "first_erasures", "second_no", "second_erasures")
        runs = len({self.first_no, self.second_no})
        return {name: getattr(self, name) for name in names} | {"method": METHOD, "runs": runs}

    @property
    def version(self) -> str:
        """What stands for how they are, and for how they are counted."""
        return f"{METHOD} {self}"


async def find_state(pool: Pool, pair: RunPair) -> PairState | None:
    """What the results of two runs go by, None while one of them may still change.

    Raises:
        RunNotFound: If there is no such run.
    """
    async with pool.connection() as connection:
        rows = await (await connection.execute(_STATES, ([pair.first, pair.second],))).fetchall()
    found = {run_id: (run_no, erasures, finished, is_final) for run_id, run_no, erasures, finished, is_final in rows}
    check_known(pair, found)
    (*first, first_final), (*second, second_final) = found[pair.first], found[pair.second]
    return PairState(*first, *second) if first_final and second_final else None


async def compare_finished(pool: Pool, pair: RunPair, state: PairState) -> Comparison:
    """What changed between two finished runs: as it is kept, else counted, and kept if they are still so."""
    async with pool.connection() as connection:
        row = await (await connection.execute(FIND_COUNTS, state.values)).fetchone()
    if row is not None:
        return Comparison(first=pair.first, second=pair.second, **row[0])
    comparison = await compare_runs(pool, pair)
    counts = Jsonb(comparison.model_dump(mode="json", exclude={"first", "second"}))
    async with pool.connection() as connection:
        await connection.execute(_KEEP, state.values | {"counts": counts})
    return comparison


def compare_newest(database: Database) -> RunPair | None:
    """Compare the two newest finished runs, unless that is kept; None if there are not two."""
    with database.transaction() as connection:
        found = find_newest(connection)
    if found is None:
        return None
    pair = RunPair(first=found.first_id, second=found.second_id)
    asyncio.run(_compare(database.url, pair))
    return pair


async def _compare(url: str, pair: RunPair) -> None:
    pool = Pool(url, application="hctap-worker", size=_CONNECTIONS)
    await pool.open()
    try:
        state = await find_state(pool, pair)
        if state is not None:
            await compare_finished(pool, pair, state)
    finally:
        await pool.close()
