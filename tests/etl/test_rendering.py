"""What is written straight from the engine is what its records would have been written as."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from hctap_cli.lines import render_lines
from hctap_core.errors import InvalidSpan
from hctap_etl.rendering import ShardWriter
from hctap_nlp.extraction import Extraction, FoundAttribute, FoundCue, FoundSection, Mention
from hctap_nlp.extractors import Extractor
from hctap_stores.database.rows import TABLES, LedgerNote, NoteResult, render_rows

SAMPLES = Path(__file__).parents[2] / "samples/dev/notes.jsonl"
ODD = 'tab\there, new\nline, return\rhere, back\\slash, \\N, "quoted", é, 漢, \u2028, \x7f, 😀'


def _compare(notes: Sequence[LedgerNote], found: Sequence[Extraction]) -> None:
    writer = ShardWriter("R", 7)
    for note, extraction in zip(notes, found, strict=True):
        assert writer.add(note, extraction) == len(extraction.mentions)
    results = [
        NoteResult(note, one.entity_records(note.note_id, "R"), one.section_records(), 0)
        for note, one in zip(notes, found, strict=True)
    ]
    rows = render_rows(7, results)
    assert b"".join(writer.lines) == render_lines(entity for result in results for entity in result.entities)
    assert tuple(b"".join(block) for block in writer.tables) == rows.tables
    assert (writer.terms, writer.provenances) == (rows.terms, rows.provenances)
    assert writer.code_lists == rows.code_lists


def test_samples_give_the_bytes_of_their_records(extractor: Extractor) -> None:
    texts = [json.loads(line)["text"] for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
    notes = [LedgerNote(f"notes/{n}.json", n, f"n-{n}", text) for n, text in enumerate(texts)]
    _compare(notes, [extractor.extract(note.text) for note in notes])


def test_odd_words_give_the_bytes_of_their_records() -> None:
    end = len(ODD)
    mention = Mention(
        "MEDICATION", 0, end, ODD, 0.25, "rule", ODD,
        codes=((ODD, "a\tb", ODD, "1", ODD, 0.5), ("S", "c", "d", "2", "curated", 1.0)),
        section=ODD,
        assertion={"negated": True, "family": False},
        cues=[FoundCue("negated", 0, end, ODD, (0, end)), FoundCue("family", 3, 3, "section")],
        attributes=[FoundAttribute("DOSE", 0, end, ODD), FoundAttribute("FORM", 1, 2)],
    )  # fmt: skip
    sections = (FoundSection(0, end, ODD, "plan", 0), FoundSection(0, 1, "", "unknown", 0))
    bare = Mention("PROBLEM", 1, 4, "ab", 1.0, "term", "x")
    note = LedgerNote("k", 5, 'odd "id" é', ODD)
    _compare([note], [Extraction(ODD, (mention, bare, mention), sections, "rules", "1")])


@pytest.mark.parametrize(("begin", "end"), [(-1, 2), (3, 2), (0, 6)])
def test_a_span_outside_its_text_leaves_nothing_of_the_note(begin: int, end: int) -> None:
    writer = ShardWriter("R", 7)
    fine, wrong = (Mention("PROBLEM", *span, "x", 1.0, "rule", "x") for span in ((0, 5), (begin, end)))
    with pytest.raises(InvalidSpan):
        writer.add(LedgerNote("k", 1, "a", "Fever"), Extraction("Fever", (fine, wrong), (), "rules", "1"))
    assert (writer.lines, [*writer.tables], writer.count, writer.terms) == ([], [[]] * len(TABLES), 0, {})
