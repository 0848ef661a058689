"""A run against gold: the scores kept with the run, in the database and in its manifest."""

import logging
from pathlib import Path
from typing import Any

from hctap_core.errors import BadInput, RunConflict
from hctap_core.golds import GOLD_SCHEME, is_valid_gold_name
from hctap_core.phi import PhiPolicy
from hctap_core.runs import FINISHED
from hctap_etl.gold import load_gold, name_of_gold, score_run
from hctap_etl.publishing import publish
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.database.evaluations import Findings, write_evaluation
from hctap_stores.database.gold import find_gold_set, read_gold_notes, store_gold
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.lake import Lake

log = logging.getLogger(__name__)


def is_redacted(stored: StoredRun) -> bool:
    """Whether a run read surrogate texts in place of the notes'."""
    return stored.run.pipeline.settings.get("phi") == PhiPolicy.REDACT


def evaluate_run(
    lake: Lake,
    database: Database,
    run_id: str,
    gold_path: Path,
    name: str | None = None,
) -> tuple[str, StoredRun, dict[str, Any]]:
    """Score a run against gold and keep the scores; gives the gold's name, the run and the scores.

    The gold is a file, which is kept as a version of its name, or `gold:NAME@VERSION`, which was kept before.

    Raises:
        GoldNotFound: If no such gold was kept.
        RunNotFound: If there is no such run.
        RunConflict: If it is not finished.
        BadInput: If it read surrogate texts.
        StoreUnavailable: If a store does not answer.
    """
    is_kept = str(gold_path).startswith(GOLD_SCHEME)
    gold_set = find_gold_set(database, str(gold_path)) if is_kept else None
    gold = load_gold(gold_path) if gold_set is None else read_gold_notes(database, gold_set)
    gold_name = name or (name_of_gold(gold_path) if gold_set is None else gold_set.reference)
    stored = runs.find_run(database, run_id)
    if stored.run.status not in FINISHED:
        raise RunConflict(f"The run {stored.run.run_id} is not finished.", remedy="Complete it: `hctap-etl run`.")
    if is_redacted(stored):
        raise BadInput(
            f"The run {stored.run.run_id} read surrogate texts, whose offsets no gold of raw texts fits.",
            remedy="Evaluate a run under --phi report.",
        )
    if gold_set is None and is_valid_gold_name(gold_name):
        # Kept, so that any other run can be evaluated against the same.
        gold_set = store_gold(database, gold_name, gold, source="file", by="hctap-etl")
    scores, details, errors = score_run(database, stored, gold)
    findings = None if gold_set is None else Findings(gold_set, details, errors)
    write_evaluation(database, stored.run_no, gold_name, scores, findings)
    stored = runs.find_run(database, stored.run.run_id)
    publish(lake, database, stored)
    log.info("run_evaluated", extra={"run_id": stored.run.run_id, "part": gold_name})
    return gold_name, stored, scores
