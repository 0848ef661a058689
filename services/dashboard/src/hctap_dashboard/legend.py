"""What the colours and signs of a highlighted note mean."""

from collections.abc import Sequence

from hctap_core.entities import Entity, EntityType
from hctap_core.highlighting import SIGNS
from hctap_dashboard.wording import show_name

_SIGNS = (
    ("hc-negated", "", "negated", "negated"),
    ("hc-uncertain", "", "uncertain", "uncertain"),
    ("hc-family", "", "family", "in the family"),
    ("hc-historical", SIGNS["historical"], "historical", "in the past"),
    ("hc-hypothetical", SIGNS["hypothetical"], "hypothetical", "hypothetical"),
)


def explain_marks(entities: Sequence[Entity]) -> str:
    """The legend, with how many entities of each type the note has."""
    counts = {kind: sum(entity.entity_type is kind for entity in entities) for kind in EntityType}
    types = "".join(_line(f"hc-{kind.lower()}", "", show_name(kind), count) for kind, count in counts.items())
    signs = "".join(
        _line(f"hc-plain {name}", sign, meaning, sum(getattr(entity.assertion, attribute) for entity in entities))
        for name, sign, attribute, meaning in _SIGNS
    )
    return f'<aside class="hc-legend" aria-label="Legend"><ul>{types}</ul><ul>{signs}</ul></aside>'


def _line(classes: str, sign: str, meaning: str, count: int) -> str:
    absent = "" if count else ' class="hc-absent"'
    mark = f'<span class="hc {classes} hc-first hc-last"{_sign(sign)}>{meaning}</span>'
    return f'<li{absent}>{mark}<span class="hc-num">{count}</span></li>'


def _sign(sign: str) -> str:
    return f' data-sign="{sign}"' if sign else ""
