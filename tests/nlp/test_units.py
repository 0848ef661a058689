"""Units of results, and the UCUM codes that they stand for."""

import re

import pytest

from hctap_nlp.extraction import ScoredSpan
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.units import UnitTable
from hctap_nlp.vocabulary import curated

TABLE: dict[str, list[str]] = {
    str(code): [str(said) for said in listed] for code, listed in curated.read_table("units.yaml").items()
}
# UCUM's atoms and prefixes, as far as the table uses them (https://ucum.org/ucum, tables 1 to 18).
ATOMS = (
    r"g|L|mol|eq|osm|U|\[IU\]|\[HPF\]|\[LPF\]|m\[Hg\]|m\[H2O\]|m|Cel|\[degF\]|%|\[lb_av\]|\[oz_av\]|\[in_i\]|\[ft_i\]"
    r"|Pa|s|min|h|d|wk|mo|a|deg"
)
TERM = re.compile(rf"10\*\d+|\d+|[kcdmunpf]?(?:{ATOMS})\d?|\{{[A-Za-z0-9._]+\}}")


@pytest.mark.parametrize("code", TABLE)
def test_every_code_is_written_in_ucum(code: str) -> None:
    terms = re.sub(r"[()]", "", code).removeprefix("/")
    parts = re.findall(r"\{[^}]*\}|[^/.{}]+", terms)
    assert parts
    assert [part for part in parts if not TERM.fullmatch(part)] == []


def test_no_spelling_has_two_codes() -> None:
    codes: dict[str, set[str]] = {}
    for code, listed in TABLE.items():
        for said in listed:
            codes.setdefault(re.sub(r"\s", "", said.lower()), set()).add(code)
    assert {said: found for said, found in codes.items() if len(found) > 1} == {}


@pytest.mark.parametrize(("said", "code"), [(said, code) for code, listed in TABLE.items() for said in listed])
def test_every_spelling_is_read_as_its_code(extractor: RulesExtractor, said: str, code: str) -> None:
    text = f"Glucose 5.1{'' if said == 'k' else ' '}{said}"
    (mention,) = extractor.extract_given(text, [ScoredSpan(0, 7, "TEST", 1.0)]).mentions
    found = [(text[a.begin : a.end], a.norm) for a in mention.attributes if a.type == "UNIT"]
    assert found == [(said, code)]


def test_a_k_apart_from_its_number_is_potassium(extractor: RulesExtractor) -> None:
    found = extractor.extract("Labs: WBC 12.3K, Na 140 K 4.2").entity_records("n", "r")
    assert [(e["text"], [(a["type"], a["norm"]) for a in e["attributes"]]) for e in found] == [
        ("WBC", [("VALUE", "12.3"), ("UNIT", "10*3")]),
        ("Na", [("VALUE", "140")]),
        ("K", [("VALUE", "4.2")]),
    ]


def test_a_unit_that_is_not_known_has_no_code() -> None:
    assert UnitTable(TABLE).code_of("furlongs") is None
    assert UnitTable(TABLE).code_of("MG/DL") == "mg/dL"
