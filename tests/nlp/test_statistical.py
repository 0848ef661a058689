"""The statistical layer: tokens, abbreviations, consistency, genres, corpora, training."""

import json
from pathlib import Path

import pytest

from hctap_core.errors import ExtractorUnavailable, UnsupportedInput
from hctap_core.matching import Span
from hctap_nlp.extraction import ScoredSpan
from hctap_nlp.extractors.hybrid import HybridExtractor, ModelExtractor
from hctap_nlp.matching import Matcher
from hctap_nlp.sentences import Sentences
from hctap_nlp.statistical.abbreviations import definitions_in
from hctap_nlp.statistical.consistency import spread
from hctap_nlp.statistical.corpora import read_corpus
from hctap_nlp.statistical.crf import labels_of
from hctap_nlp.statistical.genre import Genre
from hctap_nlp.statistical.model import Model, load_model
from hctap_nlp.statistical.names import Name, Named
from hctap_nlp.statistical.plan import read_plan
from hctap_nlp.statistical.tokens import Token, sentences_of
from hctap_nlp.statistical.training import train_model
from hctap_nlp.vocabulary.artefact import Compiled

ABSTRACT = (
    "Cardiotoxicity of doxorubicin in patients with breast cancer. BACKGROUND: Doxorubicin (DOX) may cause congestive "
    "heart failure (CHF). METHODS: We studied 120 patients. RESULTS: CHF developed in 8 patients treated with DOX. "
    "CONCLUSION: The incidence of CHF was significantly lower in the group that received dexrazoxane (P < 0.01)."
)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def test_tokens_are_words_numbers_and_single_marks() -> None:
    text = "BP 120/80, temp 38.5. Fine"
    tokens = [[token.text for token in sentence] for sentence in sentences_of(text, Sentences(text))]
    assert tokens == [["BP", "120", "/", "80", ",", "temp", "38.5", "."], ["Fine"]]
    assert all(text[t.begin : t.end] == t.text for s in sentences_of(text, Sentences(text)) for t in s)


def test_a_sentence_is_cut_where_it_is_longer_than_any_reader_needs() -> None:
    text = "word " * 500
    assert max(len(sentence) for sentence in sentences_of(text, Sentences(text))) == 120


def test_labels_are_bio() -> None:
    tokens = [Token("left", 0, 4), Token("knee", 5, 9), Token("pain", 10, 14), Token(".", 14, 15)]
    assert labels_of(tokens, [Span(5, 14, "PROBLEM")]) == ["O", "B-PROBLEM", "I-PROBLEM", "O"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("congestive heart failure (CHF)", [("congestive heart failure", "CHF")]),
        ("treated with acetylsalicylic acid (ASA), and", [("acetylsalicylic acid", "ASA")]),
        ("angiotensin-converting enzyme (ACE) inhibitors", [("angiotensin-converting enzyme", "ACE")]),
        ("the dose (mg)", []),
        ("in ten patients (P)", []),
        ("no such words (XYZ)", []),
    ],
)
def test_definitions(text: str, wanted: list[tuple[str, str]]) -> None:
    assert [(text[d.begin : d.end], d.short) for d in definitions_in(text)] == wanted


def test_a_found_long_form_spreads_to_its_abbreviation_and_its_repeats() -> None:
    text = "congestive heart failure (CHF). CHF worsened. Congestive heart failure again."
    spans = spread(text, [ScoredSpan(0, 24, "PROBLEM", 0.9)])
    assert [(text[s.begin : s.end], s.label, s.score) for s in spans] == [
        ("congestive heart failure", "PROBLEM", 0.9),
        ("CHF", "PROBLEM", 0.9),
        ("CHF", "PROBLEM", 0.9),
        ("Congestive heart failure", "PROBLEM", 0.9),
    ]


CODED = (
    "Breast cancer and migraine without aura: a population-based study of risk factors. Whipple "
    "disease (WD) is a bacterial disease. We investigated the prevalence of WD in patients treated with "
    "tamoxifen and found an association in hypertensive rats. These results suggest that breast "
    "cancer patients with the mutation are at risk."
)


