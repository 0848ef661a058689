"""What requests used and cost, and the limit that they may not pass."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from hctap_core.errors import ExtractorUnavailable, NoteRefused
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import Usage

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Account:
    """The requests of one process: `spent` so far, `limit` in US dollars, None for no limit."""

    limit: float | None = None
    spent: float = 0.0
    _note: Usage = field(default_factory=Usage)

    def open_note(self) -> None:
        """Begin to count for another note."""
        self._note = Usage()

    def close_note(self) -> Usage:
        """What the note used."""
        return self._note

    def drop(self, count: int = 1) -> None:
        """Count answers that stand nowhere in the text."""
        self._note += Usage(dropped=count)

    def request(self, most: float | None, ask: Callable[[], Answer], bill: Callable[[Answer], Usage]) -> Answer:
        """The answer to a request that costs at most `most`, put on the account.

        Raises:
            NoteRefused: If it could pass the limit; nothing is asked then.
            ExtractorUnavailable: If there is a limit, and nobody knows what the request costs.
        """
        if self.limit is not None:
            if most is None:
                raise ExtractorUnavailable(
                    "The table of prices does not know what this request costs.",
                    remedy="Add the price to a copy of the table and name it in HCTAP_PRICES, or leave --max-cost out.",
                )
            if self.spent + most > self.limit:
                raise NoteRefused(QuarantineReason.MAX_COST, counts={})
        begun = time.monotonic()
        answer = ask()
        usage = bill(answer) + Usage(requests=1, latency_ms=(time.monotonic() - begun) * 1000)
        self._note += usage
        self.spent += usage.cost_usd
        return answer
