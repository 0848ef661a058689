"""What an incremental run carries over from the run before it, where a shard has lost some of its notes."""

import json
import time
from collections import Counter

from hctap_cli.lines import render_lines
from hctap_core.errors import RunConflict, StoreUnavailable
from hctap_core.runs import Part
from hctap_etl.shards import describe_lines
from hctap_stores.database import carried
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.lake import Lake


def rewrite_shards(lake: Lake, database: Database, stored: StoredRun) -> None:
    """Write the objects of shards that have lost notes anew, without those; the rest is carried over as it is.

    Raises:
        StoreUnavailable: If an object of the earlier run is gone.
        RunConflict: If another process does the same.
    """
    for shard in carried.shards_to_rewrite(database, stored.run_no):
        begun = time.monotonic_ns()
        part, lines, by_type = _without_lost_notes(lake, database, stored, shard)
        lake.enriched.settle(part.key, lines)
        if not carried.commit_rewritten(database, stored.run_no, shard, part, by_type, begun):
            raise RunConflict(
                f"Another process has done the shard {shard} of the run {stored.run.run_id}.",
                remedy="Let it finish; nothing is lost or doubled.",
            )


def _without_lost_notes(
    lake: Lake, database: Database, stored: StoredRun, shard: int
) -> tuple[Part, bytes, Counter[str]]:
    key, note_ids = carried.read_shard(database, stored.run_no, shard)
    found = lake.enriched.read(key)
    if found is None:
        raise StoreUnavailable(
            f"The object {key} in {lake.enriched.name}, whose results are to be carried over, is gone.",
            remedy="Begin a run without --incremental.",
        )
    run_id = stored.run.run_id
    records = [json.loads(line) for line in found.data.splitlines()]
    kept = [record | {"run_id": run_id} for record in records if record["note_id"] in note_ids]
    lines = render_lines(kept)
    return describe_lines(run_id, shard, lines, len(kept)), lines, Counter(record["entity_type"] for record in kept)
