"""Which two runs people compare first, and how a worker is asked to count that ahead."""

from typing import Final, NamedTuple

from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.orders import CHORES
from hctap_stores.database.queue import defer_unless_waiting

COMPARE: Final = "compare_newest"
# Raised when the same two runs would be counted otherwise, or what was counted be told in another shape.
METHOD: Final = 1
FIND_COUNTS: Final = """
SELECT counts FROM comparisons WHERE (first_no, second_no, method) = (%(first_no)s, %(second_no)s, %(method)s)
"""
_NEWEST: Final = """
SELECT run_no, run_id FROM runs WHERE status IN ('succeeded', 'partial') ORDER BY run_no DESC LIMIT 2
"""


class NewestPair(NamedTuple):
    """The newest finished run as the second, and the one before it as the first: the pair that the dashboard offers."""

    first_no: int
    first_id: str
    second_no: int
    second_id: str


def find_newest(connection: Connection) -> NewestPair | None:
    """The two newest finished runs; None if there are not two."""
    found = connection.execute(_NEWEST).fetchall()
    return NewestPair(*found[1], *found[0]) if len(found) > 1 else None


def order_newest(database: Database) -> bool:
    """Have a worker compare the two newest finished runs; False if there are not two, or that is kept."""
    with database.transaction() as connection:
        pair = find_newest(connection)
        if pair is None or connection.execute(FIND_COUNTS, pair._asdict() | {"method": METHOD}).rowcount:
            return False
        # Of two that order at once, the second finds the job of the first.
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (COMPARE,))
        defer_unless_waiting(connection, CHORES, COMPARE, {}, COMPARE)
    return True
