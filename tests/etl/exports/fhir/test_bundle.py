"""What each kind of finding becomes, and that all of it is valid FHIR with offsets that lead back to the note."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.command_line import Outcome
from tests.etl.exports.conftest import NOTES
from tests.etl.exports.fhir.resources import PATIENT, Make, code_of

from hctap_core.entities import AttributeType, CodeSystem, EntityType
from hctap_core.fhir.bundle import bundle_of, resource_of
from hctap_core.fhir.coding import SYSTEMS
from hctap_core.notes import note_from_json
from hctap_core.runs import Run
from hctap_etl.exports.fhir.making import validate
from hctap_stores.database.documents import Document
from hctap_stores.lake.keys import note_key
from hctap_stores.lake.lake import Lake

MakeDocument = Callable[..., Document]
FLAGS = ("negated", "uncertain", "historical", "hypothetical", "family")


def test_a_run_as_bundles(finished: Callable[..., Outcome], folder: Path) -> None:
    outcome = finished("export", "R", "--format", "fhir", "--out", "o")
    assert outcome.code == 0
    lines = (folder / "o/bundles.ndjson").read_bytes().decode().split("\n")[:-1]
    texts = {note["note_id"]: note["text"] for note in NOTES}
    seen: set[tuple[str, str, str]] = set()
    for line in lines:
        bundle = json.loads(line)
        validate(bundle)
        resources = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
        assert len(resources) == len(bundle["entry"])
        note = next(item for item in resources.values() if item["resourceType"] == "DocumentReference")
        text = base64.b64decode(note["content"][0]["attachment"]["data"]).decode()
        assert text == texts.pop(note["identifier"][0]["value"])
        for item in resources.values():
            if item["resourceType"] == "Provenance":
                (source,) = item["entity"]
                assert resources[source["what"]["reference"]] is note
                facts = {fact["url"].rpartition(":")[2]: fact for fact in source["extension"]}
                target = resources[item["target"][0]["reference"]]
                said = text[facts["begin"]["valueInteger"] : facts["end"]["valueInteger"]]
                concept = (
                    target.get("code") or target.get("medicationCodeableConcept") or target["condition"][0]["code"]
                )
                assert concept["text"] == said
                seen.add((target["resourceType"], said, target.get("status", "")))
    assert not texts
    assert {
        ("FamilyMemberHistory", "diabetes", "partial"),
        ("MedicationStatement", "Lisinopril", "active"),
        ("Observation", "Potassium", "final"),
        ("Condition", "cough", ""),
    } <= seen


def test_bundles_come_back_as_the_notes_they_were(finished: Callable[..., Outcome], lake: Lake) -> None:
    finished("export", "R", "--format", "fhir", "--out", "o")
    before = {note["note_id"]: note_from_json(lake_bytes(lake, note["note_id"])) for note in NOTES}
    for note_id in before:
        lake.raw._client().delete_object(Bucket=lake.raw.name, Key=note_key(note_id))
    imported = finished("import", "o/bundles.ndjson")
    assert (imported.code, "4 new notes" in " ".join(imported.out.split())) == (0, True)
    for note_id, note in before.items():
        assert note_from_json(lake_bytes(lake, note_id)) == note


def lake_bytes(lake: Lake, note_id: str) -> bytes:
    found = lake.raw.read(note_key(note_id))
    assert found
    return found.data


@pytest.mark.parametrize(
    ("flags", "verification", "clinical"),
    [
        ((), "confirmed", "active"),
        (("historical",), "confirmed", "inactive"),
        (("negated",), "refuted", None),
        (("negated", "uncertain"), "refuted", None),
        (("uncertain",), "unconfirmed", None),
        (("hypothetical",), "unconfirmed", None),
    ],
)
def test_conditions(make_entity: Make, flags: tuple[str, ...], verification: str, clinical: str | None) -> None:
    made = resource_of(make_entity("PROBLEM", "gout", *flags), PATIENT)
    assert made
    assert code_of(made["verificationStatus"]) == verification
    assert ("clinicalStatus" in made) == (clinical is not None)
    if clinical:
        assert code_of(made["clinicalStatus"]) == clinical


@pytest.mark.parametrize(
    ("begin", "more", "verification", "clinical"),
    [
        (5, (), "confirmed", "resolved"),
        (5, ("uncertain",), "unconfirmed", None),
        (5, ("hypothetical",), "unconfirmed", None),
        (0, (), "refuted", None),
        (0, ("uncertain",), "refuted", None),
    ],
    ids=[
        "the gout resolved",
        "possible gout resolved",
        "once it resolved",
        "no history of gout",
        "no history of possible gout",
    ],
)
def test_a_condition_that_ended_is_not_refuted(
    make_entity: Make, begin: int, more: tuple[str, ...], verification: str, clinical: str | None
) -> None:
    entity = make_entity("PROBLEM", "gout", "negated", "historical", *more)
    entity["provenance"]["cues"] = [
        {"attribute": name, "text": "resolved", "begin": begin, "end": begin + 8} for name in ("negated", "historical")
    ]
    made = resource_of(entity, PATIENT)
    assert made
    assert code_of(made["verificationStatus"]) == verification
    assert (code_of(made["clinicalStatus"]) if clinical else made.get("clinicalStatus")) == clinical


@pytest.mark.parametrize(
    ("cue", "code"),
    [
        ("mother", "MTH"),
        ("Her Father", "FTH"),
        ("maternal grandmother", "GRMTH"),
        ("Maternal", "FAMMEMB"),
        ("in paternal", "FAMMEMB"),
        ("on her mother side", "FAMMEMB"),
        ("mother and father", "FAMMEMB"),
        ("family history of", "FAMMEMB"),
    ],
)
def test_relatives(make_entity: Make, cue: str, code: str) -> None:
    cues = [{"attribute": "family", "text": cue, "begin": 0, "end": len(cue), "rule": "r"}]
    provenance = {"extractor": "rules", "version": "1", "method": "rule", "source": "t", "cues": cues}
    made = resource_of(make_entity("PROBLEM", "gout", "family", provenance=provenance), PATIENT)
    assert made
    assert (made["resourceType"], code_of(made["relationship"])) == ("FamilyMemberHistory", code)


@pytest.mark.parametrize("flag", ["negated", "uncertain", "hypothetical"])
def test_what_a_relative_may_not_have_is_not_said_to_be_theirs(make_entity: Make, flag: str) -> None:
    assert resource_of(make_entity("PROBLEM", "gout", "family", flag), PATIENT) is None
    assert resource_of(make_entity("MEDICATION", "aspirin", "family"), PATIENT) is None
    assert resource_of(make_entity("ANATOMY", "knee"), PATIENT) is None


@pytest.mark.parametrize(("language", "said"), [("en-US", "en-US"), ("de", "de"), ("not said ", None), (None, None)])
def test_a_note_keeps_its_language(
    make_document: Callable[..., Document], language: str | None, said: str | None
) -> None:
    bundle, _ = bundle_of(make_document("x", [], language=language), RUN)
    validate(bundle)
    (note,) = (entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] != "Patient")
    assert note["content"][0]["attachment"].get("language") == said


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@given(
    st.sampled_from(list(EntityType)),
    st.sets(st.sampled_from(FLAGS)),
    st.lists(st.tuples(st.sampled_from([kind.value for kind in AttributeType]), WORDS, st.none() | WORDS), max_size=6),
    WORDS,
    st.sampled_from(list(CodeSystem)),
)
def test_whatever_a_note_says_the_bundle_is_valid(
    kind: EntityType, flags: set[str], parts: list[tuple[str, str, str | None]], words: str, system: CodeSystem
) -> None:
    entity = {
        "entity_type": kind.value,
        "text": words,
        "begin": 0,
        "end": len(words),
        "section": "",
        "assertion": {name: name in flags for name in FLAGS},
        "codes": [{"system": system.value, "code": "A1", "display": words, "score": 1.0, "release": ""}],
        "attributes": [{"type": name, "text": said, "norm": norm} for name, said, norm in parts],
        "provenance": {"extractor": "r", "version": "1", "method": "rule", "source": words, "cues": []},
    }
    document = Document(
        words, 1, 0, None, "k", "e", "s", "c", words, words, words, words, words, None, None, None, None, None,
        [entity], [],
    )  # fmt: skip
    validate(bundle_of(document, RUN)[0])


RUN = Run.model_validate(
    {
        "run_id": "R",
        "status": "succeeded",
        "pipeline": {"extractor": "r", "extractor_version": "1", "code_version": "1"},
        "pipeline_hash": "h",
        "created_at": "2026-01-02T03:04:05.678901Z",
    }
)


def test_every_code_system_has_its_address() -> None:
    assert set(SYSTEMS) == set(CodeSystem)


def test_what_is_no_bundle_is_refused_without_its_words() -> None:
    with pytest.raises(ValueError, match="not valid FHIR") as caught:
        validate({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"gout": "secret"}}]})
    assert "secret" not in str(caught.value)
