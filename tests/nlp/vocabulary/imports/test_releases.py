"""What is read from each publisher's format, and what is left out, by reason."""

from pathlib import Path

import pytest
from tests.nlp.vocabulary.imports import samples
from tests.nlp.vocabulary.imports.samples import bring, conso, description, write

from hctap_core.entities import EntityType
from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.imports.importing import Wish, open_parcel
from hctap_nlp.vocabulary.imports.kinds import Kind
from hctap_nlp.vocabulary.rows import Row


def by_name(rows: list[Row]) -> dict[str, Row]:
    return {row.name: row for row in rows}


def codes(row: Row) -> list[tuple[str, str]]:
    return [(code.system, code.code) for code in row.codes]


def test_rxnorm(tmp_path: Path) -> None:
    names = (
        conso("11", "RXNORM", "IN", "zorblaxin"),
        conso("11", "MTHSPL", "SU", "ZORBLAXIN"),
        conso("12", "RXNORM", "BN", "Zorbex"),
        conso("13", "RXNORM", "SCD", "zorblaxin 10 MG Oral Tablet"),
        conso("14", "RXNORM", "SBD", "zorblaxin 10 MG Oral Tablet [Zorbex]"),
        conso("15", "RXNORM", "SCD", "24 HR zorblaxin 0.05 MG Extended Release Oral Capsule"),
        conso("16", "RXNORM", "SCD", "quibblol 5 MG / zorblaxin 10 MG Oral Tablet"),
        conso("17", "RXNORM", "PIN", "zorblaxin sodium"),
        conso("11", "RXNORM", "SY", "zorblax acid"),
        conso("13", "RXNORM", "SY", "zorblaxin 10 MG tab"),
        conso("18", "RXNORM", "IN", "oldin", suppress="O"),
        conso("19", "RXNORM", "DF", "Oral Tablet"),
        conso("20", "RXNORM", "SCD", "twin 1 MG Oral Tablet"),
        conso("21", "RXNORM", "SCD", "twin 1 MG Oral Tablet"),
        "broken|line\n",
    )
    folder = write(tmp_path / "in", a="".join(names), b=samples.relation("11", "12", "tradename_of"))
    card, rows = bring(tmp_path, [folder / "a.dat", folder / "b.dat"], Wish(release="09022025"))
    found = by_name(rows)
    assert list(found) == ["zorblaxin", "Zorbex", "zorblaxin sodium"]
    assert found["zorblaxin"].forms == ("zorblaxin", "zorblax acid")
    assert codes(found["Zorbex"]) == [("RXNORM", "11"), ("RXNORM", "12")]
    assert {row.type for row in rows} == {EntityType.MEDICATION}
    assert {code.release for row in rows for code in row.codes} == {"09022025"}
    assert {key: cui for key, (cui, _) in card.clinical_drugs.items()} == {
        "zorblaxin|10 mg|tablet": "13",
        "zorbex|10 mg|tablet": "14",
        "zorblaxin|0.05 mg|extended release capsule": "15",
    }
    assert card.left_out == {
        "clinical drug of several ingredients or unread form": 1,
        "not of RxNorm itself (SAB)": 1,
        "suppressed": 1,
        "synonym of a clinical drug": 1,
        "term type of no use for notes (TTY)": 1,
        "too few fields": 1,
    }
    assert (card.kind, card.name, card.codes) == ("rxnorm", "rxnorm", {"RXNORM": 4})
    assert "public domain" in card.licence


def test_loinc(tmp_path: Path) -> None:
    content = "\r\n".join((samples.LOINC_COLUMNS, *samples.LOINC_ROWS)) + "\r\n"
    card, rows = bring(tmp_path, [write(tmp_path / "in", a=content) / "a.dat"])
    found = {row.codes[0].code: row.forms for row in rows}
    assert found == {
        # Of the two the one that is reported most has the bare name, and the word that no other component has.
        "90001-1": (
            "Zorbase [Mass/volume] in Serum or Plasma", "Zorbase SerPl-mCnc", "Zorbase", "Zrb", "Zorb level",
        ),
        "90002-2": ("Zorbase [Mass/volume] in Urine", "Zorbase Ur-mCnc"),
        # Without ranks nobody can say which of two the bare name means.
        "90003-3": ('Quibble, "free" in Serum', "Quibble Ser"),
        "90004-4": ("Quibble in Urine", "Quibble Ur"),
    }  # fmt: skip
    assert (card.release, card.left_out) == ("2.81", {"no test (CLASSTYPE 3 or 4)": 1, "status deprecated": 1})


