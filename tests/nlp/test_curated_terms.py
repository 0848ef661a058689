"""Every curated file of the vocabulary: rows that are read as they were meant, each form in one place."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from hctap_core.entities import EntityType
from hctap_core.sections import SectionType
from hctap_nlp.shadow import shadow_of
from hctap_nlp.vocabulary import curated
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.icd10cm import is_billable

Record = dict[str, Any]

_TERM_KEYS = {"term", "icd", "hpo", "kind", "also", "case", "context", "unless"}
_SHORT_KEYS = {"short", "long", "type", "icd", "hpo", "case", "context", "unless"}
_LISTS = ("also", "context", "unless")
_HPO = re.compile(r"HP:\d{7}")
_FEWEST_DRUGS = 700
_FEWEST_TESTS = 700

FILES: dict[str, Any] = {entry.name: curated.read_table(entry.name) for entry in curated.files()}
LISTS: dict[str, list[Record]] = {name: content for name, content in FILES.items() if isinstance(content, list)}
TERMS = {name: records for name, records in LISTS.items() if name != "abbreviations.yaml"}
RESTRICTED = ("abbreviations.yaml", "anatomy.yaml", "drugs.yaml", "tests.yaml")


def _scalars(content: object) -> Iterator[object]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from _scalars(value)
    elif isinstance(content, list):
        for value in content:
            yield from _scalars(value)
    else:
        yield content


def _forms(record: Record) -> list[str]:
    return [record["term"], *record.get("also", ())]


def _key(form: str, record: Record) -> str:
    """What makes a form the same as another one: its letters in lower case, or as written where only that counts."""
    return f"={form}" if record.get("case") == "exact" else form.lower()


def _is_restricted(record: Record) -> bool:
    return any(key in record for key in ("case", "context", "unless"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_holds_text_and_nothing_that_yaml_read_as_something_else(name: str) -> None:
    assert FILES[name]
    # The cues count words; everywhere else a number, a date or `true` is a word that lacks its quotes.
    allowed = (str, int) if name == "cues.yaml" else (str,)
    wrong = [one for one in _scalars(FILES[name]) if isinstance(one, bool) or not isinstance(one, allowed)]
    assert wrong == []


@pytest.mark.parametrize("name", TERMS)
def test_rows_have_known_keys(name: str) -> None:
    for record in TERMS[name]:
        assert set(record) <= _TERM_KEYS, record
        assert record["term"], record
        assert record.get("kind", "class") == "class", record


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_lists_and_case_is_exact(name: str) -> None:
    for record in LISTS[name]:
        assert all(isinstance(record[key], list) and record[key] for key in _LISTS if key in record), record
        assert record.get("case", "exact") == "exact", record


@pytest.mark.parametrize("name", RESTRICTED)
def test_words_of_a_restriction_can_be_found(name: str) -> None:
    """They are looked up in a note's shadow, which has no punctuation; a killer word is one word."""
    for record in LISTS[name]:
        context = [word.lower() for word in record.get("context", ())]
        unless = [word.lower() for word in record.get("unless", ())]
        assert [word for word in (*context, *unless) if shadow_of(word) != f" {word} "] == [], record
        assert [word for word in unless if " " in word] == [], record


