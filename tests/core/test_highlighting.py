"""A note as HTML: every character escaped, every entity marked, nothing lost."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hctap_core.entities import Entity
from hctap_core.highlighting import describe, highlight, reach_of


def make_entity(text: str, begin: int, end: int, entity_type: str = "PROBLEM", **more: Any) -> Entity:
    return Entity.model_validate(
        {
            "note_id": "n",
            "run_id": "r",
            "entity_type": entity_type,
            "text": text[begin:end],
            "norm_text": "x",
            "begin": begin,
            "end": end,
            "score": 1.0,
            "section": "plan",
            "provenance": {"extractor": "rules", "version": "1", "method": "rule", "source": "a<b"},
        }
        | more
    )


def find(text: str, phrase: str, entity_type: str = "PROBLEM", **more: Any) -> Entity:
    begin = text.index(phrase)
    return make_entity(text, begin, begin + len(phrase), entity_type, **more)


class Reader(HTMLParser):
    """What a browser would make of it: the text, and the marks with the text inside."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.marks: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.marks.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        assert tag == "mark"
        self.tags.append("/" + tag)

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.tags and not self.tags[-1].startswith("/"):
            attributes, inside = self.marks[-1]
            self.marks[-1] = (attributes, inside + data)

    def marked(self, name: str) -> list[str]:
        return [inside for attributes, inside in self.marks if f"hc-{name}" in str(attributes["class"]).split()]


def test_a_note_without_entities_is_its_escaped_text() -> None:
    assert highlight("BP < 120 & stable", []) == "BP &lt; 120 &amp; stable"


def test_markup_in_a_note_never_becomes_markup() -> None:
    text = "<script>alert(1)</script> & \"x\" 'y' </mark><img src=x onerror=alert(1)>"
    shown = highlight(text, [find(text, "<script>"), find(text, "</mark><img", "TEST")])
    assert "<script" not in shown
    assert "<img" not in shown
    assert re.sub(r"</?mark[^>]*>", "", shown) == html.escape(text)
    assert Reader(shown).text == text
    assert set(Reader(shown).tags) == {"mark", "/mark"}


def test_what_an_entity_brings_along_cannot_leave_its_attribute() -> None:
    text = "aspirin"
    evil = '"><script>alert(1)</script>'
    entity = find(
        text,
        "aspirin",
        "MEDICATION",
        codes=[{"system": "MESH", "code": evil, "display": evil}],
        attributes=[{"type": "DOSE", "text": evil, "begin": 0, "end": 1}],
        provenance={
            "extractor": evil,
            "version": evil,
            "method": "rule",
            "source": evil,
            "cues": [{"attribute": "negated", "text": evil, "begin": 0, "end": 1, "rule": evil}],
        },
    )
    shown = highlight(text, [entity])
    assert "<script" not in shown
    assert Reader(shown).text == "aspirin"
    assert evil in str(Reader(shown).marks[0][0]["data-tip"])


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("fever and cough", "fever"),
        ("fever and cough", "cough"),
        ("fever", "fever"),
        ("😀 fever 😷", "fever"),
        ("fièvre \U0001d49csthma", "\U0001d49csthma"),
        ("a\r\nfever\r\nb", "fever"),
        ("a & fever", "& fever"),
    ],
)
def test_the_mark_holds_exactly_the_entity(text: str, phrase: str) -> None:
    reader = Reader(highlight(text, [find(text, phrase)]))
    assert reader.marked("problem") == [phrase]
    assert reader.text == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("ab\r\ncd", [(0, 3)]),
        ("ab\r\ncd", [(3, 6)]),
        ("ab\r\ncd", [(0, 3), (3, 6)]),
        ("ab\r\n", [(0, 3)]),
        ("\r\nab", [(1, 4)]),
        ("a\rb", [(0, 2)]),
    ],
)
def test_a_line_end_stays_one_line_end_wherever_an_entity_cuts_it(text: str, spans: list[tuple[int, int]]) -> None:
    shown = highlight(text, [make_entity(text, begin, end) for begin, end in spans])
    assert Reader(shown).text == text.replace("\r\n", "\n").replace("\r", "\n")


def test_an_inner_entity_has_its_own_colour_and_both_stories() -> None:
    text = "left knee pain"
    shown = Reader(highlight(text, [find(text, "left knee pain"), find(text, "knee", "ANATOMY")]))
    assert shown.marked("problem") == ["left ", " pain"]
    assert shown.marked("anatomy") == ["knee"]
    inner = next(attributes for attributes, inside in shown.marks if inside == "knee")
    assert str(inner["data-tip"]).startswith("Anatomy")
    assert "\n\nProblem" in str(inner["data-tip"])


def test_entities_that_cross_are_both_shown_where_they_are() -> None:
    text = "abcdef"
    shown = Reader(highlight(text, [make_entity(text, 0, 4), make_entity(text, 2, 6, "TEST")]))
    assert "".join(inside for _, inside in shown.marks) == text
    assert shown.marked("problem")[0] == "ab"
    assert shown.marked("test")[-1] == "ef"


