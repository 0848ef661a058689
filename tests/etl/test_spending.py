"""A run that costs money: what it spent is counted, and it stops before it would spend more than it may."""

from dataclasses import replace
from functools import partial

import pytest

from hctap_cli.progress import Meter
from hctap_core.errors import LlmReplyUnusable
from hctap_core.notes import note_from_record
from hctap_core.reasons import QuarantineReason
from hctap_core.runs import RunStatus
from hctap_core.sources.records import SourceRecord
from hctap_etl.crew import Alone
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.running import RunChoice, Runner
from hctap_etl.spending import charge_earlier
from hctap_nlp.extraction import Extraction, Usage
from hctap_nlp.extractors import Extractor
from hctap_remote.metering import Account
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake


class Dear:
    """The real extractor, at 40 cents a window."""

    def __init__(self, inner: Extractor, account: Account) -> None:
        self.name, self.version, self.vocabulary_hash = "dear", inner.version, inner.vocabulary_hash
        self.model_hash = inner.model_hash
        self._inner, self._account = inner, account

    def extract(self, text: str) -> Extraction:
        with self._account.open_note():
            for window in text.split("|"):
                answer = self._account.request(0.4, partial(self._inner.extract, window), bill)
            if "unusable" in text:
                raise LlmReplyUnusable
            return replace(answer, usage=self._account.close_note())


def bill(_: Extraction) -> Usage:
    return Usage(units=1, cost_usd=0.4)


def take_in(lake: Lake, *texts: str) -> None:
    notes = [note_from_record({"note_id": f"n{n}", "specialty": "U", "text": text}) for n, text in enumerate(texts)]
    Intake(lake.raw, IntakeOptions(source="t")).take([SourceRecord(n.note_id, b"", n) for n in notes], lambda _: None)


def test_a_run_stops_before_it_passes_its_limit(
    lake: Lake, database: Database, extractor: Extractor, meter: Meter
) -> None:
    take_in(lake, *(f"Day {n}: fever." for n in range(4)))
    account = Account(limit=1.0)
    runner = Runner(lake, database, Alone(Dear(extractor, account), account), meter)
    stored, _ = runner.choose(RunChoice("R"))
    charge_earlier(runner.crew, database, stored)
    assert account.spent == 0
    stored = runner.work(stored)
    counts = stored.run.counts
    assert stored.run.status is RunStatus.PARTIAL
    assert (counts.done, counts.by_reason) == (2, {QuarantineReason.MAX_COST: 2})
    assert account.spent == pytest.approx(0.8)
    assert (counts.usage["requests"], counts.usage["units"]) == (2, 2)
    assert counts.usage["cost_usd"] == pytest.approx(0.8)
    # Another process of the same run knows what this one spent.
    later = Account(limit=1.0)
    charge_earlier(Alone(Dear(extractor, later), later), database, stored)
    assert later.spent == pytest.approx(0.8)
    # With more to spend, only what was set aside is asked for.
    more = Account(limit=1.0)
    runner = replace(runner, crew=Alone(Dear(extractor, more), more))
    again, _ = runner.choose(RunChoice("R2", is_incremental=True))
    again = runner.work(again)
    assert (again.run.status, again.run.counts.unchanged, again.run.counts.done) == (RunStatus.SUCCEEDED, 2, 2)
    assert again.run.counts.usage["cost_usd"] == pytest.approx(more.spent) == pytest.approx(0.8)


def test_what_was_paid_for_notes_that_failed_counts(
    lake: Lake, database: Database, extractor: Extractor, meter: Meter
) -> None:
    take_in(lake, "Day 1: fever.|Day 2: unusable.", "Day 3: fever.|Day 4: fever.")
    account = Account(limit=1.3)
    runner = Runner(lake, database, Alone(Dear(extractor, account), account), meter)
    stored = runner.work(runner.choose(RunChoice("R"))[0])
    counts = stored.run.counts
    assert counts.by_reason == {QuarantineReason.EXTRACTION_FAILED: 1, QuarantineReason.MAX_COST: 1}
    assert counts.usage["requests"] == 3
    assert counts.usage["cost_usd"] == pytest.approx(account.spent)
    later = Account(limit=1.3)
    charge_earlier(Alone(Dear(extractor, later), later), database, stored)
    assert later.spent == pytest.approx(account.spent) == pytest.approx(1.2)
