"""A user's rows over the compiled vocabulary: they win, they are named, and they cost nothing where there are none."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hctap_core.entities import Entity
from hctap_core.errors import UnsupportedInput
from hctap_nlp.extraction import Mention
from hctap_nlp.extractors import load_extractor
from hctap_nlp.extractors.hybrid import HybridExtractor
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.matching import Matcher
from hctap_nlp.statistical.model import load_model
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.build import ensure
from hctap_nlp.vocabulary.own.overlay import with_own_terms

ABSTRACT = (
    "Naloxone reverses the antihypertensive effect of clonidine. In unanesthetized rats the decrease in blood pressure "
    "produced by clonidine was inhibited by naloxone, and flurbex disease was seen in all groups of patients studied."
)


WORDS = ("gout", "fever", "bunion", "hypertension", "lisinopril", "clonidine", "naloxone", "skin")


@pytest.fixture(scope="module")
def vocabulary(vocabulary: Compiled) -> Compiled:
    """The terms with some words, because an automaton of all of them takes half a second to build."""
    kept = [place for place, term in enumerate(vocabulary.terms) if any(word in term for word in WORDS)]
    terms, senses = [vocabulary.terms[place] for place in kept], [vocabulary.senses[place] for place in kept]
    return replace(vocabulary, terms=terms, senses=senses)


def own(vocabulary: Compiled, folder: Path, *rows: str) -> Compiled:
    (folder / "own.yaml").write_text("".join(f"- {row}\n" for row in rows), encoding="utf-8")
    return with_own_terms(vocabulary, folder)


def found(vocabulary: Compiled, text: str) -> list[tuple[str, str]]:
    return [(text[m.begin : m.end], m.type) for m in RulesExtractor(vocabulary).extract(text).mentions]


def only(vocabulary: Compiled, text: str) -> Mention:
    (mention,) = RulesExtractor(vocabulary).extract(text).mentions
    return mention


def test_a_new_term_is_found_with_its_plural_and_named_with_file_and_row(vocabulary: Compiled, tmp_path: Path) -> None:
    mine = own(vocabulary, tmp_path, "{term: zorblax lesion, type: PROBLEM, icd: L98.9}")
    extraction = RulesExtractor(mine).extract("Two Zorblax  lesions.")
    (record,) = extraction.entity_records("n", "r")
    entity = Entity.model_validate(record)
    assert (entity.text, entity.norm_text) == ("Zorblax  lesions", "zorblax lesion")
    assert entity.provenance.source == "user:own.yaml:1:zorblax lesion"
    assert entity.codes[0].code == "L98.9"
    assert entity.codes[0].display.startswith("Disorder of the skin")


def test_a_row_wins_over_the_shipped_ones(vocabulary: Compiled, tmp_path: Path) -> None:
    assert found(vocabulary, "Has gout.") == [("gout", "PROBLEM")]
    assert found(own(vocabulary, tmp_path, "{term: gout, type: TEST}"), "Has gout.") == [("gout", "TEST")]


def test_where_the_context_is_missing_the_shipped_sense_stays(vocabulary: Compiled, tmp_path: Path) -> None:
    mine = own(
        vocabulary, tmp_path, "{short: gout, long: game of utter trust, type: PROCEDURE, context: [play, X-ray]}"
    )
    assert only(mine, "They play gout.").norm == "game of utter trust"
    assert found(mine, "Gout by x-ray")[0] == ("Gout", "PROCEDURE")
    assert only(mine, "Has gout.").norm == "gout"


def test_an_abbreviation_as_written_beats_a_term(vocabulary: Compiled, tmp_path: Path) -> None:
    mine = own(
        vocabulary,
        tmp_path,
        "{term: zqx, type: TEST}",
        "{short: ZQX, long: zonal quick exam, type: PROCEDURE, case: exact}",
    )
    assert [only(mine, f"Had {said} today.").type for said in ("ZQX", "zqx")] == ["PROCEDURE", "TEST"]


def test_another_wording_takes_the_codes_that_are_known(vocabulary: Compiled, tmp_path: Path) -> None:
    mine = own(vocabulary, tmp_path, "{term: hypertension, type: PROBLEM, also: [pressure trouble]}")
    assert ("ICD-10-CM", "I10") in [code[:2] for code in only(mine, "Pressure trouble.").codes]
    mine = own(vocabulary, tmp_path, "{short: pxt, long: hypertension, type: PROBLEM, codes: {UMLS: C01}}")
    assert [code[:5] for code in only(mine, "Has pxt.").codes] == [("UMLS", "C01", "", "", "own")]


def test_an_exclusion_takes_the_words_and_their_plural_away(vocabulary: Compiled, tmp_path: Path) -> None:
    text = "A bunion. Bunions. A gouty tophus, no gout."
    assert len(found(vocabulary, text)) == 4
    assert found(own(vocabulary, tmp_path, "{exclude: [bunion, gout]}"), text) == [("gouty tophus", "PROBLEM")]


def test_an_excluded_word_may_have_another_meaning(vocabulary: Compiled, tmp_path: Path) -> None:
    mine = own(vocabulary, tmp_path, "{exclude: gout}", "{short: gout, long: got out, type: PROCEDURE, context: [bed]}")
    assert found(mine, "Gout of bed.") == [("Gout", "PROCEDURE")]
    assert found(mine, "Has gout.") == []


@pytest.mark.parametrize(
    ("row", "text", "attribute"),
    [
        ("{cue: not a whiff of, attribute: negated, direction: forward}", "Not a whiff of gout.", "negated"),
        ("{cue: shall we say, attribute: uncertain, direction: backward}", "Gout, shall we say.", "uncertain"),
        ("{cue: yonder, attribute: historical, direction: adjective}", "Yonder gout.", "historical"),
    ],
)
def test_a_cue_decides_and_is_named(vocabulary: Compiled, tmp_path: Path, row: str, text: str, attribute: str) -> None:
    assert not only(vocabulary, text).assertion.get(attribute)
    mention = only(own(vocabulary, tmp_path, row), text)
    assert mention.assertion == {attribute: True}
    assert mention.cues[0].rule.startswith("user:own.yaml:1:")


def test_a_terminator_ends_the_reach_of_a_cue(vocabulary: Compiled, tmp_path: Path) -> None:
    text = "No fever whereupon gout."
    mine = own(vocabulary, tmp_path, "{cue: whereupon, direction: terminator}")
    negated = [m.assertion.get("negated", False) for m in RulesExtractor(mine).extract(text).mentions]
    assert negated == [True, False]


def test_a_pseudo_cue_takes_a_shipped_one_back(vocabulary: Compiled, tmp_path: Path) -> None:
    assert only(vocabulary, "Denies gout.").assertion == {"negated": True}
    assert only(own(vocabulary, tmp_path, "{cue: denies, direction: pseudo}"), "Denies gout.").assertion == {}


def test_problems_only_is_for_problems_only(vocabulary: Compiled, tmp_path: Path) -> None:
    mine = own(vocabulary, tmp_path, "{cue: in no way, attribute: negated, direction: forward, problems_only: true}")
    assert only(mine, "In no way gout.").assertion == {"negated": True}
    assert only(mine, "In no way lisinopril.").assertion == {}


def test_an_unknown_code_is_an_error_with_file_and_line(vocabulary: Compiled, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match=r"own\.yaml line 1: ICD-10-CM has no code M99\.X7"):
        own(vocabulary, tmp_path, "{term: zorblax, type: PROBLEM, icd: M99.X7}")


def test_a_code_that_no_shipped_row_has_is_accepted_with_its_edition(vocabulary: Compiled, tmp_path: Path) -> None:
    used = {code[1] for concept in vocabulary.concepts for code in concept.codes}
    assert "W55.41XA" not in used
    code = only(own(vocabulary, tmp_path, "{term: pig bite, type: PROBLEM, icd: W55.41XA}"), "A pig bite.").codes[0]
    assert code[1] == "W55.41XA"
    assert code[3]


def test_the_hash_is_of_the_rows_and_their_places(vocabulary: Compiled, tmp_path: Path) -> None:
    row = "{term: zorblax, type: PROBLEM}"
    once = own(vocabulary, tmp_path, row).hash
    assert once != vocabulary.hash
    assert own(vocabulary, tmp_path, row).hash == once
    assert own(vocabulary, tmp_path, "{term: zorblax, type: TEST}").hash != once
    assert own(vocabulary, tmp_path, "{exclude: gout}", row).hash != once


def test_without_rows_everything_is_as_before(vocabulary: Compiled, tmp_path: Path) -> None:
    assert with_own_terms(vocabulary, None) is vocabulary
    assert with_own_terms(vocabulary, tmp_path) is vocabulary
    assert Matcher(vocabulary)._second is None


def test_a_row_wins_over_the_taggers_as_well(vocabulary: Compiled, tmp_path: Path) -> None:
    mine = own(vocabulary, tmp_path, "{term: clonidine, type: PROCEDURE}", "{term: flurbex disease, type: TEST}")
    extraction = HybridExtractor(mine, load_model()).extract(ABSTRACT)
    types = {ABSTRACT[m.begin : m.end].lower(): m.type for m in extraction.mentions}
    assert any(m.method == "model" for m in extraction.mentions)
    assert types["clonidine"] == "PROCEDURE"
    assert types["flurbex disease"] == "TEST"


def test_an_extractor_is_loaded_with_the_terms_of_a_folder(vocabulary_folder: Path, tmp_path: Path) -> None:
    mine = own(ensure(vocabulary_folder), tmp_path, "{term: zorblax, type: PROBLEM}")
    loaded = load_extractor("rules", vocabulary_folder, terms=tmp_path)
    assert loaded.vocabulary_hash == mine.hash
    assert len(loaded.extract("A zorblax.").mentions) == 1


# The best of three, because a neighbour on the processor can double one.
_TIME_ROWS = """
import sys, time
from pathlib import Path
from hctap_nlp.matching import Matcher
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.build import ensure
from hctap_nlp.vocabulary.own.overlay import with_own_terms

vocabulary, folder = map(Path, sys.argv[1:])
compiled = ensure(vocabulary)
times = []
for _ in range(3):
    begun = time.process_time()
    mine = with_own_terms(compiled, folder)
    Matcher(Compiled(mine.hash, mine.header, mine.concepts, (), mine.senses[len(mine.terms) :], mine.added))
    times.append(time.process_time() - begun)
print(min(times), len(mine.added))
"""


def test_a_thousand_rows_are_live_in_half_a_second(vocabulary_folder: Path, tmp_path: Path) -> None:
    rows = [f"- {{term: zorblax kind {i}x, type: PROBLEM, icd: M10.9, also: [zrb{i}x lesion]}}\n" for i in range(1000)]
    (tmp_path / "own.yaml").write_text("".join(rows), encoding="utf-8")
    ensure(vocabulary_folder)
    # In a process of its own, as it is at work: with all that other tests have left in memory it takes twice as long.
    command = [sys.executable, "-c", _TIME_ROWS, str(vocabulary_folder), str(tmp_path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, added = said.split()
    assert float(seconds) < 0.5
    assert int(added) >= 3000
