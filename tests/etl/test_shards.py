import hashlib
import json
import logging
from dataclasses import replace

import pytest

from hctap_core.entities import Entity
from hctap_core.errors import ExtractorUnavailable
from hctap_etl.shards import TOGETHER, Task, describe_part, give_up, join_findings, work_on
from hctap_nlp.extraction import Extraction, Mention
from hctap_nlp.extractors import Extractor
from hctap_stores.database.rows import TABLES, LedgerEntry, LedgerNote

SECRET = "Mrs. Miller has gout"
NOTE = LedgerNote("notes/a.json", 1, "a", "PLAN:\nDenies fever. Aspirin 81 mg daily.")


class Broken:
    """An extractor that fails, in one way or another."""

    name, version = "broken", "1"

    def __init__(self, error: Exception | None) -> None:
        self.vocabulary_hash: str | None = None
        self.model_hash: str | None = None
        self._error = error

    def extract(self, text: str) -> Extraction:
        if self._error:
            raise self._error
        beyond = Mention("PROBLEM", len(text) - 1, len(text) + 3, "x", 1.0, "rule", "x")
        return Extraction(text, (beyond,), (), "broken", "1")


def test_a_note_gives_records_of_the_contract(extractor: Extractor) -> None:
    findings = work_on(extractor, _task(NOTE))
    entities = [Entity.model_validate_json(line) for line in bytes(findings.lines).splitlines()]
    assert ("fever", "PROBLEM", True) in [(e.text, e.entity_type, e.assertion.negated) for e in entities]
    assert {(e.note_id, e.run_id) for e in entities} == {("a", "R")}
    (entry,) = findings.rows.ledger
    assert (entry.failure, entry.entity_count) == (None, len(entities))
    assert entry.duration_us > 0
    assert findings.rows.tables[[*TABLES].index("run_sections")] == b"7\t1\t0\t0\t40\tPLAN\tplan\n"


@pytest.mark.parametrize(
    ("error", "failure"),
    [(KeyError(SECRET), "KeyError"), (RecursionError(), "RecursionError"), (None, "InvalidSpan")],
)
def test_a_note_that_breaks_the_extractor_is_set_aside(
    caplog: pytest.LogCaptureFixture, error: Exception | None, failure: str
) -> None:
    with caplog.at_level(logging.INFO):
        findings = work_on(Broken(error), _task(NOTE))
    assert [(entry.failure, entry.entity_count) for entry in findings.rows.ledger] == [(failure, 0)]
    assert (findings.lines, findings.count, set(findings.rows.tables)) == (b"", 0, {b""})
    assert [(record.msg, record.exc_info, vars(record)["note_id"]) for record in caplog.records] == [
        ("note_failed", None, "a"),
    ]
    assert SECRET not in caplog.text


class Moody:
    """An extractor that fails at every fifth text, and is wrong about every seventh."""

    name, version = "moody", "1"

    def __init__(self) -> None:
        self.vocabulary_hash: str | None = None
        self.model_hash: str | None = None

    def extract(self, text: str) -> Extraction:
        if int(text) % 5 == 0:
            raise KeyError(text)
        beyond = 9 if int(text) % 7 == 0 else 0
        return Extraction(text, (Mention("PROBLEM", 0, len(text) + beyond, "x", 1.0, "rule", "x"),), (), "moody", "1")


def test_notes_that_are_written_together_fail_each_for_itself() -> None:
    count = 2 * TOGETHER + 3
    findings = work_on(Moody(), _task(*[LedgerNote(f"k{n}", n, f"n{n}", str(n)) for n in range(count)]))
    kinds = ["KeyError" if n % 5 == 0 else "InvalidSpan" if n % 7 == 0 else None for n in range(count)]
    assert [(entry.object_key, entry.failure) for entry in findings.rows.ledger] == [
        (f"k{n}", kind) for n, kind in enumerate(kinds)
    ]
    assert [json.loads(line)["text"] for line in bytes(findings.lines).splitlines()] == [
        str(n) for n, kind in enumerate(kinds) if kind is None
    ]


def test_an_extractor_that_is_gone_stops_the_run() -> None:
    with pytest.raises(ExtractorUnavailable):
        work_on(Broken(ExtractorUnavailable()), _task(NOTE))


def _task(*notes: LedgerNote) -> Task:
    return Task("R", 7, 3, notes, 0)


def test_who_gets_no_more_memory_ends_and_sets_no_note_aside() -> None:
    with pytest.raises(MemoryError):
        work_on(Broken(MemoryError()), _task(NOTE))


def test_a_part_is_named_by_its_bytes(extractor: Extractor) -> None:
    findings = work_on(extractor, _task(NOTE))
    part = describe_part("R", 3, findings)
    sha256 = hashlib.sha256(findings.lines).hexdigest()
    assert (part.key, part.sha256) == (f"entities/run=R/part-00003-{sha256[:16]}.jsonl", sha256)
    assert (part.rows, part.bytes) == (findings.count, len(findings.lines))
    entities = extractor.extract(NOTE.text).entity_records("a", "R")
    assert [json.loads(line) for line in bytes(findings.lines).splitlines()] == entities
    assert work_on(extractor, _task(NOTE)).lines == findings.lines


def test_a_part_without_entities_is_empty(extractor: Extractor) -> None:
    part = describe_part("R", 0, work_on(extractor, _task()))
    assert (part.rows, part.bytes) == (0, 0)


def test_halves_joined_are_the_whole(extractor: Extractor) -> None:
    other = replace(NOTE, object_key="notes/b.json", note_no=2, note_id="b", text="Gout.\tOn allopurinol.")
    whole = work_on(extractor, _task(NOTE, other))
    joined = join_findings([work_on(extractor, _task(NOTE)), work_on(extractor, _task(other))])
    assert (joined.lines, joined.count, joined.rows.tables) == (whole.lines, whole.count, whole.rows.tables)
    assert [entry.object_key for entry in joined.rows.ledger] == ["notes/a.json", "notes/b.json"]


def test_notes_that_are_given_up_keep_their_entry() -> None:
    findings = give_up(_task(NOTE), "WorkerDied")
    assert (findings.lines, findings.count, set(findings.rows.tables)) == (b"", 0, {b""})
    assert findings.rows.ledger == (LedgerEntry("notes/a.json", "WorkerDied", 0, 0),)
