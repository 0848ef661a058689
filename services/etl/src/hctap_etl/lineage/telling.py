"""Events told by all transports together.

Lineage accompanies the work and never stops it: what cannot be delivered is named in the log.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from hctap_core.errors import PlatformError
from hctap_etl.lineage.server import LineageServer
from hctap_stores.lake.lake import Lake

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent
    from openlineage.client.transport.transport import Transport

log = logging.getLogger(__name__)


class Lineage:
    """All transports together, made when the first event is told; with none, events go nowhere."""

    def __init__(self, make_transports: "Callable[[], Sequence[Transport]]" = tuple) -> None:
        self._make_transports = make_transports

    def tell(self, event: "RunEvent") -> None:
        """Send an event by every transport."""
        for transport in self._transports:
            try:
                transport.emit(event)
            except (PlatformError, OSError) as error:
                log.warning("lineage_not_sent", extra={"part": transport.kind, "error": type(error).__name__})

    @contextmanager
    def watch(self, started: "RunEvent", fail: "Callable[[Exception], RunEvent]") -> Iterator[None]:
        """Tell that some work begins, and of an error that ends it."""
        self.tell(started)
        try:
            yield
        except Exception as error:
            self.tell(fail(error))
            raise

    @cached_property
    def _transports(self) -> "tuple[Transport, ...]":
        return tuple(self._make_transports())


def message_of(error: Exception) -> str:
    """What an error may say in an event or a record: only our own errors may speak, for others may quote a note."""
    return error.message if isinstance(error, PlatformError) else f"An unexpected {type(error).__name__}."


def open_lineage(lake: Lake, server: LineageServer | None) -> Lineage:
    """The lineage of a program: into the enriched bucket, and to the server if there is one."""

    def make() -> "list[Transport]":
        # A third of all that a run imports, which can wait for the first event.
        from hctap_etl.lineage.sending import transports_of

        return transports_of(lake, server)

    return Lineage(make)