def test_genres_are_told_apart(model: Model) -> None:
    note = "SUBJECTIVE: 58 y/o M here for f/u of HTN. Denies CP, SOB.\nMEDS: lisinopril 10 mg\nO: BP 132/80\n" * 3
    assert model.genres.genre_of(ABSTRACT) is Genre.ABSTRACT
    assert model.genres.genre_of(note) is Genre.NOTE
    assert model.genres.genre_of("short") is Genre.NOTE


def test_samples_are_notes(model: Model) -> None:
    lines = (Path(__file__).parents[2] / "samples" / "dev" / "notes.jsonl").read_text(encoding="utf-8").split("\n")
    genres = [model.genres.genre_of(json.loads(line)["text"]) for line in lines if line]
    assert set(genres) == {Genre.NOTE}


def test_the_hybrid_reads_an_abstract_by_its_taggers(vocabulary: Compiled, model: Model) -> None:
    extraction = HybridExtractor(vocabulary, model).extract(ABSTRACT)
    found = {(ABSTRACT[m.begin : m.end], m.type, m.source) for m in extraction.mentions}
    assert ("DOX", "MEDICATION", "model:abstract") in found
    assert ("congestive heart failure", "PROBLEM", "model:abstract") in found
    chf = next(m for m in extraction.mentions if ABSTRACT[m.begin : m.end] == "congestive heart failure")
    assert "I50.9" in {code[1] for code in chf.codes}
    assert 0 < chf.score <= 1


def test_an_abstract_is_coded_by_class_and_a_short_form_as_its_definition(vocabulary: Compiled, model: Model) -> None:
    hybrid = HybridExtractor(vocabulary, model)
    found = {r["text"]: [c["code"] for c in r["codes"]] for r in hybrid.extract(CODED).entity_records("n", "r")}
    assert found["Breast cancer"][:2] == ["C50", "C50.919"]
    assert found["migraine without aura"][0] == "G43.0"
    assert found["hypertensive"][0] == "I10"
    assert found["WD"] == found["Whipple disease"] != []


def test_an_abstract_is_coded_by_what_annotators_called_it_and_the_disease_ontology(
    vocabulary: Compiled, model: Model
) -> None:
    records = HybridExtractor(vocabulary, model).extract(CODED).entity_records("n", "r")
    codes = {r["text"]: {(c["system"], c["code"]): c for c in r["codes"]} for r in records}
    assert [*codes["Breast cancer"]][:2] == [("ICD-10-CM", "C50"), ("ICD-10-CM", "C50.919")]
    assert ("DOID", "DOID:1612") in codes["Breast cancer"]
    assert codes["Breast cancer"]["MESH", "D001943"]["reason"] == "learned"
    assert codes["tamoxifen"]["MESH", "D013629"]["score"] > 0.9
    whipple = codes["Whipple disease"]["DOID", "DOID:8476"]
    assert (whipple["reason"], whipple["display"]) == ("ontology; reference: Whipple disease", "Whipple disease")
    note = HybridExtractor(vocabulary, model).extract("PMH: breast cancer.").entity_records("n", "r")
    assert {c["system"] for c in note[0]["codes"]} == {"ICD-10-CM", "HPO"}


def test_the_hybrid_reads_a_note_by_rule(vocabulary: Compiled, model: Model) -> None:
    extraction = HybridExtractor(vocabulary, model).extract("PMH: hypertension. Meds: lisinopril 10 mg daily.")
    assert {mention.method for mention in extraction.mentions} == {"vocabulary"}


def test_the_model_reads_a_note_as_a_case_report(vocabulary: Compiled, model: Model) -> None:
    text = "A 45-year-old man presented with fever. Hemoglobin was 9.1 g/dL. He received prednisone 40 mg daily."
    extraction = ModelExtractor(vocabulary, model).extract(text)
    by_type = {m.type: m for m in extraction.mentions}
    assert "PROBLEM" in by_type
    value = by_type["TEST"].attributes[0]
    assert (value.type, text[value.begin : value.end]) == ("VALUE", "9.1 g/dL")


