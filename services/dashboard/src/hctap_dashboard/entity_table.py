"""The entities of a note as a table, in text order."""

from collections.abc import Sequence
from typing import Final

from hctap_core.entities import Entity
from hctap_core.highlighting import SIGNS, asserted
from hctap_dashboard.markup import escape, frame
from hctap_dashboard.wording import show_name

HEAD: Final = ("Text", "Type", "Assertion", "Code", "Meaning", "Attributes", "Section", "Begin", "Score")
_NUMBERS: Final = ("Begin", "Score")


def tabulate_entities(entities: Sequence[Entity]) -> str:
    """The table; the first column is marked as the entity is in the note."""
    head = "".join(f'<th scope="col"{_align(name)}>{name}</th>' for name in HEAD)
    rows = "".join(_row(entity) for entity in entities)
    return frame(
        '<table class="hc-table hc-entities"><caption>Entities of the note</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(entity: Entity) -> str:
    code = entity.codes[0] if entity.codes else None
    values = (
        show_name(entity.entity_type),
        ", ".join(asserted(entity.assertion)) or "present",
        f"{code.system} {code.code}" if code else "",
        code.display if code else "",
        ", ".join(f"{show_name(part.type).lower()} {part.norm or part.text}" for part in entity.attributes),
        show_name(entity.section),
        str(entity.begin),
        f"{entity.score:.2f}",
    )
    cells = (f"<td{_align(name)}>{escape(value)}</td>" for name, value in zip(HEAD[1:], values, strict=True))
    return f'<tr><th scope="row">{mark_entity(entity)}</th>{"".join(cells)}</tr>'


def mark_entity(entity: Entity) -> str:
    """The words of an entity, marked as in its note."""
    names = asserted(entity.assertion)
    classes = " ".join(
        ["hc", f"hc-{entity.entity_type.lower()}", *(f"hc-{name}" for name in names), "hc-first hc-last"]
    )
    signs = " ".join(SIGNS[name] for name in names if name in SIGNS)
    sign = f' data-sign="{signs}"' if signs else ""
    return f'<span class="{classes}"{sign}>{escape(entity.text)}</span>'


def _align(name: str) -> str:
    return ' class="hc-num"' if name in _NUMBERS else ""