@pytest.mark.parametrize("name", TERMS)
def test_no_form_stands_twice_in_a_file(name: str) -> None:
    counts = Counter(_key(form, record) for record in TERMS[name] for form in _forms(record))
    assert [form for form, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("name", RESTRICTED[1:])
def test_no_row_is_hidden_by_an_unrestricted_one(name: str) -> None:
    plain = {shadow_of(form.lower()) for record in TERMS[name] if not _is_restricted(record) for form in _forms(record)}
    hidden = [
        form
        for record in TERMS[name]
        if _is_restricted(record)
        for form in _forms(record)
        if shadow_of(form.lower()) in plain
    ]
    assert hidden == []


@pytest.mark.parametrize("name", LISTS)
def test_codes_are_billable_and_hpo_ids_well_formed(name: str) -> None:
    codes = {record["icd"] for record in LISTS[name] if "icd" in record}
    assert [code for code in sorted(codes) if not is_billable(code)] == []
    ids = {record["hpo"] for record in LISTS[name] if "hpo" in record}
    assert [one for one in sorted(ids) if not _HPO.fullmatch(one)] == []


def test_abbreviations_have_known_keys_and_types() -> None:
    for record in LISTS["abbreviations.yaml"]:
        assert {"short", "long", "type"} <= set(record) <= _SHORT_KEYS, record
        assert record["type"] in set(EntityType), record


def test_an_abbreviation_has_each_sense_once() -> None:
    # A sense may come back without a context, as what is meant where no other sense's context holds.
    counts = Counter((record["short"], record["long"], "context" in record) for record in LISTS["abbreviations.yaml"])
    assert [sense for sense, count in counts.items() if count > 1] == []


def test_headings_are_of_known_section_types_and_stand_in_one_list() -> None:
    headings: dict[str, list[str]] = FILES["headings.yaml"]
    assert set(headings) <= {*SectionType, "subheadings"}
    counts = Counter(heading for said in headings.values() for heading in said)
    assert [heading for heading, count in counts.items() if count > 1] == []


def test_there_are_enough_drugs_and_tests() -> None:
    assert len(TERMS["drugs.yaml"]) >= _FEWEST_DRUGS
    assert len(TERMS["tests.yaml"]) >= _FEWEST_TESTS


@pytest.mark.parametrize(
    ("name", "form", "term"),
    [
        ("tests.yaml", "hgb", "hemoglobin"),
        ("tests.yaml", "cxr", "chest x-ray"),
        ("tests.yaml", "tte", "transthoracic echocardiogram"),
        ("tests.yaml", "nihss", "nih stroke scale"),
        ("tests.yaml", "mri of the lumbar spine", "mri lumbar spine"),
        ("tests.yaml", "spurling's", "spurling test"),
        ("tests.yaml", "slr", "straight leg raise"),
        ("drugs.yaml", "metop", "metoprolol"),
        ("drugs.yaml", "tmp-smx", "trimethoprim-sulfamethoxazole"),
        ("drugs.yaml", "augmentin", "amoxicillin-clavulanate"),
        ("drugs.yaml", "lisinopril-hctz", "lisinopril-hydrochlorothiazide"),
        ("drugs.yaml", "flu shot", "influenza vaccine"),
        ("drugs.yaml", "blood thinner", "anticoagulant"),
        ("drugs.yaml", "folfox", "folfox"),
    ],
)
def test_what_notes_say_finds_its_row(name: str, form: str, term: str) -> None:
    found = [record["term"] for record in TERMS[name] if form in map(str.lower, _forms(record))]
    assert found == [term]


@pytest.mark.parametrize(
    "short", ["T", "K", "P", "R", "Na", "Cl", "Ca", "Mg", "Cr", "PT", "US", "VA", "NS", "LR", "AC", "PCA"]
)
def test_ambiguous_short_forms_count_only_as_written(short: str) -> None:
    rows = [
        record
        for name in ("tests.yaml", "drugs.yaml")
        for record in TERMS[name]
        if short.lower() in map(str.lower, _forms(record))
    ]
    assert rows
    for record in rows:
        assert record.get("case") == "exact" or record.get("context"), record


@pytest.mark.parametrize(
    ("name", "system", "display"),
    [
        ("myocardial infarction", "HPO", "Myocardial infarction"),
        ("palpitations", "HPO", "Palpitations"),
        ("shortness of breath", "HPO", "Dyspnea"),
        ("neutropenia", "HPO", "Neutropenia"),
        ("lightheadedness", "HPO", None),
    ],
)
def test_a_library_gives_its_code_to_what_it_names(
    vocabulary: Compiled, name: str, system: str, display: str | None
) -> None:
    concept = next(one for one in vocabulary.concepts if one.name == name and one.type == "PROBLEM")
    assert next((code[2] for code in concept.codes if code[0] == system), None) == display
