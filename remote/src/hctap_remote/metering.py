"""What requests used and cost, and the limit that they may not pass."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from botocore.exceptions import HTTPClientError

from hctap_core.errors import ExtractorUnavailable, NoteRefused
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import Usage, charge

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Account:
    """The requests of one process: `spent` so far, `limit` in US dollars, None for no limit."""

    limit: float | None = None
    spent: float = 0.0
    _note: Usage = field(default_factory=Usage)

    @contextmanager
    def open_note(self) -> Iterator[None]:
        """Count for another note; an error that ends it is told what was asked until then."""
        self._note = Usage()
        try:
            yield
        except Exception as error:
            if self._note != Usage():
                charge(error, self._note)
            raise

    def close_note(self) -> Usage:
        """What the note used."""
        return self._note

    def drop(self, count: int = 1) -> None:
        """Count answers that stand nowhere in the text."""
        self._note += Usage(dropped=count)

    def request(self, most: float | None, ask: Callable[[], Answer], bill: Callable[[Answer], Usage]) -> Answer:
        """The answer to one request that costs at most `most`, put on the account.

        A request whose answer is lost on its way may be billed, so it is put there as if it had cost the most.

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
        try:
            answer = ask()
        except HTTPClientError:
            self._put(Usage(cost_usd=most or 0.0), begun)
            raise
        self._put(bill(answer), begun)
        return answer

    def _put(self, usage: Usage, begun: float) -> None:
        self._note += usage + Usage(requests=1, latency_ms=(time.monotonic() - begun) * 1000)
        self.spent += usage.cost_usd
