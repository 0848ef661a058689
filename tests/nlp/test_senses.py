"""A form that an abbreviation and another curated row share keeps both senses, each under its own conditions."""

import pytest

from hctap_nlp.extractors.rules import RulesExtractor


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("CT showed appendicitis.", "CT", "TEST"),
        ("CT to water seal, no air leak.", "CT", "PROCEDURE"),
        ("UA negative.", "UA", "TEST"),
        ("Unstable angina. UA with troponin leak, cath today.", "UA", "PROBLEM"),
        ("AST 349, ALT 186", "ALT", "TEST"),
        ("ALT 46", "ALT", "TEST"),
        ("IOP better after ALT OU.", "ALT", "PROCEDURE"),
        ("Labs: Na 140, K 4.2", "K", "TEST"),
        ("Labs: WBC 8.1 K/uL", "K", None),
        ("albuterol MDI p.r.n.", "MDI p", None),
        ("Heart: SI and S2 are normal.", "SI", None),
        ("Denies SI and HI.", "SI", "PROBLEM"),
        ("Muscle contractions with the EMG.", "contractions", None),
        ("At 39 weeks with regular contractions.", "regular contractions", "PROBLEM"),
        ("Estimated blood loss was 150 mL.", "blood loss", None),
        ("Fatigue from blood loss.", "blood loss", "PROBLEM"),
        ("Eats a low sodium diet.", "low sodium", None),
    ],
)
def test_a_sense_is_decided_by_the_words_around(
    extractor: RulesExtractor, text: str, said: str, kind: str | None
) -> None:
    found = {record["text"]: record["entity_type"] for record in extractor.extract(text).entity_records("n", "r")}
    assert found.get(said) == kind
