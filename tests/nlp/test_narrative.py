"""Narrative reports: worded results, parts of sites, wrapped lines, what was denied, risked or only thought of."""

import pytest

from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.vocabulary.artefact import Compiled


@pytest.fixture(scope="module")
def rules(vocabulary: Compiled) -> RulesExtractor:
    return RulesExtractor(vocabulary)


def _flags(rules: RulesExtractor, text: str) -> dict[str, set[str]]:
    return {
        record["text"]: {flag for flag, is_so in record["assertion"].items() if is_so}
        for record in rules.extract(text).entity_records("n", "r")
    }


def _results(rules: RulesExtractor, text: str) -> dict[str, list[tuple[str, str]]]:
    return {
        record["text"]: [(attribute["type"], attribute["text"]) for attribute in record["attributes"]]
        for record in rules.extract(text).entity_records("n", "r")
        if record["entity_type"] == "TEST"
    }


@pytest.mark.parametrize(
    ("text", "test", "result"),
    [
        ("Deep tendon reflexes are 2+ and symmetric.", "Deep tendon reflexes", ("VALUE", "2+")),
        ("The capillary refill is brisk.", "capillary refill", ("VALUE", "brisk")),
        ("He has stable vital signs.", "vital signs", ("VALUE", "stable")),
        ("Her platelets have been markedly elevated.", "platelets", ("FLAG", "elevated")),
        ("The EKG showed a normal sinus rhythm.", "EKG", ("VALUE", "a normal sinus rhythm")),
        ("The ejection fraction is estimated at 55%.", "ejection fraction", ("VALUE", "55")),
        ("Oxygen saturation on room air: 98%.", "Oxygen saturation", ("VALUE", "98")),
        ("Her weight one year ago was 145 pounds.", "weight", ("VALUE", "145")),
        ("The FEV1 is also normal.", "FEV1", ("VALUE", "normal")),
    ],
)
def test_a_result_in_words_belongs_to_its_test(
    rules: RulesExtractor, text: str, test: str, result: tuple[str, str]
) -> None:
    assert result in _results(rules, text)[test]


def test_a_size_before_a_finding_is_no_result(rules: RulesExtractor) -> None:
    assert _results(rules, "The chest x-ray reveals moderate congestion.") == {"chest x-ray": []}


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("A scar is seen on the inferior aspect of the left breast.", "inferior aspect of the left breast"),
        (
            "The needle was directed at the lateral aspect of the vertebral body.",
            "lateral aspect of the vertebral body",
        ),
        ("Xylocaine was injected in the brow region.", "brow region"),
    ],
)
def test_a_site_is_taken_with_its_part(rules: RulesExtractor, text: str, site: str) -> None:
    assert site in {r["text"] for r in rules.extract(text).entity_records("n", "r") if r["entity_type"] == "ANATOMY"}


def test_what_a_site_only_names_the_kind_of_is_no_mention_of_it(rules: RulesExtractor) -> None:
    assert "bowel" not in _flags(rules, "There were no changes in bowel function.")


@pytest.mark.parametrize(
    ("text", "entity", "flags"),
    [
        ("The CAT scan is negative for acute appendicitis.", "acute appendicitis", {"negated"}),
        ("She denies a history of stroke.", "stroke", {"negated", "historical"}),
        ("He had no prior history of severe headaches.", "headaches", {"negated", "historical"}),
        ("No focal consolidation to suggest pneumonia.", "pneumonia", {"negated"}),
        ("None of the others appear worrisome for malignancy.", "malignancy", {"negated"}),
        ("The patient may need home oxygen.", "oxygen", {"hypothetical"}),
        ("The differential entertained includes head injury.", "head injury", {"uncertain"}),
        ("The headache began 2 months ago.", "headache", set()),
        ("He had a below-knee amputation in June 2008.", "below-knee amputation", {"historical"}),
        ("No   evidence   of   pneumonia on the film.", "pneumonia", {"negated"}),
    ],
)
def test_narrative_says_how_a_fact_is_meant(rules: RulesExtractor, text: str, entity: str, flags: set[str]) -> None:
    assert _flags(rules, text)[entity] == flags


def test_columns_are_not_read_as_a_wrapped_line(rules: RulesExtractor) -> None:
    assert "congestive   heart   failure" in _flags(rules, "He has congestive   heart   failure.")
    assert "Chest    Pain" not in _flags(rules, "Chest    Pain")