def test_only_the_ends_of_an_entity_are_rounded_and_it_is_one_stop_of_the_tab_key() -> None:
    text = "left knee pain"
    shown = Reader(highlight(text, [find(text, "left knee pain"), find(text, "knee", "ANATOMY")]))
    assert shown.marked("first") == ["left ", "knee"]
    assert shown.marked("last") == ["knee", " pain"]
    assert [inside for attributes, inside in shown.marks if "tabindex" in attributes] == ["left ", "knee"]


@pytest.mark.parametrize(
    ("assertion", "classes", "sign"),
    [
        ({}, [], None),
        ({"negated": True}, ["negated"], None),
        ({"uncertain": True, "family": True}, ["uncertain", "family"], None),
        ({"historical": True}, ["historical"], "hx"),
        ({"hypothetical": True, "negated": True}, ["negated", "hypothetical"], "if"),
        ({"historical": True, "hypothetical": True}, ["historical", "hypothetical"], "hx if"),
    ],
)
def test_assertions_are_signs_that_need_no_colour(
    assertion: dict[str, bool], classes: list[str], sign: str | None
) -> None:
    text = "asthma"
    ((attributes, _),) = Reader(highlight(text, [find(text, text, assertion=assertion)])).marks
    assert str(attributes["class"]).split() == [
        "hc",
        "hc-problem",
        *(f"hc-{name}" for name in classes),
        "hc-first",
        "hc-last",
    ]
    assert attributes.get("data-sign") == sign


def test_a_sign_stands_once_also_where_another_entity_lies_inside() -> None:
    text = "history of breast cancer"
    past = {"historical": True}
    shown = Reader(
        highlight(text, [find(text, "breast cancer", assertion=past), make_entity(text, 18, 24, assertion=past)])
    )
    assert [attributes.get("data-sign") for attributes, _ in shown.marks] == ["hx", "hx"]
    whole = Reader(highlight(text, [find(text, "breast cancer", assertion=past), find(text, "cancer", "TEST")]))
    assert [attributes.get("data-sign") for attributes, _ in whole.marks] == ["hx", None]


def test_offsets_beyond_the_text_are_cut_to_it() -> None:
    text = "fever"
    long = make_entity("fever and more", 0, 14)
    beyond = make_entity("fever and more", 10, 14)
    assert Reader(highlight(text, [long, beyond])).marked("problem") == ["fever"]


def test_what_it_is_and_why_is_told_line_by_line() -> None:
    text = "no  Aspirin\n81 mg"
    scope = {"scope_begin": 2, "scope_end": len(text)}
    entity = find(
        text,
        "Aspirin",
        "MEDICATION",
        assertion={"negated": True},
        codes=[{"system": "RXNORM", "code": "1191", "display": "Aspirin"}],
        attributes=[{"type": "STRENGTH", "text": "81  mg", "begin": 12, "end": 17, "norm": "81 mg"}],
        provenance={
            "extractor": "rules",
            "version": "2",
            "method": "vocabulary",
            "source": "drugs:aspirin",
            "cues": [
                {"attribute": "negated", "text": "no", "begin": 0, "end": 2, "rule": "negation.no", **scope},
                {"attribute": "family", "text": "", "begin": 0, "end": 0, "rule": "section.family"},
            ],
        },
    )
    assert describe(entity, text).splitlines() == [
        "Medication · negated",
        "Means: x",
        "RXNORM 1191 Aspirin",
        "Strength: 81 mg",
        "In section plan",
        "Found by vocabulary drugs:aspirin (rules 2)",
        "Negated because of “no”, which reaches “Aspirin 81 mg” (negation.no)",
        "Family because of the section (section.family)",
    ]


def test_a_long_reach_is_cut_in_its_middle() -> None:
    text = "chest pain, " * 20
    assert reach_of(text, 0, len(text)) == f"{text[:40].rstrip()} … {text.rstrip()[-40:].lstrip()}"
    assert reach_of(text, 0, 10) == "chest pain"
    assert reach_of(text, None, None) == ""


@st.composite
def notes(draw: st.DrawFn) -> tuple[str, list[Entity]]:
    text = draw(st.text(st.sampled_from("ab<>&\"'\r\n\t 😀é"), min_size=1, max_size=30))
    spans = draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 10)), max_size=6))
    kinds = draw(st.lists(st.sampled_from(["PROBLEM", "TEST", "ANATOMY"]), min_size=6, max_size=6))
    entities = [
        make_entity(text, begin, min(begin + length, len(text)), kind)
        for (begin, length), kind in zip(spans, kinds, strict=False)
    ]
    return text, entities


@given(notes())
def test_whatever_the_note_and_the_entities_a_reader_sees_the_text_and_nothing_else(
    case: tuple[str, list[Entity]],
) -> None:
    text, entities = case
    shown = Reader(highlight(text, entities))
    assert shown.text == text.replace("\r\n", "\n").replace("\r", "\n")
    assert shown.tags == ["mark", "/mark"] * (len(shown.tags) // 2)
    covered = {place for entity in entities for place in range(entity.begin, entity.end)}
    assert bool(covered) == bool(shown.marks)
