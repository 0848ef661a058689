"""Marked notes: what the marks say, and what is refused."""

import pytest

from hctap_core.errors import MalformedRecord
from hctap_core.markup import read_marked

HEAD = "---\nnote_id: n1\nspecialty: Cardiology\n---\n"


def test_marks_become_gold_and_leave_the_text() -> None:
    note, gold = read_marked(
        HEAD + "[[PMH||SECTION type=past_medical_history]]: no [[gout||PROBLEM icd=M10.9 negated]],\n"
        '[[ASA||MEDICATION id=m1]] [[81 mg||STRENGTH of=m1 norm="81 mg"]]\n'
    )
    assert note.text == "PMH: no gout,\nASA 81 mg"
    problem, drug = gold.entities
    assert (problem.text, problem.begin, problem.end) == ("gout", 8, 12)
    assert problem.assertion is not None
    assert problem.assertion.negated
    assert problem.codes[0].code == "M10.9"
    assert drug.attributes[0].text == "81 mg"
    assert gold.sections is not None
    assert (gold.sections[0].begin, gold.sections[0].end) == (0, len(note.text))


def test_a_quoted_value_may_hold_brackets() -> None:
    _, gold = read_marked(HEAD + '[[BP||TEST id=t]] 120/80 [[mmHg||UNIT of=t norm="mm[Hg]"]].')
    assert gold.entities[0].attributes[0].norm == "mm[Hg]"


@pytest.mark.parametrize(
    "body",
    ["[[gout||PROBLEM", "[[gout||ILLNESS]]", "[[gout||PROBLEM maybe]]", "[[81 mg||STRENGTH of=m9]]", "a || b"],
)
def test_a_mark_that_says_nothing_clear_is_refused(body: str) -> None:
    with pytest.raises(MalformedRecord):
        read_marked(HEAD + body)


def test_a_file_without_fields_is_refused() -> None:
    with pytest.raises(MalformedRecord):
        read_marked("just text")