def test_a_model_without_its_files_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ExtractorUnavailable, match="hctap-etl train"):
        load_model(tmp_path)
    (tmp_path / "card.json").write_text('{"genre": "genre.crf", "taggers": {}}')
    with pytest.raises(ExtractorUnavailable):
        load_model(tmp_path)


def test_corpora_are_read_from_three_forms(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"id":"1","text":"no gout","entities":[{"start":3,"end":7,"std":"PROBLEM","code":"MESH:D006073"},'
        '{"start":0,"end":2,"std":null}]}\n'
    )
    brat = tmp_path / "brat"
    brat.mkdir()
    (brat / "1.txt").write_text("no gout")
    (brat / "1.ann").write_text("T1\tDisease 3 7\tgout\nA1\tNegated T1\n")
    (tmp_path / "a.pubtator").write_text("7|t|no gout\n7|a|none\n7\t3\t7\tgout\tDisease\tD006073\n\n")
    names = {"Disease": "PROBLEM"}
    for path in (tmp_path / "a.jsonl", brat, tmp_path / "a.pubtator"):
        (document,) = read_corpus(path, names)
        assert document.text.startswith("no gout")
        assert document.spans == (Span(3, 7, "PROBLEM"),)
        assert all(name == Name("PROBLEM", "gout", ("D006073",)) for name in document.names)
        assert bool(document.names) is (path != brat)
    with pytest.raises(UnsupportedInput):
        read_corpus(tmp_path / "a.xml")


def test_training_twice_gives_the_same_bytes(tmp_path: Path, vocabulary: Compiled) -> None:
    texts = ["He has gout and fever.", "No gout today.", "Fever since Monday; gout is better."]
    rows = []
    for number, text in enumerate(texts):
        entities = [
            {
                "start": text.lower().index(word),
                "end": text.lower().index(word) + len(word),
                "std": "PROBLEM",
                "code": code,
            }
            for word, code in (("gout", None), ("fever", "MESH:D005334"))
            if word in text.lower()
        ]
        rows.append(json.dumps({"id": number, "text": text, "entities": entities}))
    (tmp_path / "c.jsonl").write_text("\n".join(rows))
    (tmp_path / "n.jsonl").write_text(json.dumps({"id": 1, "text": "SUBJECTIVE: well. " * 40, "entities": []}))
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "corpora:\n"
        "  - {name: c, genre: case_report, licence: own, files: [c.jsonl]}\n"
        "  - {name: n, genre: note, licence: own, chunk: 300, files: [n.jsonl, left.jsonl]}\n"
        "taggers:\n  - {name: t, genre: case_report, labels: [PROBLEM], corpora: [c]}\n"
        "names:\n  - {name: said, genre: case_report, labels: [PROBLEM], corpora: [c]}\n"
    )
    wanted = read_plan(plan, tmp_path, leave_out=frozenset({"left.jsonl"}))
    matcher = Matcher(vocabulary)
    first = train_model(wanted, matcher, "terms", tmp_path / "one")
    second = train_model(wanted, matcher, "terms", tmp_path / "two")
    assert first == second
    assert first["names"] == {"case_report": "said.tsv"}
    model = load_model(tmp_path / "one")
    assert model.reads(Genre.CASE_REPORT)
    assert model.named(Genre.CASE_REPORT, "PROBLEM", "Fevers") == Named(("D005334",), 2, 2)
    assert model.named(Genre.CASE_REPORT, "PROBLEM", "gout") is None
    assert model.named(Genre.NOTE, "PROBLEM", "fever") is None
    with pytest.raises(UnsupportedInput, match=r"left\.jsonl"):
        read_plan(plan, tmp_path)
    plan.write_text("corpora: 3")
    with pytest.raises(UnsupportedInput):
        read_plan(plan, tmp_path)