def test_snomed(tmp_path: Path) -> None:
    names = (
        samples.heading(samples.RF2_DESCRIPTION),
        description(101, "Zorblax fever (disorder)", kind=samples.FSN),
        description(101, "Glowing ague"),
        description(101, "Fieber", language="de"),
        description(101, "Old ague", active=0),
        description(101, "A fever that glows.", kind=samples.DEFINITION),
        description(102, "Zorblaxectomy (procedure)", kind=samples.FSN),
        description(103, "Zorb (national thing)", kind=samples.FSN),
        description(104, "Blue (qualifier value)", kind=samples.FSN),
        description(105, "Gone (disorder)", kind=samples.FSN),
        description(106, "Nameless"),
    )
    concepts = "".join((samples.heading(samples.RF2_CONCEPT), *map(samples.concept, (101, 102, 103, 104, 106))))
    relations = (
        samples.heading(samples.RF2_RELATION),
        samples.is_a(103, 109),
        samples.is_a(103, 404684003, active=0),
        samples.is_a(109, 123037004),
    )
    folder = write(tmp_path / "in", a="".join(names), b=concepts + samples.concept(105, active=0), c="".join(relations))
    card, rows = bring(tmp_path, sorted(folder.iterdir()))
    assert [(row.name, row.type.value) for row in rows] == [
        ("Zorblax fever", "PROBLEM"),
        ("Zorblaxectomy", "PROCEDURE"),
        ("Zorb", "ANATOMY"),
    ]
    assert rows[0].forms == ("Zorblax fever", "Glowing ague")
    assert codes(rows[0]) == [("SNOMED-CT", "101")]
    assert card.release == "2025-09-01"
    assert card.left_out == {
        "concept of no entity type (semantic tag)": 1,
        "definition": 1,
        "description of an inactive concept": 1,
        "inactive description": 1,
        "not English": 1,
        "synonym of a concept without a full name": 1,
    }


def test_umls(tmp_path: Path) -> None:
    names = (
        conso("C0000001", "MSH", "MH", "Zorblax fever", code="D1"),
        conso("C0000001", "ICD10CM", "PT", "Zorblaxian ague", code="A68.9"),
        conso("C0000001", "MSHGER", "MH", "Fieber", language="GER"),
        conso("C0000001", "SNOMEDCT_US", "OAP", "Ague", suppress="O"),
        conso("C0000002", "NCI", "PT", "Committee"),
        conso("C0000004", "RXNORM", "IN", "zorblaxin", code="11"),
    )
    types = "C0000001|T047|B|Disease or Syndrome|1|256|\nC0000002|T093|A|Organization|1|256|\nC0000004|T121|A|x|1||\n"
    folder = write(tmp_path / "in", a="".join(names), b=types)
    card, rows = bring(tmp_path, sorted(folder.iterdir()))
    assert [(row.name, row.type.value, codes(row)) for row in rows] == [
        ("Zorblax fever", "PROBLEM", [("UMLS", "C0000001"), ("MESH", "D1"), ("ICD-10-CM", "A68.9")]),
        ("zorblaxin", "MEDICATION", [("UMLS", "C0000004"), ("RXNORM", "11")]),
    ]
    assert card.left_out == {"not English": 1, "semantic type of no use": 1, "suppressed": 1}


def test_umls_without_types_needs_one(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a=conso("C0000002", "MSH", "MH", "b") + conso("C0000001", "MSH", "MH", "a"))
    with pytest.raises(UnsupportedInput, match="says what type"):
        bring(tmp_path, [folder / "a.dat"])
    with pytest.raises(UnsupportedInput, match="not sorted"):
        bring(tmp_path, [folder / "a.dat"], Wish(type=EntityType.PROBLEM))
    assert not list((tmp_path / "imports").iterdir())


def test_an_ontology(tmp_path: Path) -> None:
    card, rows = bring(tmp_path, [write(tmp_path / "in", doid=samples.OBO) / "doid.dat"])
    assert [(row.name, row.forms, codes(row)) for row in rows] == [
        ("zorblax fever", ("zorblax fever", "glowing ague"), [("ICD-10-CM", "A68.9"), ("DOID", "DOID:1")]),
        ("twofold quibble syndrome", ("twofold quibble syndrome",), [("DOID", "DOID:2")]),
    ]
    assert (card.name, card.release) == ("doid", "2025-10-31")
    assert card.licence == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert card.left_out == {"ICD-10-CM cross-reference that is one of several": 2, "obsolete": 1}


def test_an_ontology_of_anything_needs_a_type(tmp_path: Path) -> None:
    path = write(tmp_path / "in", uberon=samples.OBO.replace("DOID:", "UBERON:")) / "uberon.dat"
    with pytest.raises(UnsupportedInput, match="--type"):
        bring(tmp_path, [path])
    card, rows = bring(tmp_path, [path], Wish(type=EntityType.ANATOMY))
    assert {row.type for row in rows} == {EntityType.ANATOMY}
    assert card.left_out["identifier of no code system"] == 2


