"""The notes in the report: each text with its entities marked, and what the marks mean."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hctap_cli.outputs.report.elements import esc, part, remark
from hctap_core.entities import Entity, EntityType
from hctap_core.evaluation import ASSERTIONS
from hctap_core.highlighting import SIGNS, highlight
from hctap_core.notes import Note

_MEANINGS: Final = {
    "negated": "negated",
    "uncertain": "uncertain",
    "historical": "in the past",
    "hypothetical": "hypothetical",
    "family": "in the family",
}
_SINGULAR: Final = {
    "PROBLEM": "problem",
    "MEDICATION": "medication",
    "TEST": "test",
    "PROCEDURE": "procedure",
    "ANATOMY": "anatomy",
}
_PLURAL: Final = {
    "PROBLEM": "problems",
    "MEDICATION": "medications",
    "TEST": "tests",
    "PROCEDURE": "procedures",
    "ANATOMY": "anatomy",
}


def show_note(note: Note, records: Sequence[Mapping[str, Any]]) -> str:
    """A note that opens when its line is pressed."""
    entities = [Entity.model_validate(record) for record in records]
    counts = Counter(entity.entity_type.value for entity in entities)
    asserted = {name for name in ASSERTIONS if any(getattr(entity.assertion, name) for entity in entities)}
    has = " ".join(sorted({kind.lower() for kind in counts} | asserted))
    said = " · ".join(_counted(kind, counts[kind]) for kind in EntityType if counts[kind]) or "nothing found"
    return (
        f'<details class="note" data-has="{esc(has)}" data-specialty="{esc(note.specialty)}"><summary>'
        f'<span class="name">{esc(note.note_id)}</span> <span class="quiet">{esc(_about(note))}</span> '
        f'<span class="counts">{esc(said)}</span></summary>'
        f'<div class="text" dir="auto">{highlight(note.text, entities)}</div></details>'
    )


def show_notes(shown: Sequence[str], total: int, specialties: Sequence[str]) -> str:
    """The notes with what filters them; where not all are shown, the page says so."""
    cut = f"The first {len(shown):,} of {total:,} notes; `--report-notes` shows more. The tables have them all."
    content = (
        remark(cut.replace("`", "")) if len(shown) < total else "",
        _show_filters(specialties),
        _show_legend(),
        f'<p class="quiet" id="matches" role="status">{len(shown):,} notes</p>',
        f'<div id="list">{"".join(shown)}</div>',
    )
    return part("notes", "Notes", *content)


def _counted(kind: str, count: int) -> str:
    return f"{count} {(_SINGULAR if count == 1 else _PLURAL)[kind]}"


def _about(note: Note) -> str:
    return ", ".join(word for word in (note.specialty, note.note_type) if word)


def _show_filters(specialties: Sequence[str]) -> str:
    kinds = "".join(f'<option value="{kind.lower()}">{_PLURAL[kind]}</option>' for kind in EntityType)
    states = "".join(f'<option value="{name}">{meaning}</option>' for name, meaning in _MEANINGS.items())
    places = "".join(f"<option>{esc(name)}</option>" for name in specialties)
    return (
        '<div class="filters"><label>Find <input type="search" id="find" placeholder="a word, a code, a note" '
        'autocomplete="off"></label>'
        f'<label>Specialty <select id="specialty"><option value="">all</option>{places}</select></label>'
        f'<label>With <select id="has"><option value="">anything</option><optgroup label="types">{kinds}</optgroup>'
        f'<optgroup label="assertions">{states}</optgroup></select></label>'
        '<button type="button" id="open">Open all</button></div>'
    )


def _show_legend() -> str:
    types = "".join(
        f'<button type="button" class="hc hc-{kind.lower()} hc-first hc-last" data-toggle="{kind.lower()}" '
        f'aria-pressed="true">{_PLURAL[kind]}</button>'
        for kind in EntityType
    )
    states = "".join(
        f'<span class="hc hc-plain hc-{name} hc-first hc-last"{_sign(name)}>{meaning}</span>'
        for name, meaning in _MEANINGS.items()
    )
    return (
        f'<div class="legend" aria-label="Legend"><span class="quiet">Show</span>{types}'
        f'<span class="quiet">Marks</span>{states}</div>'
    )


def _sign(name: str) -> str:
    return f' data-sign="{SIGNS[name]}"' if name in SIGNS else ""