@pytest.mark.parametrize(
    ("text", "problem", "code"),
    [
        ("Enlarged axillary and inguinal lymph nodes.", "Enlarged axillary and inguinal lymph nodes", "R59.0"),
        ("She has a swollen left knee.", "swollen left knee", "M25.462"),
        ("Dilated and the iris is normal.", "Dilated", None),
        ("Right knee MCL strain.", "Right knee MCL strain", "S83.411A"),
        ("Vomiting of blood twice.", "Vomiting of blood", "K92.0"),
    ],
)
def test_a_state_and_its_sites_are_one_problem(
    rules: RulesExtractor, text: str, problem: str, code: str | None
) -> None:
    found = {
        r["text"]: r["codes"] for r in rules.extract(text).entity_records("n", "r") if r["entity_type"] == "PROBLEM"
    }
    assert [one["code"] for one in found.get(problem, ())][:1] == ([code] if code else [])


def test_a_sentence_that_begins_like_a_heading_is_read(rules: RulesExtractor) -> None:
    text = "LABORATORY DATA:\nLabs today showed a white blood count of 9."
    assert _results(rules, text)["white blood count"] == [("VALUE", "9")]


def test_strength_and_amount_stand_before_a_drug(rules: RulesExtractor) -> None:
    (drug,) = rules.extract("Then 18 cc of 0.25% Marcaine was injected.").entity_records("n", "r")
    assert [(a["type"], a["text"]) for a in drug["attributes"]][:2] == [("DOSE", "18 cc"), ("STRENGTH", "0.25%")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # A line that was not only wrapped parts two terms, and a problem from what would widen it.
        ("He had a cold\nSymptoms began yesterday", []),
        ("Numbness of the left leg\nTingling of the foot", ["Numbness of the left leg", "Tingling of the foot"]),
        ("Cough\nPain", ["Cough", "Pain"]),
        # In small letters, and all in capitals behind a long line, the line goes on.
        ("She complains of chest\npain at night", ["chest\npain"]),
        ("THE PATIENT IS KNOWN TO HAVE CORONARY DISEASE AND CHEST\nPAIN AT NIGHT", ["CORONARY DISEASE", "CHEST\nPAIN"]),
    ],
)
def test_a_term_does_not_cross_the_end_of_a_line(rules: RulesExtractor, text: str, found: list[str]) -> None:
    records = rules.extract(text).entity_records("n", "r")
    assert [record["text"] for record in records if record["entity_type"] == "PROBLEM"] == found


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("She has not noticed any rash.", {"rash"}),
        ("We have not noted any bleeding.", {"bleeding"}),
        ("She was offered morphine for pain, but declined.", {"morphine"}),
        ("He was given Tylenol but refused Motrin.", {"Motrin"}),
        ("This was not associated with any recent weight loss.", {"weight loss"}),
        ("A test did not detect infection; CT excluded stroke.", {"infection", "stroke"}),
        ("Stroke excluded by MRI.", {"Stroke"}),
        # `non` denies the next word alone.
        ("Abdomen non-tender. Non-contrast CT. A non-malignant pheochromocytoma.", {"tender"}),
    ],
)
def test_what_was_not_noticed_or_refused_is_negated(rules: RulesExtractor, text: str, negated: set[str]) -> None:
    assert {said for said, flags in _flags(rules, text).items() if "negated" in flags} == negated


def test_a_position_is_no_ulcer(rules: RulesExtractor) -> None:
    assert "decubitus" not in _flags(rules, "Placed in the left lateral decubitus position.")
    assert "decubitus" in _flags(rules, "A sacral wound and a decubitus on the heel.")


@pytest.mark.parametrize(
    ("text", "historical"),
    [
        (
            "HISTORY OF PRESENT ILLNESS: She underwent a bone marrow biopsy, which showed lymphoma.",
            {"bone marrow biopsy"},
        ),
        ("HOSPITAL COURSE: She underwent a bone marrow biopsy.", set()),
        ("Day 6 after tonsillectomy and adenoidectomy.", {"tonsillectomy", "adenoidectomy"}),
        ("He is here 3 weeks after a COPD exacerbation.", {"COPD exacerbation"}),
        ("Ear infection in May, cough today.", {"Ear infection"}),
        ("Lumpectomy was done on 1/27.", {"Lumpectomy"}),
        ("He required intubation once, in 2016.", {"intubation"}),
    ],
)
def test_what_was_done_before_the_visit_is_historical(rules: RulesExtractor, text: str, historical: set[str]) -> None:
    assert {said for said, flags in _flags(rules, text).items() if "historical" in flags} == historical


def test_a_risk_goes_on_behind_its_cause(rules: RulesExtractor) -> None:
    text = "Risks include rare cases of death secondary to DVT, sepsis and shock."
    flags = _flags(rules, text)
    assert all("hypothetical" in flags[said] for said in ("DVT", "sepsis", "shock"))
