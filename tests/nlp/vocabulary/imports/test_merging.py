"""Imports in the engine: their codes, terms and cues; their hash; damaged and removed ones."""

import time
import tracemalloc
from pathlib import Path

import pytest
from tests.nlp.vocabulary.imports import samples
from tests.nlp.vocabulary.imports.samples import bring, conso, write

from hctap_core.errors import ExtractorUnavailable, UnsupportedInput
from hctap_nlp.extractors.identity import foresee
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.vocabulary import build
from hctap_nlp.vocabulary.artefact import Compiled, from_bytes, to_bytes
from hctap_nlp.vocabulary.imports.importing import Wish, import_parcel, open_parcel
from hctap_nlp.vocabulary.imports.merging import merge, stale_codes
from hctap_nlp.vocabulary.imports.shelf import read_cards, remove
from hctap_nlp.vocabulary.own.overlay import with_own_terms

WORDS = ("gout", "lisinopril", "zestril", "hemoglobin", "water")


@pytest.fixture(scope="module")
def small(vocabulary: Compiled) -> Compiled:
    """A few of the terms, because putting all of them together takes seconds."""
    kept = [place for place, term in enumerate(vocabulary.terms) if any(word in term for word in WORDS)]
    senses = {vocabulary.terms[place]: list(vocabulary.senses[place]) for place in kept}
    header = {key: value for key, value in vocabulary.header.items() if key not in ("concepts", "terms")}
    return from_bytes(to_bytes(header, vocabulary.concepts, senses))


