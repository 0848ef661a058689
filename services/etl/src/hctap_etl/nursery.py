"""The process that loads an extractor once and makes workers of it, by fork: they share its memory.

`python -m hctap_etl.nursery SOCKET LEVEL EXTRACTOR VOCABULARY PHI [TERMS]`, started by `hctap_etl.processes`. It has
no store, no loop and no thread, so that a fork of it is whole.
"""

import gc
import logging
import os
import signal
import sys
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from pathlib import Path
from typing import Final, NoReturn

from hctap_core.errors import PlatformError
from hctap_core.logs import configure_logs
from hctap_core.phi import PhiPolicy
from hctap_etl.allocation import keep_large_blocks_apart
from hctap_etl.handover import Message, send_answer
from hctap_etl.pipeline import pipeline_of
from hctap_etl.shards import Task, work_apart
from hctap_nlp.extractors import Extractor, load_extractor
from hctap_nlp.phi.guard import guard

log = logging.getLogger(__name__)

# Nearly all that a worker makes ends with its note. Looked for after every 700 objects, as Python does by itself, what
# does not takes 4% of a worker's CPU.
_MADE_BETWEEN_COLLECTIONS: Final = 20_000


def main(arguments: list[str]) -> None:
    """Load the extractor, say so, and fork a worker for every socket that comes, until nobody asks any more."""
    # Who started it decides when the work ends; its end closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    socket, level, name, vocabulary, phi, *terms = arguments
    configure_logs(level)
    keep_large_blocks_apart()
    # Of what is loaded nothing is garbage: a tenth of the loading would be spent on looking for it.
    gc.disable()
    with Connection(int(socket)) as control:
        try:
            folder = Path(terms[0]) if terms else None
            engine = load_extractor(name, Path(vocabulary), lambda *stage: control.send(stage), terms=folder)
            extractor = guard(engine, PhiPolicy(phi))
            control.send(pipeline_of(extractor))
        except PlatformError as error:
            control.send(error)
            return
        except BrokenPipeError:
            return  # who started it has ended meanwhile
        # What is loaded stays: a collection in a worker need not look at it, and does not copy its pages. One more here
        # would find some fifty objects.
        gc.freeze()
        gc.set_threshold(_MADE_BETWEEN_COLLECTIONS)
        gc.enable()
        _fork_on_demand(control, extractor)


def _fork_on_demand(control: Connection, extractor: Extractor) -> None:
    while True:
        try:
            handle = recv_handle(control)
        except EOFError:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            _work(extractor, Connection(handle))
        os.close(handle)
        control.send(pid)


def _work(extractor: Extractor, parent: "Connection[Message, Task]") -> NoReturn:
    """Work on what comes until nothing comes any more; leaves without the interpreter's clean-up."""
    status = 0
    try:
        while True:
            try:
                send_answer(parent, work_apart(extractor, parent.recv()))
            except PlatformError as error:
                send_answer(parent, error)
    except (EOFError, OSError):
        pass  # the parent is done, or gone
    except BaseException as error:  # noqa: BLE001 - the parent sees the end of the socket; here only the class is said
        log.error("worker_failed", extra={"pid": os.getpid(), "error": type(error).__name__})  # noqa: TRY400 - the same
        status = 1
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
