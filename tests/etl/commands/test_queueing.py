"""Runs that are queued for workers."""

from collections.abc import Callable
from pathlib import Path

from tests.command_line import Outcome

from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.database.workers import Signs

RUN = ("run", "--extractor", "rules")


def test_a_queued_run_names_the_worker_that_it_waits_for(
    hctap: Callable[..., Outcome], folder: Path, database: Database, database_url: str
) -> None:
    (folder / "a.txt").write_text("Fever and cough.")
    hctap("import", folder / "a.txt")
    queued = hctap(*RUN, "--queue", "--phi", "redact", "--run-id", "Q")
    assert queued.code == 0
    assert "`HCTAP_PHI_POLICY=redact hctap-etl worker --extractor rules`" in " ".join(queued.err.split())
    # A worker of another policy does not take it.
    others = Signs(database_url, "rules", "another", 1, 10.0)
    others.give()
    assert "No worker is there that takes it" in hctap(*RUN, "--queue", "--phi", "redact", "--run-id", "Q").err
    theirs = Signs(database_url, "rules", runs.find_run(database, "Q").run.pipeline_hash, 1, 10.0)
    theirs.give()
    assert "No worker" not in hctap(*RUN, "--queue", "--phi", "redact", "--run-id", "Q").err
    others.end()
    theirs.end()
    assert hctap("runs", "cancel", "Q").code == 0
