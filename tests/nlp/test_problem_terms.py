"""The curated problem terms: rows that a reader may trust, each form in one row only."""

from collections import defaultdict
from importlib import resources
from typing import Any

import pytest
import yaml

from hctap_nlp.vocabulary.icd10cm import is_billable
from hctap_nlp.vocabulary.variants import forms_of

_KEYS = {"term", "icd", "also", "hpo", "case", "context", "unless"}
_MOST_ROWS = 300
_LISTS = ("also", "context", "unless")
# Short words that mostly mean something else; they belong to the abbreviations, with their contexts.
_TOO_AMBIGUOUS = {"as", "ca", "cp", "cts", "dm", "hcc", "mets", "ms", "or", "pad", "pd", "pe", "pt", "ra", "ssi"}

Record = dict[str, Any]


def _read(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader


def _files() -> dict[str, list[Record]]:
    folder = resources.files("hctap_nlp.vocabulary").joinpath("terms")
    return {
        entry.name: _read(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.startswith("problems")
    }


FILES = _files()
ROWS = [record for records in FILES.values() for record in records]


def _forms(record: Record) -> list[str]:
    return [record["term"], *record.get("also", ())]


def _codes_by_form() -> dict[str, str | None]:
    return {form.lower(): record.get("icd") for record in ROWS for form in _forms(record)}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_a_sorted_list_of_rows_of_reviewable_length(name: str) -> None:
    records = FILES[name]
    assert 0 < len(records) <= _MOST_ROWS
    terms = [record["term"].lower() for record in records]
    assert terms == sorted(terms)


@pytest.mark.parametrize("name", FILES)
def test_rows_have_known_keys_and_text_only(name: str) -> None:
    for record in FILES[name]:
        assert set(record) <= _KEYS, record
        assert all(isinstance(record[key], list) and record[key] for key in _LISTS if key in record), record
        texts = [*_forms(record), *record.get("context", ()), *record.get("unless", ())]
        assert all(isinstance(text, str) and text and text == text.strip() for text in texts), record
        assert record.get("case", "exact") == "exact", record


def test_no_form_stands_in_two_rows() -> None:
    rows_of = defaultdict(list)
    for record in ROWS:
        for form in _forms(record):
            rows_of[form.lower()].append(record["term"])
    assert {form: terms for form, terms in rows_of.items() if len(terms) > 1} == {}


def test_no_variant_of_a_form_names_two_concepts() -> None:
    terms_of = defaultdict(set)
    for record in ROWS:
        for form in _forms(record):
            for variant in [form] if record.get("case") == "exact" else forms_of(form, plurals=True):
                terms_of[variant].add(record["term"])
    assert {variant: terms for variant, terms in terms_of.items() if len(terms) > 1} == {}


@pytest.mark.parametrize("name", FILES)
def test_codes_are_billable(name: str) -> None:
    codes = {record["term"]: record["icd"] for record in FILES[name] if "icd" in record}
    wrong = {term: code for term, code in codes.items() if not is_billable(code)}
    assert wrong == {}


def test_nearly_every_row_carries_a_code() -> None:
    assert sum("icd" in record for record in ROWS) > 0.95 * len(ROWS)


def test_ambiguous_short_words_are_left_to_the_abbreviations() -> None:
    assert not _TOO_AMBIGUOUS & set(_codes_by_form())


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("heart attack", "I21.9"),
        ("high blood pressure", "I10"),
        ("stomach ache", "R10.9"),
        ("trouble breathing", "R06.00"),
        ("short of breath", "R06.02"),
        ("jugular venous distention", "R09.89"),
        ("rebound tenderness", "R10.829"),
        ("ground-glass opacities", "R91.8"),
        ("pleural effusion", "J90"),
        ("st elevation", "R94.31"),
        ("acute on chronic systolic heart failure", "I50.23"),
        ("left knee pain", "M25.562"),
        ("sugar diabetes", "E11.9"),
        ("pink eye", "H10.9"),
        ("ground level fall", "W19.XXXA"),
    ],
)
def test_what_notes_say_finds_its_code(form: str, code: str) -> None:
    assert _codes_by_form()[form] == code
