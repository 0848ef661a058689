"""Labels go by offset and hash: they hold no text, and a wrong text is noticed."""

from pathlib import Path

import pytest
from benchmarks.labels import LabelledText, hash_of, locate, note_of, read_chunk, read_labels, render_labels
from tests.benchmarks.texts import CHUNK, PLAIN

from hctap_core.errors import InvalidSpan, MalformedRecord


def test_a_chunk_gives_each_passage_with_its_text_and_offsets() -> None:
    passages = read_chunk(CHUNK, ("a",))
    assert {p.labels.id: p.text for p in passages} == PLAIN
    lasix = passages[0].labels.entities[0]
    assert (lasix.begin, lasix.end, [(a.type.value, a.begin, a.end, a.norm) for a in lasix.attributes]) == (
        0,
        5,
        [("STRENGTH", 6, 11, None), ("FREQUENCY", 12, 17, "1/d")],
    )
    gout = passages[1].labels.entities[1]
    assert (gout.assertion.family, gout.assertion.negated, gout.assertion.historical) == (True, True, False)


def test_the_file_holds_no_word_of_the_texts_and_reads_back(tmp_path: Path) -> None:
    labels = [p.labels for p in read_chunk(CHUNK, ("a", "b"))]
    path = tmp_path / "labels.jsonl"
    path.write_text(render_labels(reversed(labels)), encoding="utf-8")
    assert not any(word in path.read_text(encoding="utf-8") for word in ("Lasix", "asthma", "MEDICATIONS", "Mother"))
    assert read_labels(path) == labels


@pytest.mark.parametrize(
    ("mark", "said"),
    [("[[x||PROBLEM shiny]]", "n9: mark 1"), ("[[x||STRENGTH of=m7]]", "n9: an attribute"), ("[[x", "n9: a mark")],
)
def test_a_mark_that_cannot_be_understood_is_said_with_its_passage(mark: str, said: str) -> None:
    with pytest.raises(MalformedRecord, match=said):
        read_chunk(f"=== n9 [H]\n{mark}\n", ("a",))


def test_a_line_that_is_no_label_is_said_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(MalformedRecord, match=r"line 1 of labels\.jsonl"):
        read_labels(path)


def test_a_span_outside_the_text_is_refused() -> None:
    entity = {"entity_type": "PROBLEM", "begin": 3, "end": 9}
    with pytest.raises(ValueError, match="outside the text"):
        LabelledText.model_validate(
            {"id": "x", "characters": 5, "sha256": hash_of("hello"), "annotators": ["a"], "entities": [entity]}
        )


@pytest.mark.parametrize(
    ("text_id", "expected"), [("note_12@340", ("note_12", 340)), ("note_12", ("note_12", 0)), ("a@b", ("a@b", 0))]
)
def test_an_id_names_a_note_and_where_to_look(text_id: str, expected: tuple[str, int]) -> None:
    assert note_of(text_id) == expected


def test_a_passage_is_found_in_its_note_behind_its_heading() -> None:
    labels = read_chunk(CHUNK, ("a",))[0].labels
    note = f"HPI:\nMEDICATIONS: , {PLAIN['n1@4']} Then more."
    assert locate(labels, {"n1": note}) == (note, 20)
    assert locate(labels, PLAIN) == (PLAIN["n1@4"], 0)
    assert locate(labels, {"n3": note}) is None


def test_a_wrong_text_is_noticed() -> None:
    labels = read_chunk(CHUNK, ("a",))[0].labels
    with pytest.raises(InvalidSpan, match="n1@4"):
        locate(labels, {"n1": "HPI:\nMEDICATIONS: , Lasix 80 mg daily.\nStop aspirin."})