@pytest.fixture
def folder(tmp_path: Path, small: Compiled, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vocabulary folder whose shipped part is small."""
    monkeypatch.setattr(build, "ensure_shipped", lambda _folder, _progress=None: small)
    return tmp_path / "vocabulary"


def rxnorm(folder: Path) -> None:
    names = (
        conso("29046", "RXNORM", "IN", "lisinopril"),
        conso("9999999", "RXNORM", "IN", "zorblaxin"),
        conso("11295", "RXNORM", "IN", "water"),
        conso("314076", "RXNORM", "SCD", "lisinopril 10 MG Oral Tablet"),
        conso("104377", "RXNORM", "SBD", "lisinopril 10 MG Oral Tablet [Zestril]"),
        conso("1", "RXNORM", "SCD", "zorblaxin 0.05 MG Oral Capsule"),
    )
    bring(folder, [write(folder.parent / "in", rx="".join(names)) / "rx.dat"], Wish(release="2025-09-02"))


def rx_codes(vocabulary: Compiled, text: str) -> list[str]:
    (mention,) = RulesExtractor(vocabulary).extract(text).mentions
    return [code[1] for code in mention.codes if code[0] == "RXNORM"]


def test_rxcuis_come_only_from_an_import(folder: Path, small: Compiled) -> None:
    assert rx_codes(small, "Lisinopril daily.") == []
    rxnorm(folder)
    merged = build.ensure(folder)
    assert rx_codes(merged, "Lisinopril daily.") == ["29046"]
    (mention,) = RulesExtractor(merged).extract("Started zorblaxin.").mentions
    assert mention.source == "import:rxnorm:zorblaxin"
    assert [code[:5] for code in mention.codes] == [("RXNORM", "9999999", "zorblaxin", "2025-09-02", "import")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Lisinopril 10 mg tablet daily.", ["314076", "29046"]),
        ("Lisinopril 10 mg, take 1 tab daily.", ["314076", "29046"]),
        ("Lisinopril 10 mg daily.", ["29046"]),
        ("Lisinopril 20 mg tablet daily.", ["29046"]),
        ("Lisinopril 10 mg capsule daily.", ["29046"]),
        ("Zestril 10 mg tablet daily.", ["104377", "29046"]),
        ("Zorblaxin 50 mcg capsules.", ["1", "9999999"]),
    ],
)
def test_a_clinical_drug_is_coded_where_strength_and_form_say_it(folder: Path, text: str, codes: list[str]) -> None:
    rxnorm(folder)
    assert rx_codes(build.ensure(folder), text) == codes


def test_words_that_mostly_mean_something_else_are_no_drugs(folder: Path) -> None:
    rxnorm(folder)
    assert not RulesExtractor(build.ensure(folder)).extract("Drinks water.").mentions


def test_the_hash_tells_imports_apart_and_is_the_same_for_the_same_files(folder: Path, small: Compiled) -> None:
    rxnorm(folder)
    once = build.ensure(folder).hash
    assert once != small.hash
    foreseen = foresee("rules", folder)
    assert foreseen is not None
    assert foreseen.vocabulary_hash == once
    rxnorm(folder)
    assert build.ensure(folder).hash == once
    assert merge(small, folder, read_cards(folder)) == merge(small, folder, read_cards(folder))
    bring(folder, [write(folder.parent / "in", ours="term,type\nzorblax,PROBLEM\n") / "ours.dat"])
    assert build.ensure(folder).hash != once
    assert len(list(folder.glob("merged-*.bin"))) == 1
    remove(folder, "ours")
    assert build.ensure(folder).hash == once
    remove(folder, "rxnorm")
    assert build.ensure(folder) is small


def test_short_terms_and_pairs_count_where_a_person_wrote_them(folder: Path) -> None:
    content = "term,type,code,system\nzx,PROBLEM,A68.9,ICD10CM\ngout and gout,PROBLEM,,\n"
    bring(folder, [write(folder.parent / "in", ours=content) / "ours.dat"])
    found = RulesExtractor(build.ensure(folder)).extract("Has zx. Gout and gout.").mentions
    assert [m.norm for m in found] == ["zx", "gout and gout"]
    assert found[0].codes[0][2:4] == ("Relapsing fever, unspecified", "2026-04")


def test_cues_of_an_import_decide_and_the_users_own_win(folder: Path, tmp_path: Path) -> None:
    content = samples.rules(
        "context_rules", {"literal": "no whiff of", "category": "NEGATED_EXISTENCE", "direction": "FORWARD"}
    )
    bring(folder, [write(folder.parent / "in", cues=content) / "cues.dat"])
    merged = build.ensure(folder)
    (mention,) = RulesExtractor(merged).extract("No whiff of gout.").mentions
    assert mention.assertion == {"negated": True}
    assert mention.cues[0].rule == "import:cues:negated.forward:no whiff of"
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "own.yaml").write_text("- {cue: no whiff of, direction: forward, attribute: uncertain}\n")
    (mention,) = RulesExtractor(with_own_terms(merged, tmp_path / "t")).extract("No whiff of gout.").mentions
    assert mention.assertion == {"uncertain": True}


def test_codes_that_the_edition_has_no_more_are_named(folder: Path, small: Compiled) -> None:
    assert list(stale_codes(small)) == []
    bring(
        folder, [write(folder.parent / "in", ours="term,type,code,system\nzorb,PROBLEM,Z99.999,ICD10\n") / "ours.dat"]
    )
    assert list(stale_codes(build.ensure(folder))) == [("import:ours", "Z99.999")]


def test_a_damaged_import_is_an_error_that_says_what_to_do(folder: Path) -> None:
    rxnorm(folder)
    rows = folder / "imports" / "rxnorm.rows.gz"
    rows.write_bytes(rows.read_bytes()[:40])
    with pytest.raises(ExtractorUnavailable, match="vocabulary remove rxnorm"):
        build.ensure(folder)
    (folder / "imports" / "rxnorm.json").write_text("{")
    with pytest.raises(ExtractorUnavailable, match="vocabulary remove rxnorm"):
        build.ensure(folder)
    remove(folder, "rxnorm")
    build.ensure(folder)


@pytest.mark.parametrize("name", ["nothing", "../vocabulary", ""])
def test_what_is_not_there_cannot_be_removed(folder: Path, name: str) -> None:
    with pytest.raises(UnsupportedInput, match="Imports: none"):
        remove(folder, name)


def test_a_name_must_have_letters(tmp_path: Path) -> None:
    files = write(tmp_path / "in", ours="term,type\nzorblax,PROBLEM\n")
    with pytest.raises(UnsupportedInput, match="--name"):
        open_parcel([files / "ours.dat"], Wish(name="§$"))


def test_memory_does_not_grow_with_rows_that_are_left_out(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        content = "".join(conso(str(number), "MTHSPL", "SU", f"SUBSTANCE {number}") for number in range(rows))
        path = write(tmp_path / "in", rx=conso("1", "RXNORM", "IN", "zorblaxin") + content) / "rx.dat"
        parcel = open_parcel([path], Wish())
        tracemalloc.start()
        import_parcel(tmp_path, parcel, Wish())
        peaked = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peaked

    few, many = peak(1_000), peak(30_000)
    assert many < few + 200_000


def test_an_import_is_fast(tmp_path: Path) -> None:
    content = "".join(conso(str(number), "RXNORM", "IN", f"drug{number}") for number in range(30_000))
    parcel = open_parcel([write(tmp_path / "in", rx=content) / "rx.dat"], Wish())
    begun = time.process_time()
    assert import_parcel(tmp_path, parcel, Wish()).rows == 30_000
    assert time.process_time() - begun < 5
