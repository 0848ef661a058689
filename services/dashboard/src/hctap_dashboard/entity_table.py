"""The entities of a note as a table, in text order."""

from collections.abc import Sequence
from typing import Final

from hctap_core.entities import Entity
from hctap_core.highlighting import SIGNS, asserted
from hctap_dashboard.markup import Html, Table, escape, table
from hctap_dashboard.wording import show_name

HEAD: Final = ("Text", "Type", "Assertion", "Code", "Meaning", "Attributes", "Section", "Begin", "Score")
_NUMBERS: Final = frozenset({7, 8})


def tabulate_entities(entities: Sequence[Entity]) -> str:
    """The table; the first column is marked as the entity is in the note."""
    content = Table("Entities of the note", HEAD, [_row(entity) for entity in entities], _NUMBERS, is_list=True)
    return f'<div class="hc-entities">{table(content)}</div>'


def _row(entity: Entity) -> tuple[str, ...]:
    code = entity.codes[0] if entity.codes else None
    return (
        Html(mark_entity(entity)),
        show_name(entity.entity_type),
        ", ".join(asserted(entity.assertion)) or "present",
        f"{code.system} {code.code}" if code else "",
        code.display if code else "",
        ", ".join(f"{show_name(part.type).lower()} {part.norm or part.text}" for part in entity.attributes),
        show_name(entity.section),
        str(entity.begin),
        f"{entity.score:.2f}",
    )


def mark_entity(entity: Entity) -> str:
    """The words of an entity, marked as in its note."""
    names = asserted(entity.assertion)
    classes = " ".join(
        ["hc", f"hc-{entity.entity_type.lower()}", *(f"hc-{name}" for name in names), "hc-first hc-last"]
    )
    signs = " ".join(SIGNS[name] for name in names if name in SIGNS)
    sign = f' data-sign="{signs}"' if signs else ""
    return f'<span class="{classes}"{sign}>{escape(entity.text)}</span>'
