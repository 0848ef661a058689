"""A note under review: its items, what was decided of each, and the record that a decision makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hctap_core.entities import Assertion, Code, Entity, EntityType, Provenance
from hctap_core.gold import GoldEntity
from hctap_core.highlighting import ASSERTIONS, asserted
from hctap_core.reviews import Decision, ReviewDocument, Verdict
from hctap_dashboard.filters import read_code

_BY_REVIEWER: Final = Provenance(extractor="review", version="1", method="rule", source="reviewer")


@dataclass(frozen=True, slots=True)
class Item:
    """An entity of the run or one that the reviewer added, as it stands after the decision, if there is one."""

    name: str
    entity: Entity
    decision: Decision | None

    @property
    def verdict(self) -> str:
        """What was decided, in a word."""
        return "open" if self.decision is None else self.decision.verdict.value

    @property
    def version(self) -> int:
        """The version that the next decision replaces."""
        return 0 if self.decision is None else self.decision.version

    @property
    def stands(self) -> bool:
        """Whether the entity is left standing."""
        return self.verdict not in {Verdict.REJECT, Verdict.WITHDRAWN}

    @property
    def is_added(self) -> bool:
        """Whether the reviewer made it."""
        return self.name.startswith("a")


def list_items(document: ReviewDocument) -> list[Item]:
    """All items by place; what was added and withdrawn again is not there."""
    decided = {decision.item: decision for decision in document.decisions}
    items = [
        Item(f"e{place}", _as_decided(document, entity, decided.get(f"e{place}")), decided.get(f"e{place}"))
        for place, entity in enumerate(document.entities)
    ]
    items += [
        Item(decision.item, _as_entity(document, decision.record), decision)
        for decision in document.decisions
        if decision.verdict is Verdict.ADD and decision.record is not None
    ]
    return sorted(items, key=lambda item: (item.entity.begin, -item.entity.end, item.name))


def find_item(items: Sequence[Item], name: str | None) -> Item | None:
    """The item of this name, else the first that is open, else the first."""
    named = next((item for item in items if item.name == name), None)
    return named or next((item for item in items if item.verdict == "open"), items[0] if items else None)


def item_at(items: Sequence[Item], place: int) -> Item | None:
    """The shortest item that covers a place of the text."""
    covering = [item for item in items if item.entity.begin <= place < item.entity.end]
    return min(covering, key=lambda item: item.entity.end - item.entity.begin, default=None)


def name_next(items: Sequence[Item], current: Item) -> str:
    """The item after this one, the first after the last."""
    names = [item.name for item in items]
    return names[(names.index(current.name) + 1) % len(names)]


def name_previous(items: Sequence[Item], current: Item) -> str:
    """The item before this one, the last before the first."""
    names = [item.name for item in items]
    return names[names.index(current.name) - 1]


def name_added(items: Sequence[Item], document: ReviewDocument) -> str:
    """A name that no item of the note has or had."""
    taken = {item.name for item in items} | {decision.item for decision in document.decisions}
    return next(name for name in (f"a{number}" for number in range(1, len(taken) + 2)) if name not in taken)


def make_record(
    text: str, span: tuple[int, int], kind: EntityType, said: Sequence[str], code: str, base: Entity | None = None
) -> GoldEntity:
    """The record of a decision; attributes and codes of the entity stay where they are not written anew."""
    begin, end = span
    written = read_code(code)
    codes = (Code(system=written.system, code=written.code),) if written and written.code else ()
    kept = base.codes if base is not None and base.codes and show_code(base) == code.strip() else codes
    return GoldEntity(
        entity_type=kind,
        text=text[begin:end],
        begin=begin,
        end=end,
        assertion=Assertion.model_validate({name: name in said for name in ASSERTIONS}),
        codes=kept,
        attributes=base.attributes if base is not None else (),
    )


def show_code(entity: Entity) -> str:
    """The first code as it is written, nothing where there is none."""
    return f"{entity.codes[0].system} {entity.codes[0].code}" if entity.codes else ""


def describe_item(item: Item) -> str:
    """Type, assertion and code on one line."""
    entity = item.entity
    return " · ".join(filter(None, [", ".join(asserted(entity.assertion)) or "present", show_code(entity)]))


def _as_decided(document: ReviewDocument, entity: Entity, decision: Decision | None) -> Entity:
    if decision is None or decision.record is None or decision.verdict is not Verdict.CHANGE:
        return entity
    return _as_entity(document, decision.record)


def _as_entity(document: ReviewDocument, record: GoldEntity) -> Entity:
    return Entity(
        note_id=document.note_id,
        run_id=document.run_id,
        entity_type=record.entity_type,
        text=record.text,
        norm_text=record.text,
        begin=record.begin,
        end=record.end,
        score=1,
        section="unknown",
        assertion=record.assertion or Assertion(),
        codes=record.codes,
        attributes=record.attributes,
        provenance=_BY_REVIEWER,
    )