def test_a_table(tmp_path: Path) -> None:
    content = (
        "term,type,code,system,also\nzorb,problem,A68.9,icd10,zrb|zorbs\nquib,TEST,90001-1,loinc,\nno type,,,,\n"
        "bad,THING,,,\n12,TEST,,,\nodd,TEST,7,READ,\n"
    )
    card, rows = bring(tmp_path, [write(tmp_path / "in", ours=content) / "ours.dat"], Wish(type=EntityType.PROCEDURE))
    assert [(row.name, row.type.value, row.forms, codes(row)) for row in rows] == [
        ("zorb", "PROBLEM", ("zorb", "zrb", "zorbs"), [("ICD-10-CM", "A68.9")]),
        ("quib", "TEST", ("quib",), [("LOINC", "90001-1")]),
        ("no type", "PROCEDURE", ("no type",), []),
        ("odd", "TEST", ("odd",), []),
    ]
    assert card.left_out == {
        "code without a known system (the term is kept)": 1,
        "term without a letter": 1,
        "type that is no entity type": 1,
    }


def test_target_rules(tmp_path: Path) -> None:
    content = samples.rules(
        "target_rules",
        {"literal": "zorblax fever", "category": "DIAGNOSIS", "attributes": {"icd10": "A68.9"}},
        {
            "literal": "ague",
            "category": "SYMPTOM",
            "pattern": [{"LOWER": {"IN": ["ague", "agues"]}}, {"LOWER": "fit", "OP": "?"}],
        },
        {"literal": "r", "category": "TEST", "pattern": "zorb[a-z]+"},
        {"literal": "s", "category": "TEST", "pattern": [{"POS": "NOUN"}]},
        {"literal": "t", "category": "SPACESHIP"},
        {"category": "TEST"},
    )
    card, rows = bring(tmp_path, [write(tmp_path / "in", ours=content) / "ours.dat"])
    assert [(row.type.value, row.forms, codes(row)) for row in rows] == [
        ("PROBLEM", ("zorblax fever",), [("ICD-10-CM", "A68.9")]),
        ("PROBLEM", ("ague", "ague fit", "agues", "agues fit"), []),
    ]
    assert card.left_out == {
        "category of no entity type": 1,
        "pattern that is no list of words": 2,
        "rule without a literal": 1,
    }


def test_context_rules(tmp_path: Path) -> None:
    content = samples.rules(
        "context_rules",
        {
            "literal": "no whiff of",
            "category": "NEGATED_EXISTENCE",
            "direction": "FORWARD",
            "allowed_types": ["DIAGNOSIS"],
        },
        {"literal": "perhaps so", "category": "POSSIBLE_EXISTENCE", "direction": "BIDIRECTIONAL"},
        {"literal": "whereupon", "category": "CONJ", "direction": "TERMINATE"},
        {"literal": "x", "category": "ODD", "direction": "FORWARD"},
        {"literal": "y", "category": "FAMILY", "direction": "SIDEWAYS"},
    )
    card, rows = bring(tmp_path, [write(tmp_path / "in", ours=content) / "ours.dat"])
    assert rows == []
    said = [(cue["cue"], cue["attribute"], cue["direction"], cue["problems_only"]) for cue in card.cues]
    assert said == [
        ("no whiff of", "negated", "forward", True),
        ("perhaps so", "uncertain", "forward", False),
        ("perhaps so", "uncertain", "backward", False),
        ("whereupon", "all", "terminator", False),
    ]
    assert card.left_out == {"category of no assertion attribute": 1, "direction that is not known": 1}


@pytest.mark.parametrize("content", ['{"target_rules": 7}', '{"target_rules": [', '{"target_rules": {}}'])
def test_broken_rules_are_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnsupportedInput):
        bring(tmp_path, [write(tmp_path / "in", ours=content) / "ours.dat"])


def test_files_of_two_kinds_are_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a="term\nx\n", b=samples.OBO)
    with pytest.raises(UnsupportedInput, match="several kinds"):
        open_parcel(sorted(folder.iterdir()), Wish())


def test_another_kind_than_said_is_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a=conso("C0000002", "MSH", "MH", "b"))
    with pytest.raises(UnsupportedInput, match="is umls, not rxnorm"):
        open_parcel([folder / "a.dat"], Wish(kind=Kind.RXNORM))


def test_a_part_without_names_is_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a=samples.heading(samples.RF2_CONCEPT))
    with pytest.raises(UnsupportedInput, match="hold the names"):
        open_parcel([folder / "a.dat"], Wish())


def test_nothing_of_use_is_an_error_with_reasons(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a=conso("1", "RXNORM", "IN", "x", suppress="Y"))
    with pytest.raises(UnsupportedInput, match="1 suppressed"):
        bring(tmp_path, [folder / "a.dat"])
