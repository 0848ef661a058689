"""Medication regimens: what stands around a drug, as attributes with normal forms."""

import pytest

from hctap_nlp.extractors.rules import RulesExtractor

Wanted = dict[str, tuple[str, str | None]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Lisinopril 10 mg PO daily",
            {"STRENGTH": ("10 mg", "10 mg"), "ROUTE": ("PO", "oral"), "FREQUENCY": ("daily", "1/d")},
        ),
        (
            "metformin 500mg p.o. b.i.d.",
            {"STRENGTH": ("500mg", "500 mg"), "ROUTE": ("p.o.", "oral"), "FREQUENCY": ("b.i.d.", "2/d")},
        ),
        (
            "TriCor 48 mg one daily.",
            {"STRENGTH": ("48 mg", "48 mg"), "DOSE": ("one", "one"), "FREQUENCY": ("daily", "1/d")},
        ),
        (
            "Ciprodex 4 drops AS bid",
            {"DOSE": ("4 drops", "4 drops"), "ROUTE": ("AS", "otic"), "FREQUENCY": ("bid", "2/d")},
        ),
        ("aspirin 81 mg as directed", {"STRENGTH": ("81 mg", "81 mg")}),
        ("Lantus 10 daily", {"DOSE": ("10", "10"), "FREQUENCY": ("daily", "1/d")}),
        ("Xanax 0.5 q.h.s.", {"STRENGTH": ("0.5", "0.5"), "FREQUENCY": ("q.h.s.", "1/d")}),
        (
            "Timoptic 1 drop both eyes twice daily",
            {"DOSE": ("1 drop", "1 drop"), "ROUTE": ("both eyes", "ophthalmic"), "FREQUENCY": ("twice daily", "2/d")},
        ),
        ("Zofran 4 mg IV.", {"STRENGTH": ("4 mg", "4 mg"), "ROUTE": ("IV", "intravenous")}),
        (
            "albuterol 2 puffs q4-6h prn",
            {"DOSE": ("2 puffs", "2 puffs"), "FREQUENCY": ("q4-6h", "4-6/d"), "PRN": ("prn", None)},
        ),
        (
            "amoxicillin 875 mg every 12 hours for 7 days",
            {"FREQUENCY": ("every 12 hours", "2/d"), "DURATION": ("7 days", "P7D")},
        ),
        ("insulin glargine 10 units qhs", {"DOSE": ("10 units", "10 units"), "FREQUENCY": ("qhs", "1/d")}),
        ("latanoprost 1 drop OU qhs", {"DOSE": ("1 drop", "1 drop"), "ROUTE": ("OU", "ophthalmic")}),
        ("Started on prednisone 40 mg", {"STATUS": ("Started", "start"), "STRENGTH": ("40 mg", "40 mg")}),
        ("ibuprofen 400 mg three times a week", {"FREQUENCY": ("three times a week", "3/wk")}),
        ("methotrexate 15 mg every other day", {"FREQUENCY": ("every other day", "1/2d")}),
        ("NovoLog 6 units before each meal", {"FREQUENCY": ("before each meal", "3/d")}),
        ("Cipro 500 mg twice-daily", {"FREQUENCY": ("twice-daily", "2/d")}),
        ("metformin 500 mg bid with breakfast", {"FREQUENCY": ("bid", "2/d")}),
        ("fentanyl 25 mcg/hr q72h", {"FREQUENCY": ("q72h", "1/3d")}),
        ("Percocet 5/325 1 tab q6h", {"STRENGTH": ("5/325", "5/325"), "DOSE": ("1 tab", "1 tab")}),
        ("prednisone 2-3x daily", {"FREQUENCY": ("2-3x daily", "2-3/d")}),
        ("timolol 6-8x a day", {"FREQUENCY": ("6-8x a day", "6-8/d")}),
        ("He takes daily aspirin", {"FREQUENCY": ("daily", "1/d")}),
        ("on weekly methotrexate", {"FREQUENCY": ("weekly", "1/wk")}),
        ("with prn Tylenol for pain", {"PRN": ("prn", "pain")}),
        ("Take 5 mg amlodipine", {"STRENGTH": ("5 mg", "5 mg")}),
        ("nitroglycerin 0.4 mg SL prn chest pain", {"ROUTE": ("SL", "sublingual"), "PRN": ("prn", "chest pain")}),
    ],
)
def test_regimens(extractor: RulesExtractor, text: str, wanted: Wanted) -> None:
    drug = next(m for m in extractor.extract(text).mentions if m.type == "MEDICATION")
    found = {a.type: (text[a.begin : a.end], a.norm) for a in drug.attributes}
    assert {kind: found.get(kind) for kind in wanted} == wanted


