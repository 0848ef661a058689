"""An end that is asked for: Ctrl-C or SIGTERM in the middle of a run gives back what is in hand."""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

log = logging.getLogger(__name__)


class Stopped(SystemExit):
    """SIGTERM came: the program ends with 0, for what is not committed is given back and the next run continues."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, wherever it is.

    Raises:
        Stopped: In the main thread, when the signal comes.
    """
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    except Stopped:
        log.warning("stopped")
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def leave() -> NoReturn:
    """End the process now, with 0, whatever its threads do: what they are about is given back."""
    log.warning("threads_left")
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the shape of a handler
    # A second signal, while the first is answered, changes nothing.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped(0)
