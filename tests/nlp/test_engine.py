"""What holds of every extraction: offsets, contract, determinism, bad input."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hctap_core.entities import Entity
from hctap_core.errors import ExtractorUnavailable, UnknownExtractor
from hctap_core.sections import Section
from hctap_nlp.benchmark import main
from hctap_nlp.extractors import load_extractor
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.vocabulary.artefact import Compiled, from_bytes
from hctap_nlp.vocabulary.build import compile_all

ROOT = Path(__file__).parents[2]
WORDS = [
    "no", "denies", "fever", "chest pain", "lisinopril", "10 mg", "po", "bid", "PMH:", "FAMILY HISTORY:", "mother",
    ". ", ", ", "BP 120/80", "Hgb 9.1", "left", "knee", "fracture of the", "history of", "é", "İ", "\u200f", "😀",
    "\n", "\n\n", "\t", "  ", "(", "[", ";",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join) | st.text(max_size=80)


def check(extractor: RulesExtractor, text: str) -> None:
    extraction = extractor.extract(text)
    reach = 0
    for record in extraction.entity_records("n", "r"):
        entity = Entity.model_validate(record)
        assert text[entity.begin : entity.end] == entity.text
        assert entity.text == entity.text.strip()
        assert entity.begin >= reach
        reach = entity.end
        spans = [(a.begin, a.end, a.text) for a in entity.attributes]
        spans += [(c.begin, c.end, c.text) for c in entity.provenance.cues]
        assert all(text[begin:end] == said for begin, end, said in spans)
    for section in extraction.section_records():
        Section.model_validate(section)


def lines(half: str) -> list[str]:
    content = (ROOT / "samples" / half / "notes.jsonl").read_text(encoding="utf-8")
    return [json.loads(line)["text"] for line in content.split("\n") if line]


def test_the_samples_keep_the_contract(extractor: RulesExtractor) -> None:
    for text in lines("dev"):
        check(extractor, text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts)
def test_any_text_keeps_the_contract(extractor: RulesExtractor, text: str) -> None:
    check(extractor, text)


def test_the_same_text_gives_the_same_records(extractor: RulesExtractor, vocabulary: Compiled) -> None:
    again = RulesExtractor(vocabulary)
    for text in lines("dev")[:5]:
        assert extractor.extract(text).entity_records("n", "r") == again.extract(text).entity_records("n", "r")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00\x01\x02",
        "\ud800 fever",
        "[" * 100_000,
        "!?.," * 10_000,
        "PLAN:\n" * 10_000,
        "\u202efever\u202c",
        "熱があり咳も出ます。",
    ],
    ids=["empty", "blank", "control", "surrogate", "brackets", "punctuation", "headings", "right-to-left", "japanese"],
)
def test_odd_text_does_not_crash(extractor: RulesExtractor, text: str) -> None:
    check(extractor, text)


def test_entities_are_found_in_odd_surroundings(extractor: RulesExtractor) -> None:
    assert [m.norm for m in extractor.extract("\u202epneumonia\u202c").mentions] == ["pneumonia"]


def test_an_unknown_extractor_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownExtractor, match="rules"):
        load_extractor("magic", tmp_path)


def test_a_damaged_vocabulary_is_an_error_with_a_remedy() -> None:
    with pytest.raises(ExtractorUnavailable, match="Delete it"):
        from_bytes(b"not zlib")


def test_the_vocabulary_is_compiled_to_the_same_bytes(vocabulary: Compiled, vocabulary_folder: Path) -> None:
    (path,) = vocabulary_folder.glob("vocabulary-*.bin")
    assert compile_all() == path.read_bytes()
    assert {source["name"] for source in vocabulary.header["sources"]} == {
        "curated",
        "icd10cm",
        "mesh-diseases",
        "doid",
        "hpo",
        "drugs",
    }


def test_a_coded_problem_names_its_release(extractor: RulesExtractor) -> None:
    (mention,) = extractor.extract("hypertension").mentions
    codes = {code[0]: code for code in mention.codes}
    assert codes["ICD-10-CM"][1] == "I10"
    assert codes["ICD-10-CM"][3]
    assert codes["HPO"][1] == "HP:0000822"


def test_words_are_matched_whole(extractor: RulesExtractor) -> None:
    assert extractor.extract("pneumoniaX prepneumonia").mentions == ()


def test_a_problem_takes_its_site_and_side(extractor: RulesExtractor) -> None:
    (mention,) = extractor.extract("chronic left medial thigh numbness").mentions
    assert (mention.begin, mention.end) == (0, 34)
    assert mention.norm.endswith("numbness")


def test_the_benchmark_prints_a_line_an_extractor(
    tmp_path: Path, vocabulary_folder: Path, vocabulary: Compiled, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vocabulary.terms
    (tmp_path / "n.jsonl").write_text(json.dumps({"text": "Denies chest pain."}) + "\n")
    arguments = [str(tmp_path / "n.jsonl"), "--extractor", "rules", "--vocabulary", str(vocabulary_folder)]
    assert main(arguments) == 0
    assert "kchar/s" in capsys.readouterr().out


@pytest.mark.parametrize(
    "piece",
    [
        "No fever, chest pain. ",
        "PLAN:\nrest\n",
        "(",
        "lisinopril 10 mg po daily ",
        "a ",
        "1.2.3 ",
        "- no cough\n",
        "Na 140 ",
        "no fever ",
        "fever denied ",
    ],
    ids=["sentence", "heading", "bracket", "drug", "word", "number", "list", "test", "cues", "backward"],
)
def test_ten_times_the_text_takes_at_most_twelve_times_the_time(extractor: RulesExtractor, piece: str) -> None:
    short, long = piece * (20_000 // len(piece)), piece * (200_000 // len(piece))
    # Three tries, because the machine may be busy with something else in one of them.
    ratios = []
    for _ in range(3):
        begun = time.process_time()
        extractor.extract(short)
        middle = time.process_time()
        extractor.extract(long)
        ratios.append((time.process_time() - middle) / (middle - begun))
        if ratios[-1] <= 12:
            return
    pytest.fail(f"ratios {ratios}")


def test_vital_signs_glued_to_their_numbers_are_read(extractor: RulesExtractor) -> None:
    text = "BP118/66, HR83 T98.6. T12 fracture."
    mentions = extractor.extract(text).mentions
    found = [(text[m.begin : m.end], [text[a.begin : a.end] for a in m.attributes]) for m in mentions]
    assert found == [("BP", ["118/66"]), ("HR", ["83"]), ("T", ["98.6"]), ("T12 fracture", [])]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Medications: Soma.,2. Tylenol.,4. Tramadol.", ["Soma", "Tylenol", "Tramadol"]),
        ("1. Tylenol. 3. Lasix. 4. Tylenol No. 3.", ["Tylenol", "Lasix", "Tylenol No. 3"]),
        ("He fell 10 feet in a 6-foot well; the left foot is cold.", ["left foot"]),
        ("2. Feet: warm", ["Feet"]),
    ],
)
def test_a_list_and_a_measure_are_read_as_such(extractor: RulesExtractor, text: str, wanted: list[str]) -> None:
    assert [record["text"] for record in extractor.extract(text).entity_records("n", "r")] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Height is 5 feet 10 inches, weight 70 kg.", ["5 feet 10 inches", "70"]),
        ("Height 5'10\", weight 70", ["5'10\"", "70"]),
        ("WBC 12.6 with 16 segs, 6 bands, 54 lymphocytes, 13% of them reactive", ["12.6", "16", "6", "54"]),
        ("60% neutrophils, 30% lymphocytes", ["60", "30"]),
        ("neutrophils 70, lymphs 20", ["70", "20"]),
        ("ABG on 2 L of oxygen: pH 7.48", ["7.48"]),
        ("Gleason 3+4 for a score of 7", ["3+4"]),
        ("AST and ALT 60 and 50.", ["60", "50"]),
        ("BUN and creatinine 20 and 1.2.", ["20", "1.2"]),
        # A word is the result of each test of its list, a number of the last one alone.
        ("Sodium, potassium and chloride normal.", ["normal", "normal", "normal"]),
        ("Sodium and potassium 4.1.", ["4.1"]),
        ("Sodium 140, potassium normal.", ["140", "normal"]),
        ("Sodium 140 and potassium 4.", ["140", "4"]),
    ],
)
def test_values_are_those_of_their_tests(extractor: RulesExtractor, text: str, wanted: list[str]) -> None:
    found = extractor.extract(text).mentions
    assert [text[a.begin : a.end] for mention in found for a in mention.attributes if a.type == "VALUE"] == wanted