def test_each_drug_of_a_list_keeps_its_own_strength(extractor: RulesExtractor) -> None:
    text = "lisinopril 10 mg daily, metoprolol 25 mg bid, aspirin 81 mg"
    drugs = [m for m in extractor.extract(text).mentions if m.type == "MEDICATION"]
    strengths = [[text[a.begin : a.end] for a in drug.attributes if a.type == "STRENGTH"] for drug in drugs]
    assert strengths == [["10 mg"], ["25 mg"], ["81 mg"]]


@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        ("He takes aspirin and nightly Ambien.", "FREQUENCY", [[], ["nightly"]]),
        ("Lasix 40 mg daily aspirin 81 mg nightly", "FREQUENCY", [["daily"], ["nightly"]]),
        ("Augmentin ended; a day or two later she was off Lortab.", "FREQUENCY", [[], []]),
        ("He was given 2 mg of Versed and 50 mcg of fentanyl.", "STRENGTH", [["2 mg"], ["50 mcg"]]),
        ("We gave Kefzol and 1 g of Rocephin.", "STRENGTH", [[], ["1 g"]]),
        ("2.5% phenylephrine, 1.0% Mydriacyl", "STRENGTH", [["2.5%"], ["1.0%"]]),
        ("Marcaine 0.5% and lidocaine 1%", "STRENGTH", [["0.5%"], ["1%"]]),
        ("Rocephin was given. 2.5% phenylephrine was instilled.", "STRENGTH", [[], ["2.5%"]]),
        ("Lidocaine was infiltrated in the left lower quadrant.", "STATUS", [[]]),
        ("She had Procrit and her pressure started to rise.", "STATUS", [[]]),
    ],
)
def test_what_is_said_of_a_drug_is_not_given_to_its_neighbour(
    extractor: RulesExtractor, text: str, kind: str, wanted: list[list[str]]
) -> None:
    drugs = [m for m in extractor.extract(text).mentions if m.type == "MEDICATION"]
    assert [[text[a.begin : a.end] for a in drug.attributes if a.type == kind] for drug in drugs] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Stop aspirin and Plavix.", ["stop", "stop"]),
        ("Continue aspirin 81 mg daily, statin, and metoprolol, but hold Lasix.", ["continue"] * 3 + ["hold"]),
        ("Her Lasix and potassium have been held.", ["hold", "hold"]),
        ("Aspirin, Plavix and Coumadin were stopped.", ["stop"] * 3),
        ("Aspirin and Plavix 75 mg was stopped.", [None, "stop"]),
        ("Discontinue lisinopril and start losartan.", ["stop", "start"]),
        ("Started on lisinopril. Aspirin at home.", ["start", None]),
    ],
)
def test_a_status_is_said_once_of_a_list(extractor: RulesExtractor, text: str, wanted: list[str | None]) -> None:
    drugs = [m for m in extractor.extract(text).mentions if m.type == "MEDICATION"]
    assert [next((a.norm for a in drug.attributes if a.type == "STATUS"), None) for drug in drugs] == wanted


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("He was loaded with ticagrelor 180 mg and started on a heparin drip.", {"heparin": "start"}),
        ("Lisinopril stopped, amlodipine started.", {"lisinopril": "stop", "amlodipine": "start"}),
        ("amlodipine 5 mg hold", {"amlodipine": "hold"}),
        (
            "amlodipine                10 mg   PO   daily   Continue\napixaban   5 mg   PO   BID   Hold\n",
            {"amlodipine": "continue", "apixaban": "hold"},
        ),
    ],
    ids=["leads on to the next", "each after its own", "the text's last word", "the last column of a row"],
)
def test_a_status_is_of_the_drug_that_it_is_said_of(
    extractor: RulesExtractor, text: str, statuses: dict[str, str]
) -> None:
    found = {
        record["norm_text"]: [part["norm"] for part in record["attributes"] if part["type"] == "STATUS"]
        for record in extractor.extract(text).entity_records("n", "r")
    }
    assert {drug: found[drug] for drug in statuses} == {drug: [status] for drug, status in statuses.items()}
    assert sum(map(len, found.values())) == len(statuses) + ("loaded" in text)
