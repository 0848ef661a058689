"""A note's text as HTML, its entities marked by type and assertion.

Every character of the text is escaped before any mark-up is put around it, so a note can never become a page.
"""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from hctap_core.code_reasons import explain_reason
from hctap_core.entities import Assertion, Code, Cue, Entity

ASSERTIONS = ("negated", "uncertain", "historical", "hypothetical", "family")
# What stands before an entity where no line through or under it can say it.
SIGNS = {"historical": "hx", "hypothetical": "if"}
_LONGEST_REACH = 80


def highlight(text: str, entities: Sequence[Entity], places: Mapping[int, str] | None = None) -> str:
    """The text as HTML with each stretch that an entity covers in a `<mark>`.

    Where entities overlap, the stretch has the colour of the shortest and the signs of all. What the browser shows
    is the text itself, with line feeds for line ends. Offsets beyond the text are cut to it. `places` are offsets
    that links can lead to, each with its id.
    """
    known = sorted(
        (entity for entity in entities if entity.begin < min(entity.end, len(text))),
        key=lambda entity: (entity.begin, -entity.end),
    )
    places = places or {}
    return "".join(
        _place(places.get(begin)) + _render(text, begin, end, covering)
        for begin, end, covering in _stretches(len(text), known, places)
    )


def describe(entity: Entity, text: str = "") -> str:
    """What the entity is and why, one fact a line: type and assertion, section, codes, attributes, source, cues.

    With the note's text, each cue also says which words it reaches.
    """
    lines = [_headline(entity)]
    if entity.norm_text.casefold() != entity.text.casefold():
        lines.append(f"Means: {entity.norm_text}")
    lines += [_code_line(code) for code in entity.codes[:3]]
    lines += [f"{_words(attribute.type)}: {attribute.norm or attribute.text}" for attribute in entity.attributes]
    lines.append(f"In section {entity.section.replace('_', ' ')}")
    provenance = entity.provenance
    lines.append(f"Found by {provenance.method} {provenance.source} ({provenance.extractor} {provenance.version})")
    lines += [_cue_line(cue, text) for cue in provenance.cues]
    return "\n".join(lines)


def reach_of(text: str, begin: int | None, end: int | None) -> str:
    """The words that a cue reaches, on one line, a long stretch cut in its middle; nothing where no scope is known."""
    if begin is None or end is None:
        return ""
    words = " ".join(text[begin:end].split())
    half = _LONGEST_REACH // 2
    return words if len(words) <= _LONGEST_REACH else f"{words[:half].rstrip()} … {words[-half:].lstrip()}"


def asserted(assertion: Assertion) -> list[str]:
    """The assertions that are true, in a fixed order."""
    return [name for name in ASSERTIONS if getattr(assertion, name)]


def _place(name: str | None) -> str:
    return f'<span id="{html.escape(name, quote=True)}" tabindex="-1"></span>' if name else ""


def _stretches(
    length: int, entities: Sequence[Entity], places: Iterable[int]
) -> Iterator[tuple[int, int, list[Entity]]]:
    """The text cut wherever an entity begins or ends, with the entities that cover each piece, the shortest last."""
    edges = {0, length, *(place for place in places if place < length)}
    for entity in entities:
        edges |= {entity.begin, min(entity.end, length)}
    waiting, active = 0, list[Entity]()
    for begin, end in pairwise(sorted(edges)):
        while waiting < len(entities) and entities[waiting].begin <= begin:
            active.append(entities[waiting])
            waiting += 1
        active = [entity for entity in active if entity.end > begin]
        yield begin, end, sorted(active, key=lambda entity: entity.begin - entity.end)


def _render(text: str, begin: int, end: int, covering: Sequence[Entity]) -> str:
    shown = _escape(text, begin, end)
    if not covering:
        return shown
    beginning = [entity for entity in covering if entity.begin == begin]
    attributes = [f'class="{" ".join(_classes(begin, end, covering))}"', f'data-tip="{_tip(text, covering)}"']
    # One stop of the tab key an entity, at its first piece.
    attributes += ['tabindex="0"'] if beginning else []
    signs = [SIGNS[name] for name in SIGNS if any(getattr(entity.assertion, name) for entity in beginning)]
    attributes += [f'data-sign="{" ".join(signs)}"'] if signs else []
    return f"<mark {' '.join(attributes)}>{shown}</mark>"


def _tip(text: str, covering: Sequence[Entity]) -> str:
    return html.escape("\n\n".join(describe(entity, text) for entity in reversed(covering)), quote=True)


def _escape(text: str, begin: int, end: int) -> str:
    piece = text[begin:end]
    # A line end that is cut in two by an edge must not become two lines.
    if piece.startswith("\n") and text[begin - 1 : begin] == "\r":
        piece = piece[1:]
    return html.escape(piece.replace("\r\n", "\n").replace("\r", "\n"), quote=True)


def _classes(begin: int, end: int, covering: Sequence[Entity]) -> Iterator[str]:
    shortest = covering[-1]
    yield "hc"
    yield f"hc-{shortest.entity_type.lower()}"
    for name in ASSERTIONS:
        if any(getattr(entity.assertion, name) for entity in covering):
            yield f"hc-{name}"
    if begin == shortest.begin:
        yield "hc-first"
    if end == shortest.end:
        yield "hc-last"


def _headline(entity: Entity) -> str:
    return " · ".join([_words(entity.entity_type), *asserted(entity.assertion)])


def _code_line(code: Code) -> str:
    because = f" ({explain_reason(code.reason, code.system.value)})" if code.reason else ""
    return f"{code.system} {code.code} {code.display}".rstrip() + because


def _cue_line(cue: Cue, text: str) -> str:
    because = f"“{cue.text}”" if cue.text else "the section"
    reach = reach_of(text, cue.scope_begin, cue.scope_end)
    reaching = f", which reaches “{reach}”" if reach else ""
    return f"{cue.attribute.capitalize()} because of {because}{reaching} ({cue.rule})"


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
