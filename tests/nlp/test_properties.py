"""What holds for every text: offsets fit, the same text gives the same bytes, notes do not change each other."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.randomness import EXAMPLES

from hctap_core.entities import Entity
from hctap_core.sections import Section
from hctap_nlp.extraction import Extraction
from hctap_nlp.extractors.hybrid import HybridExtractor
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.statistical.model import load_model
from hctap_nlp.vocabulary.artefact import Compiled

Records = list[dict[str, Any]]

HEADINGS = ("PLAN:", "FAMILY HISTORY:", "Past Medical History:", "ALLERGIES", "MEDICATIONS:", "Impression", "ROS:", "")
SENTENCES = (
    "Denies chest pain, nausea or vomiting",
    "No fever",
    "Mother had gout and a stroke",
    "Possible pneumonia",
    "Lisinopril 10 mg PO daily",
    "1. metformin 500 mg p.o. b.i.d. prn",
    "Na 140, K 5.9 (H)",
    "BP118/66 T 98.6",
    "History of left knee arthroscopy in 2019",
    "Return if bleeding",
    "- asthma\t x 3 days",
    "fever: none",
    "Tumor of the left lobe was ruled out",
    "naïve β-blocker µg ½",
    "amlodipine      5 mg      Hold",
)
ENDS = (". ", ".\n", "\n", "\r\n", "; ", " ", ",", "\n\n", "\f", " but ")
SEPARATORS = ("\x1e", "\x1d\n", "\n\n\f\n\n", "\r\n\r\n\f\r\n\r\n")
PROPERTY = settings(max_examples=EXAMPLES or 60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def notes(draw: st.DrawFn) -> str:
    """A note of headings and sentences as clinicians put them, in any order."""
    parts = draw(
        st.lists(
            st.tuples(st.sampled_from(HEADINGS), st.sampled_from(SENTENCES), st.sampled_from(ENDS)),
            min_size=1,
            max_size=8,
        )
    )
    return "".join(f"{heading} {sentence}{end}" for heading, sentence, end in parts)


# Text of any kind, lone surrogates, controls and marks of direction included, mixed with what the engine reads.
anything = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(SENTENCES),
        st.sampled_from(("\ud800", "\u202e", "\u0000", "((", "İ", "ﬁ")),
    ),
    max_size=12,
).map("".join)


@pytest.fixture(scope="module")
def hybrid(vocabulary: Compiled) -> HybridExtractor:
    return HybridExtractor(vocabulary, load_model())


def _check_offsets(text: str, found: Extraction) -> None:
    entities, sections = found.entity_records("n", "r"), found.section_records()
    for record in entities:
        assert text[record["begin"] : record["end"]] == record["text"]
        spans = [*record["attributes"], *record["provenance"]["cues"]]
        assert all(text[span["begin"] : span["end"]] == span["text"] for span in spans)
        for cue in record["provenance"]["cues"]:
            assert cue["scope_begin"] is None or 0 <= cue["scope_begin"] <= cue["scope_end"] <= len(text)
        if not any("\ud800" <= letter <= "\udfff" for letter in json.dumps(record, ensure_ascii=False)):
            Entity.model_validate(record)
    for record in sections:
        section = Section.model_validate(record)
        assert text[section.begin :].startswith(section.header)
        assert section.end <= len(text)
    order = [(record["begin"], record["end"]) for record in entities]
    assert order == sorted(order)
    assert all(one["end"] <= other["begin"] for one, other in itertools.pairwise(entities))
    assert all(one["end"] <= other["begin"] for one, other in itertools.pairwise(sections))


@PROPERTY
@given(text=st.one_of(notes(), anything))
def test_every_offset_fits_its_text(extractor: RulesExtractor, hybrid: HybridExtractor, text: str) -> None:
    _check_offsets(text, extractor.extract(text))
    _check_offsets(text, hybrid.extract(text))


@PROPERTY
@given(text=st.one_of(notes(), anything))
def test_the_same_text_gives_the_same_records(vocabulary: Compiled, extractor: RulesExtractor, text: str) -> None:
    # Another engine over the same vocabulary, which has read other texts.
    other = _other(vocabulary)
    assert other.extract(text).entity_records("n", "r") == extractor.extract(text).entity_records("n", "r")


@PROPERTY
@given(first=notes(), second=notes(), separator=st.sampled_from(SEPARATORS))
def test_notes_that_are_put_together_do_not_change_each_other(
    extractor: RulesExtractor, hybrid: HybridExtractor, first: str, second: str, separator: str
) -> None:
    for engine in (extractor, hybrid):
        alone = [engine.extract(first).entity_records("n", "r"), engine.extract(second).entity_records("n", "r")]
        together = engine.extract(first + separator + second)
        _check_offsets(first + separator + second, together)
        assert together.entity_records("n", "r") == alone[0] + _moved(alone[1], len(first) + len(separator))


@PROPERTY
@given(first=anything, second=anything)
def test_not_even_texts_of_any_kind(extractor: RulesExtractor, first: str, second: str) -> None:
    alone = [extractor.extract(text).entity_records("n", "r") for text in (first, second)]
    together = extractor.extract(f"{first}\x1e{second}").entity_records("n", "r")
    assert together == alone[0] + _moved(alone[1], len(first) + 1)


def test_a_section_does_not_reach_into_the_next_note(extractor: RulesExtractor) -> None:
    text = "FAMILY HISTORY: gout.\n\n\f\n\nHas fever.\n\fStill has a cough."
    found = {record["text"]: record for record in extractor.extract(text).entity_records("n", "r")}
    assert [found[name]["assertion"]["family"] for name in ("gout", "fever", "cough")] == [True, False, False]
    (section,) = extractor.extract(text).section_records()
    assert text[section["begin"] : section["end"]].strip() == "FAMILY HISTORY: gout."


def test_a_page_that_goes_on_is_no_boundary(extractor: RulesExtractor) -> None:
    text = "FAMILY HISTORY: gout.\n\fPage 2\n\nAlso stroke."
    assert all(record["assertion"]["family"] for record in extractor.extract(text).entity_records("n", "r"))


_OTHERS: dict[str, RulesExtractor] = {}


def _other(vocabulary: Compiled) -> RulesExtractor:
    if vocabulary.hash not in _OTHERS:
        _OTHERS[vocabulary.hash] = RulesExtractor(vocabulary)
        _OTHERS[vocabulary.hash].extract(" ".join(SENTENCES))
    return _OTHERS[vocabulary.hash]


def _moved(records: Records, by: int) -> Records:
    """The records as they are when their text stands so much further on."""
    moved: Records = json.loads(json.dumps(records))
    for record in moved:
        for part in (record, *record["attributes"], *record["provenance"]["cues"]):
            for name in ("begin", "end", "scope_begin", "scope_end"):
                if part.get(name) is not None:
                    part[name] += by
    return moved


@PROPERTY
@given(text=notes(), line_end=st.sampled_from(("\r\n", "\r")))
def test_the_kind_of_line_end_changes_nothing(extractor: RulesExtractor, text: str, line_end: str) -> None:
    text = text.replace("\r\n", "\n")
    other = text.replace("\n", line_end)
    assert _without_places(extractor.extract(other)) == _without_places(extractor.extract(text))


def _without_places(found: Extraction) -> list[tuple[Any, ...]]:
    return [
        (
            record["entity_type"], record["norm_text"], record["section"], record["assertion"],
            [code["code"] for code in record["codes"]],
            [(part["type"], part["norm"]) for part in record["attributes"]],
        )
        for record in found.entity_records("n", "r")
    ]  # fmt: skip
