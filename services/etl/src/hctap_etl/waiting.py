"""Waiting for a run that others work on."""

import time
from typing import Final

from hctap_cli.progress import Meter
from hctap_stores.database import results, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.queue import is_over
from hctap_stores.database.runs import StoredRun

_LOOK_UP_SECONDS: Final = 0.3


def await_run(database: Database, stored: StoredRun, meter: Meter) -> StoredRun:
    """Wait until a run needs nothing more, and give it as it is then."""
    run_id = stored.run.run_id
    while not is_over(stored) and not results.count_pending(database, stored.run_no):
        time.sleep(_LOOK_UP_SECONDS)
        stored = runs.find_run(database, run_id)
    left = results.count_pending(database, stored.run_no)
    with meter.track("extracting", left) as advance:
        while not is_over(stored):
            time.sleep(_LOOK_UP_SECONDS)
            now = results.count_pending(database, stored.run_no)
            advance(left - now)
            left, stored = now, runs.find_run(database, run_id)
    return stored
