"""Objects of the lake that nothing names: what a crash between object and commit left behind."""

import logging
import re
from dataclasses import dataclass
from typing import Final

from hctap_stores.database import parts
from hctap_stores.database.connection import Database
from hctap_stores.lake.bucket import Bucket
from hctap_stores.lake.keys import PARTS_PREFIX

log = logging.getLogger(__name__)

_RUN: Final = re.compile(re.escape(PARTS_PREFIX) + r"([^/]+)/")


@dataclass(frozen=True, slots=True)
class Swept:
    """What was deleted."""

    objects: int = 0
    bytes: int = 0


def sweep(bucket: Bucket, database: Database) -> Swept:
    """Delete the parts of runs that are over which no run's ledger names; other runs' and unknown ones stay.

    Raises:
        StoreUnavailable: If lake or database do not answer.
    """
    # The lake is read first: what a run commits meanwhile is named by the time the ledger is read.
    listed = list(bucket.list(PARTS_PREFIX))
    over, named = parts.runs_that_are_over(database), parts.named_keys(database)
    objects = size = 0
    for item in listed:
        run = _RUN.match(item.key)
        if run is not None and run[1] in over and item.key not in named:
            bucket.delete(item.key)
            objects, size = objects + 1, size + item.bytes
            log.info("orphan_deleted", extra={"run_id": run[1], "key": item.key, "bytes": item.bytes})
    return Swept(objects, size)
