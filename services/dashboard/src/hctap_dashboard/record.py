"""What a note says of its patient, as a record: problems, medications, tests, allergies, procedures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from hctap_core.answers import NoteDocument
from hctap_core.entities import AttributeType, Entity, EntityType
from hctap_core.highlighting import asserted
from hctap_core.sections import SectionType

_AMOUNT: Final = (AttributeType.STRENGTH, AttributeType.DOSE, AttributeType.FORM)
_SCHEDULE: Final = (AttributeType.ROUTE, AttributeType.FREQUENCY, AttributeType.PRN, AttributeType.DURATION)
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem by its normal form; `states` are those the note speaks of it in, none where it once simply has it."""

    name: str
    code: str
    states: tuple[str, ...]
    mentions: int


@dataclass(frozen=True, slots=True)
class Medication:
    """A medication with its regimen; parts that the note does not say are empty."""

    name: str
    amount: str
    schedule: str
    status: str


@dataclass(frozen=True, slots=True)
class Result:
    """A test with its value; `flag` is what the note, or the sign beside the value, says of it."""

    name: str
    value: str
    flag: str
    reference: str


@dataclass(frozen=True, slots=True)
class Record:
    """The note's facts; `problems` are the patient's own, `absent` what the note denies, `family` the relatives'."""

    problems: tuple[Problem, ...]
    absent: tuple[Problem, ...]
    family: tuple[Problem, ...]
    medications: tuple[Medication, ...]
    results: tuple[Result, ...]
    allergies: tuple[str, ...]
    procedures: tuple[Problem, ...]


def read_record(note: NoteDocument) -> Record:
    """The record of a note; what stands among the allergies is no medication that is taken."""
    allergies, others = _split_allergies(note.entities)
    problems = [entity for entity in others if entity.entity_type is EntityType.PROBLEM]
    medications = [entity for entity in others if entity.entity_type is EntityType.MEDICATION]
    return Record(
        problems=_gather(entity for entity in problems if not _is_denied(entity) and not entity.assertion.family),
        absent=_gather(entity for entity in problems if _is_denied(entity) and not entity.assertion.family),
        family=_gather(entity for entity in problems if entity.assertion.family),
        medications=_once(_medication(entity) for entity in medications if not _is_denied(entity)),
        results=_once(_result(entity) for entity in others if entity.entity_type is EntityType.TEST),
        allergies=tuple(dict.fromkeys(_name(entity) for entity in allergies if not _is_denied(entity))),
        procedures=_gather(entity for entity in others if entity.entity_type is EntityType.PROCEDURE),
    )


def _split_allergies(entities: Sequence[Entity]) -> tuple[list[Entity], list[Entity]]:
    kinds = {EntityType.MEDICATION, EntityType.PROBLEM}
    inside = [e for e in entities if e.section == SectionType.ALLERGIES and e.entity_type in kinds]
    allergens = [entity for entity in inside if entity.entity_type is EntityType.MEDICATION] or inside
    return allergens, [entity for entity in entities if entity not in inside]


def _is_denied(entity: Entity) -> bool:
    return entity.assertion.negated


def _gather(entities: Iterable[Entity]) -> tuple[Problem, ...]:
    """Mentions put together by normal form, in the order of their first."""
    groups: dict[str, list[Entity]] = {}
    for entity in entities:
        groups.setdefault(entity.norm_text.casefold(), []).append(entity)
    return tuple(_problem(mentions) for mentions in groups.values())


def _problem(mentions: Sequence[Entity]) -> Problem:
    coded = next((entity.codes[0] for entity in mentions if entity.codes), None)
    said = [[state for state in asserted(e.assertion) if state not in {"negated", "family"}] for e in mentions]
    # `chest pain` now, and `return if chest pain`: the patient has it.
    states = [] if [] in said else [state for states_of_one in said for state in states_of_one]
    return Problem(
        name=_name(mentions[0]),
        code=f"{coded.system} {coded.code}" if coded else "",
        states=tuple(dict.fromkeys(states)),
        mentions=len(mentions),
    )


def _name(entity: Entity) -> str:
    """The normal form, in the note's own letters where they are the same word."""
    return entity.text if entity.text.casefold() == entity.norm_text.casefold() else entity.norm_text


def _medication(entity: Entity) -> Medication:
    states = [part.norm or part.text for part in entity.attributes if part.type is AttributeType.STATUS]
    return Medication(
        name=_name(entity),
        amount=_parts(entity, _AMOUNT),
        schedule=_parts(entity, _SCHEDULE),
        status=", ".join([*states, *asserted(entity.assertion)]),
    )


def _result(entity: Entity) -> Result:
    return Result(
        name=_name(entity),
        value=_parts(entity, (AttributeType.VALUE, AttributeType.UNIT)),
        flag=_parts(entity, (AttributeType.FLAG,)) or ("not done or normal" if _is_denied(entity) else ""),
        reference=_parts(entity, (AttributeType.REFERENCE_RANGE,)),
    )


def _parts(entity: Entity, kinds: Sequence[AttributeType]) -> str:
    ordered = sorted(
        (part for part in entity.attributes if part.type in kinds), key=lambda part: kinds.index(part.type)
    )
    return " ".join(dict.fromkeys(_say(part.type, part.text) for part in ordered))


def _say(kind: AttributeType, value: str) -> str:
    return "as needed" if kind is AttributeType.PRN else value


def _once(items: Iterable[_Item]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(items))
