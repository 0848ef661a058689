"""Silver from outlines has the bytes of silver from lines."""

import json
import tempfile
from pathlib import Path

import pytest

from hctap_core.runs import Part
from hctap_etl.outlines import OutlineFile
from hctap_etl.products.silver import entity_objects
from hctap_etl.shards import Findings, Task, describe_part, join_findings, work_on
from hctap_nlp.extraction import Extraction, FoundAttribute, FoundCue, Mention
from hctap_nlp.extractors import Extractor
from hctap_stores.database.rows import LedgerNote
from hctap_stores.lake.lake import Lake

SAMPLES = Path(__file__).parents[3] / "samples/dev/notes.jsonl"
ODD = 'tab\there, new\nline, back\\slash, \\N, "quoted", é, 漢, \u2028, \x7f, 😀'


class Odd:
    """Finds in each text what is hard to write down."""

    def __init__(self) -> None:
        self.name, self.version = "odd", "1"
        self.vocabulary_hash: str | None = None
        self.model_hash: str | None = None

    def extract(self, text: str) -> Extraction:
        end = len(text)
        code = (ODD, "a\tb", ODD, "1", ODD, 0.5)
        cues = [FoundCue("negated", 0, end, ODD, (0, end)), FoundCue("family", 3, 3, "section")]
        attributes = [FoundAttribute("DOSE", 0, end, ODD), FoundAttribute("FORM", 1, 2)]
        said = {"negated": True, "family": False}
        mentions = (
            Mention("TEST", 0, end, ODD, 0.25, "rule", ODD, (code, code), ODD, said, cues, attributes),
            Mention("TEST", 0, 0, "ab", 1.0, "term", "x"),
            Mention("ANATOMY", 1, 4, "ab", 1.0, "term", "x", cues=cues),
        )
        return Extraction(text, mentions[: end % 4], (), "odd", "1")


def _work(extractor: Extractor, shard: int, texts: list[str]) -> Findings:
    notes = [LedgerNote(f"notes/{n}.json", n, f'odd "id" é {n}', text) for n, text in enumerate(texts)]
    return work_on(extractor, Task("R", 1, shard, tuple(notes), 0, is_outlined=True))


def _lay(lake: Lake, shard: int, findings: Findings) -> Part:
    part = describe_part("R", shard, findings)
    lake.enriched.settle(part.key, findings.lines)
    return part


def test_outlines_give_the_bytes_of_the_lines(lake: Lake, extractor: Extractor) -> None:
    texts = [json.loads(line)["text"] for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
    halves = [_work(extractor, 0, texts[:20]), _work(extractor, 0, texts[20:30])]
    odd = _work(Odd(), 1, [ODD, ODD + "x", ODD + "xy", ODD + "xyz", ODD])
    several = [join_findings(halves), odd, _work(Odd(), 2, ["abcd"])]
    parts = [_lay(lake, shard, findings) for shard, findings in enumerate(several)]
    assert [bool(part.rows) for part in parts] == [True, True, False]
    from_lines = list(entity_objects(lake.enriched, parts))
    with OutlineFile() as outlines:
        for part, findings in zip(parts, several, strict=True):
            outlines.keep(part.key, findings.outlines)
        lake.enriched.erase(parts[0].key)
        lake.enriched.erase(parts[1].key)
        assert list(entity_objects(lake.enriched, parts, outlines)) == from_lines
    assert sum(rows for _, _, rows in from_lines) == sum(part.rows for part in parts)


def test_without_room_for_outlines_the_lines_are_read(
    lake: Lake, extractor: Extractor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = _work(extractor, 0, ["Fever and cough. Aspirin 81 mg daily."])
    part = _lay(lake, 0, findings)
    with OutlineFile() as outlines:
        monkeypatch.setattr(tempfile, "tempdir", str(folder / "gone"))
        outlines.keep(part.key, findings.outlines)
        assert outlines.take(part.key) == []
        made = list(entity_objects(lake.enriched, [part], outlines))
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        outlines.keep(part.key, findings.outlines)
        assert outlines.take(part.key) == list(findings.outlines)
        assert outlines.take(part.key) == [], "once"
        outlines.keep(part.key, findings.outlines)
        assert list(folder.iterdir()) == []
        assert list(entity_objects(lake.enriched, [part], outlines)) == made


def test_who_does_not_finish_the_run_makes_no_outlines(extractor: Extractor) -> None:
    task = Task("R", 1, 0, (LedgerNote("k", 1, "n", "Fever."),), 0)
    assert work_on(extractor, task).outlines == ()
