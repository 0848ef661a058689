import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from tests.command_line import Outcome
from tests.etl.exports.conftest import NOTES

from hctap_core.entities import AttributeType, EntityType
from hctap_etl.exports.comprehend import answer_of
from hctap_stores.database.documents import Document

SERVICE: Any = botocore.session.get_session().get_service_model("comprehendmedical")
SHAPE = SERVICE.operation_model("DetectEntitiesV2").output_shape
MakeDocument = Callable[..., Document]
Make = Callable[..., dict[str, Any]]


def see_that_it_is_an_answer(answer: dict[str, Any]) -> None:
    report = ParamValidator().validate(answer, SHAPE)
    assert not report.has_errors(), report.generate_report()
    known = {
        "Category": SERVICE.shape_for("EntityType").enum,
        "Type": SERVICE.shape_for("EntitySubType").enum,
        "RelationshipType": SERVICE.shape_for("RelationshipType").enum,
        "Name": SERVICE.shape_for("AttributeName").enum,
    }

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for name, words in known.items():
                assert value.get(name, words[0]) in words, (name, value)
            unknown = set(value) - {"Entities", "UnmappedAttributes", "ModelVersion"} - set(_MEMBERS)
            assert not unknown
            list(map(walk, value.values()))
        elif isinstance(value, list):
            list(map(walk, value))

    walk(answer)


_MEMBERS = {
    *SERVICE.shape_for("Entity").members,
    *SERVICE.shape_for("Attribute").members,
    *SERVICE.shape_for("Trait").members,
}


def test_a_run_as_answers(finished: Callable[..., Outcome], folder: Path) -> None:
    finished("export", "R", "--format", "comprehend", "--out", "o")
    answers = [json.loads(line) for line in (folder / "o/comprehend.jsonl").read_bytes().decode().splitlines()]
    texts = {note["note_id"]: note["text"] for note in NOTES}
    assert [answer["NoteId"] for answer in answers] == sorted(texts)
    traits = set()
    for answer in answers:
        text = texts[answer.pop("NoteId")]
        see_that_it_is_an_answer(answer)
        ids = []
        for entity in answer["Entities"]:
            for part in (entity, *entity["Attributes"]):
                assert text[part["BeginOffset"] : part["EndOffset"]] == part["Text"]
                ids.append(part["Id"])
            traits |= {(entity["Text"], trait["Name"]) for trait in entity["Traits"]}
        assert ids == list(range(len(ids)))
    assert {("cough", "NEGATION"), ("diabetes", "PERTAINS_TO_FAMILY"), ("pneumonia", "LOW_CONFIDENCE")} <= traits


@pytest.mark.parametrize("kind", list(EntityType))
def test_every_type_and_attribute_has_its_word_or_is_left_out(
    make_document: MakeDocument, make_entity: Make, kind: EntityType
) -> None:
    flags = ("negated", "uncertain", "historical", "hypothetical", "family")
    parts = [(attribute.value, attribute.value, None) for attribute in AttributeType]
    answer = answer_of(make_document("x", [make_entity(kind, "x", *flags, attributes=parts)]), "1")
    see_that_it_is_an_answer(answer)
    (entity,) = answer["Entities"]
    kept = {attribute.value for attribute in AttributeType} - {"STATUS", "FLAG", "REFERENCE_RANGE"}
    assert {part["Text"] for part in entity["Attributes"]} == kept
    assert len(entity["Traits"]) == 5
