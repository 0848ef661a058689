"""What a run does about identifiers of persons, under each policy, in the database, the lake and the API's answers."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Outcome

from hctap_cli.progress import Meter
from hctap_core.notes import note_from_record, sha256_of
from hctap_core.phi import PhiKind, PhiPolicy
from hctap_core.reasons import QuarantineReason
from hctap_core.runs import RunStatus
from hctap_core.sources.records import SourceRecord
from hctap_etl.crew import Alone
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.lineage.tracing import trace
from hctap_etl.running import RunChoice, Runner
from hctap_nlp.extractors import Extractor
from hctap_nlp.phi.guard import guard
from hctap_nlp.phi.surrogates import surrogate_from_record
from hctap_stores.database.connection import Database
from hctap_stores.database.documents import read_documents
from hctap_stores.database.export import read_entities
from hctap_stores.database.note_documents import NoteReader
from hctap_stores.database.pool import Pool
from hctap_stores.database.runs import StoredRun
from hctap_stores.lake.lake import Lake

NAMED = "Mr. Smith, MRN 0012345, denies chest pain. 😀 History of gout."
TEXTS = {"named": NAMED, "same": NAMED, "plain": "Fever and cough."}


@pytest.fixture
def runner(lake: Lake, database: Database, extractor: Extractor, meter: Meter) -> Runner:
    bring(lake, TEXTS)
    return Runner(lake, database, Alone(extractor), meter)


def bring(lake: Lake, texts: dict[str, str], phi: PhiPolicy = PhiPolicy.OFF) -> Mapping[str, Any]:
    notes = [note_from_record({"note_id": key, "specialty": "Urology", "text": text}) for key, text in texts.items()]
    records = [SourceRecord(note.note_id, b"", note) for note in notes]
    return Intake(lake.raw, IntakeOptions(source="t", phi=phi)).take(records, lambda _: None).counts


def run(runner: Runner, extractor: Extractor, policy: PhiPolicy, **choice: Any) -> tuple[Runner, StoredRun]:
    guarded = replace(runner, crew=Alone(guard(extractor, policy)))
    stored, _ = guarded.choose(RunChoice(**choice))
    return guarded, guarded.work(stored)


def show(database_url: str, note_id: str, run_id: str | None = None) -> dict[str, Any] | None:
    async def ask() -> bytes | None:
        pool = Pool(database_url)
        await pool.open()
        try:
            return await NoteReader(pool).read(note_id, run_id)
        finally:
            await pool.close()

    answer = asyncio.run(ask())
    return json.loads(answer) if answer else None


def test_report_counts_and_changes_nothing_else(runner: Runner, extractor: Extractor) -> None:
    _, off = run(runner, extractor, PhiPolicy.OFF, run_id="off")
    _, report = run(runner, extractor, PhiPolicy.REPORT, run_id="report")
    assert report.run.counts.phi == {PhiKind.MRN: 1, PhiKind.NAME: 1}
    assert (report.run.counts.phi_notes, off.run.counts.phi_notes) == (1, 0)
    assert report.run.status is RunStatus.SUCCEEDED
    assert report.run.pipeline.settings == {"phi": "report"}
    both = [
        [record | {"run_id": ""} for record in read_entities(runner.database, stored.run_no, "")]
        for stored in (off, report)
    ]
    assert both[0] == both[1] != []


def test_quarantine_sets_aside_and_does_not_show(runner: Runner, extractor: Extractor, database_url: str) -> None:
    _, stored = run(runner, extractor, PhiPolicy.QUARANTINE, run_id="R")
    counts = stored.run.counts
    assert stored.run.status is RunStatus.PARTIAL
    assert (counts.done, counts.quarantined, counts.by_reason) == (1, 2, {QuarantineReason.PHI: 2})
    assert counts.phi == {PhiKind.MRN: 1, PhiKind.NAME: 1}
    assert show(database_url, "named") is None
    plain = show(database_url, "plain")
    assert plain is not None
    assert plain["text"] == TEXTS["plain"]
    for item in runner.lake.enriched.list("quarantine/run=R/"):
        if item.key.endswith(".json"):
            found = runner.lake.enriched.read(item.key)
            assert found is not None
            record = json.loads(found.data)
            assert (record["reason"], record["detail"]) == ("phi", "1 mrn, 1 name")


def check_redacted(runner: Runner, stored: StoredRun, database_url: str) -> None:
    surrogate_text = NAMED.replace("Smith", "[NAME-1]").replace("0012345", "[MRN-1]")
    for note_id in ("named", "same"):
        shown = show(database_url, note_id, stored.run.run_id)
        assert shown is not None
        assert shown["text"] == surrogate_text
        assert shown["content_sha256"] == sha256_of(surrogate_text)
        assert [entity["text"] for entity in shown["entities"]] == ["chest pain", "gout"]
        for entity in shown["entities"]:
            assert surrogate_text[entity["begin"] : entity["end"]] == entity["text"]
    listed = list(runner.lake.enriched.list(f"surrogates/{sha256_of(NAMED)}/"))
    assert len(listed) == 1
    found = runner.lake.enriched.read(listed[0].key)
    assert found is not None
    surrogate = surrogate_from_record(json.loads(found.data))
    assert surrogate.text == surrogate_text
    gout = surrogate_text.index("gout")
    assert NAMED[slice(*surrogate.to_raw(gout, gout + 4))] == "gout"
    documents = {document.note_id: document for document in read_documents(runner.database, stored.run_no, "x")}
    assert documents["same"].text == surrogate_text


def test_redact_reads_and_shows_surrogates(runner: Runner, extractor: Extractor, database_url: str) -> None:
    guarded, stored = run(runner, extractor, PhiPolicy.REDACT, run_id="R")
    assert stored.run.status is RunStatus.SUCCEEDED
    check_redacted(guarded, stored, database_url)
    for bucket in (runner.lake.enriched,):
        for item in bucket.list():
            found = bucket.read(item.key)
            assert found is not None
            assert b"Smith" not in found.data
            assert b"0012345" not in found.data
    raw = runner.lake.raw.read("notes/named.json")
    assert raw is not None
    assert b"Smith" in raw.data
    steps = trace(runner.lake, runner.database, "R", "named", 0)
    # No import of this test left a record of its batch.
    assert [step.what for step in steps if step.is_true is False] == ["import"]
    # A note that the guard has not passed yet is not shown in its raw text.
    bring(runner.lake, {"late": "Mr. Jones has gout."})
    run(runner, extractor, PhiPolicy.QUARANTINE, run_id="Q")
    assert show(database_url, "late") is None


def test_an_incremental_run_carries_surrogates_over(runner: Runner, extractor: Extractor, database_url: str) -> None:
    run(runner, extractor, PhiPolicy.REDACT, run_id="R1")
    bring(runner.lake, {"new": "Ms. Jones has asthma."})
    guarded, stored = run(runner, extractor, PhiPolicy.REDACT, run_id="R2", is_incremental=True, must_be_new=True)
    assert (stored.run.counts.unchanged, stored.run.counts.done) == (2, 1)
    assert stored.run.counts.phi == {PhiKind.MRN: 1, PhiKind.NAME: 2}
    check_redacted(guarded, stored, database_url)


def test_a_redacted_run_is_not_evaluated_against_gold_of_raw_texts(hctap: Callable[..., Outcome], folder: Path) -> None:
    text = "Mr. Smith has gout."
    (folder / "a.txt").write_text(text)
    gold = folder / "gold.jsonl"
    gout = {"begin": 14, "end": 18, "entity_type": "PROBLEM", "text": "gout"}
    gold.write_text(json.dumps({"note_id": "a", "text": text, "entities": [gout]}) + "\n")
    job = ("job", "--import", folder / "a.txt", "--gold", gold, "--extractor", "rules")
    told = hctap(*job, "--phi", "redact")
    assert (told.code, "not evaluated" in told.err, "Evaluation" in told.out) == (0, True, False)
    assert "redact: 1 name in 1 texts" in " ".join(told.out.split())
    assert hctap("evaluate", "--gold", gold).code == 2
    told = hctap(*job)
    assert (told.code, "Evaluation" in told.out) == (0, True)
    assert "report: 1 name in 1 texts" in " ".join(told.out.split())


@pytest.mark.parametrize(
    ("policy", "phi", "quarantined"),
    [
        (PhiPolicy.OFF, {}, 0),
        (PhiPolicy.REPORT, {"mrn": 1, "name": 1}, 0),
        (PhiPolicy.REDACT, {"mrn": 1, "name": 1}, 0),
        (PhiPolicy.QUARANTINE, {"mrn": 1, "name": 1}, 2),
    ],
)
def test_an_import_counts_and_may_refuse(lake: Lake, policy: PhiPolicy, phi: dict[str, int], quarantined: int) -> None:
    counts = bring(lake, TEXTS, policy)
    assert (counts["phi"], counts["quarantined"], counts["new"]) == (phi, quarantined, 3 - quarantined)
    assert counts["by_reason"] == ({"phi": 2} if quarantined else {})
