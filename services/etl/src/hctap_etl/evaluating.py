"""A run against gold: the scores kept with the run, in the database and in its manifest."""

import logging
from pathlib import Path
from typing import Any

from hctap_core.errors import RunConflict
from hctap_core.runs import FINISHED
from hctap_etl.gold import load_gold, name_of_gold, score_run
from hctap_etl.publishing import publish
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)


def evaluate_run(
    lake: Lake,
    database: Database,
    run_id: str,
    gold_path: Path,
    name: str | None = None,
) -> tuple[str, StoredRun, dict[str, Any]]:
    """Score a run against a gold file and keep the scores; gives the gold's name, the run and the scores.

    Raises:
        RunNotFound: If there is no such run.
        RunConflict: If it is not finished.
        StoreUnavailable: If a store does not answer.
    """
    gold = load_gold(gold_path)
    gold_name = name or name_of_gold(gold_path)
    stored = runs.find_run(database, run_id)
    if stored.run.status not in FINISHED:
        raise RunConflict(f"The run {stored.run.run_id} is not finished.", remedy="Complete it: `hctap-etl run`.")
    scores = score_run(database, stored, gold)
    runs.write_evaluation(database, stored.run_no, gold_name, scores)
    stored = runs.find_run(database, stored.run.run_id)
    publish(lake, database, stored)
    log.info("run_evaluated", extra={"run_id": stored.run.run_id, "part": gold_name})
    return gold_name, stored, scores
