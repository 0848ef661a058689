"""What is asked for under a key of the caller is done once: who asks again gets the same answer."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from hctap_core.errors import RequestConflict
from hctap_stores.database.connection import Connection


@dataclass(frozen=True, slots=True)
class OnceKey:
    """A caller's key, and what it was sent with."""

    caller: str
    key: str
    request: str

    @property
    def key_sha256(self) -> str:
        """What the key is kept under: no caller learns of another's."""
        return hashlib.sha256(f"{self.caller}\0{self.key}".encode()).hexdigest()

    @property
    def request_sha256(self) -> str:
        """What tells one request from another."""
        return hashlib.sha256(self.request.encode()).hexdigest()


def do_once(connection: Connection, once: OnceKey | None, do: Callable[[], str]) -> tuple[str, bool]:
    """What `do` answers, or answered when it was asked for under this key before; and whether it was done now.

    A key is remembered for a week.

    Raises:
        RequestConflict: If the key was sent with another request.
    """
    if once is None:
        return do(), True
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"hctap-once-{once.key_sha256}",))
    connection.execute("DELETE FROM idempotency_keys WHERE created_at < now() - interval '7 days'")
    row = connection.execute(
        "SELECT answer, request_sha256 FROM idempotency_keys WHERE key_sha256 = %s", (once.key_sha256,)
    ).fetchone()
    if row is not None:
        if row[1] != once.request_sha256:
            raise RequestConflict(
                "The Idempotency-Key was sent with another request.", remedy="Send each request with a key of its own."
            )
        return str(row[0]), False
    answer = do()
    connection.execute(
        "INSERT INTO idempotency_keys (key_sha256, request_sha256, answer) VALUES (%s, %s, %s)",
        (once.key_sha256, once.request_sha256, answer),
    )
    return answer, True
