"""Where the sections of a note begin, and what each is about.

A heading is known by its form (capitals before a colon, capitals alone on a line, `,HEADING:,` in a note on one line)
or by its words (the curated list). Headings of body systems inside an examination stay part of their section.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from hctap_core.sections import SectionType
from hctap_nlp.extraction import FoundSection

_MOST_WORDS = 9
# One heading at a line's start: words up to a colon, or a line of its own. Both patterns begin with characters to which
# the regular expression engine jumps; what stands at the text's own begin is matched apart.
_LINE_HEAD = (
    r"[ \t]*(?:[-*•#>]+[ \t]*|\d{1,2}[.)][ \t]*)?"
    r"(?P<head>[A-Za-z][A-Za-z0-9 \t/&,'’().\-]{0,68}?)[ \t]*(?:(?P<colon>:)|(?P<alone>$))"
)
_LINE = (re.compile(_LINE_HEAD, re.MULTILINE), re.compile(rf"\n{_LINE_HEAD}", re.MULTILINE))
# A heading in a note on one line: after a comma or a sentence's end, in capitals, before a colon.
_INLINE_HEAD = r"(?P<head>[A-Z][A-Z0-9 /&'’().,\-]{1,68}?)[ \t]*:"
_INLINE = (re.compile(_INLINE_HEAD), re.compile(rf"[,.\n](?:(?<=\.)[ \t]{{1,2}}|(?<!\.)){_INLINE_HEAD}"))
_SPACES = re.compile(r"[^a-z0-9]+")
_NOT_HEADINGS = frozenset("note time date dob age sex mrn name am pm".split())  # noqa: SIM905
# The title of a document stands in capitals on a line of its own, and opens no section.
_TITLE = re.compile(
    r"\b(?:note|notes|summary|report|consult|consultation|encounter|reconciliation|evaluation|visit|letter|form|clinic)\b"
    r"|^(?:ct|mri|mr|xr|us|ultrasound|x-ray)\b",
    re.IGNORECASE,
)
_TABLE_ROW = re.compile(r"\d.*\d|[ \t]{3,}|\t")
# The head of a table's columns, as record systems write it, is no heading though its first word may be one.
_COLUMNS_HEAD = re.compile(
    r"(?:diagnosis|procedure|problem|medication|allergen)s?"
    r"(?: +(?:laterality|side|date|onset|relation|sig|reactions?|noted|age|comments?))+",
    re.IGNORECASE,
)
# `Fhx: mother had gout`: what stands below a blank line is no part of such a line, and inherits nothing from it.
_OF_ONE_PARAGRAPH = frozenset(
    {
        SectionType.FAMILY_HISTORY.value,
        SectionType.PAST_MEDICAL_HISTORY.value,
        SectionType.PAST_SURGICAL_HISTORY.value,
        SectionType.ALLERGIES.value,
        SectionType.BIRTH_HISTORY.value,
        SectionType.OBSTETRIC_HISTORY.value,
    }
)
_ON_ITS_LINE = re.compile(r"[ \t]*[^\s:]")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_LONGEST_SHORT_HEADING = 5
_FEWEST_LETTERS = 5
_CAPITALS_RULE = 3


def _plain(heading: str) -> str:
    return _SPACES.sub(" ", heading.lower()).strip()


class SectionFinder:
    """Finds sections by a table of headings: section type to headings, and body systems under `subheadings`."""

    def __init__(self, headings: Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]) -> None:
        self._types: dict[str, str] = {}
        self._subheadings: set[str] = set()
        for name, listed in headings.items():
            if isinstance(listed, Mapping):
                self._subheadings.update(_plain(str(form)) for forms in listed.values() for form in forms)
            else:
                for form in listed:
                    self._types.setdefault(_plain(str(form)), SectionType(name).value)

    def find(self, text: str) -> tuple[FoundSection, ...]:
        """The sections of a text, in order; what stands before the first heading is of type `unknown`."""
        heads = self._headings(text)
        sections = []
        if text and (not heads or text[: heads[0][0]].strip()):
            sections.append(FoundSection(0, heads[0][0] if heads else len(text), "", SectionType.UNKNOWN.value, 0))
        for number, (begin, end, body, kind) in enumerate(heads):
            stop = heads[number + 1][0] if number + 1 < len(heads) else len(text)
            cut = _end_of_paragraph(text, begin, end, body, stop) if kind in _OF_ONE_PARAGRAPH else stop
            sections.append(FoundSection(begin, cut, text[begin:end], kind, body))
            if cut < stop:
                sections.append(FoundSection(cut, stop, "", SectionType.UNKNOWN.value, cut))
        return tuple(sections)

    def _headings(self, text: str) -> list[tuple[int, int, int, str]]:
        found: dict[int, tuple[int, int, int, str]] = {}
        for match in _matches(_LINE, text):
            kind = self._type_of(match["head"], has_colon=match["colon"] is not None)
            if kind == SectionType.OTHER.value and match["colon"] is None and _is_indented(text, match.start("head")):
                continue  # a remark below an item of a list
            if kind:
                found[match.start("head")] = (match.start("head"), match.end("head"), match.end(), kind)
        for match in _matches(_INLINE, text):
            if kind := self._type_of(match["head"], has_colon=True):
                found.setdefault(match.start("head"), (match.start("head"), match.end("head"), match.end(), kind))
        return _of_one_rank(text, [found[begin] for begin in sorted(found)])

    def _type_of(self, heading: str, *, has_colon: bool) -> str | None:
        if not has_colon and _COLUMNS_HEAD.fullmatch(heading):
            return None
        plain = _plain(heading)
        known = self._types.get(plain) or self._types.get(plain.rstrip("s")) or self._joined(heading)
        if known and (has_colon or (heading[0].isupper() and not _TITLE.search(heading))):
            return known
        if plain in self._subheadings or plain in _NOT_HEADINGS:
            return None
        return SectionType.OTHER.value if self._has_heading_form(heading, has_colon=has_colon) else None

    def _joined(self, heading: str) -> str | None:
        """The type of the first part of `Past Medical/Surgical History`, `Impression and Plan (today)`."""
        bare = re.sub(
            r"\(.*?\)|\b(?:today|date|on admission|at home|as follows|include|includes)\b(?:\W+\w+){0,2}\W*$",
            "",
            heading,
            flags=re.IGNORECASE,
        )
        return self._types.get(_plain(bare)) if bare != heading else None

    @staticmethod
    def _has_heading_form(heading: str, *, has_colon: bool) -> bool:
        letters = sum(char.isalpha() for char in heading)
        if not heading.isupper() or letters < _FEWEST_LETTERS or _TABLE_ROW.search(heading):
            return False
        return has_colon or (len(heading.split()) <= _MOST_WORDS // 2 and not _TITLE.search(heading))


def _end_of_paragraph(text: str, begin: int, end: int, body: int, stop: int) -> int:
    """Where a section ends that a short or small heading opens on the line of its text: at the first blank line."""
    if text[begin:end].isupper() and end - begin > _LONGEST_SHORT_HEADING:
        return stop
    blank = _BLANK_LINE.search(text, body, stop) if _ON_ITS_LINE.match(text, body, stop) else None
    if blank is None or not text[blank.end() : stop].strip():
        return stop
    return blank.end()


def _matches(patterns: tuple[re.Pattern[str], re.Pattern[str]], text: str) -> Iterator[re.Match[str]]:
    """The match at the text's begin, if there is one, then those after it."""
    first = patterns[0].match(text)
    if first is not None:
        yield first
    yield from patterns[1].finditer(text, first.end() if first is not None else 0)


def _is_indented(text: str, begin: int) -> bool:
    return begin > 0 and text[begin - 1] in " \t"


def _of_one_rank(text: str, heads: list[tuple[int, int, int, str]]) -> list[tuple[int, int, int, str]]:
    """The headings of the highest rank: where a note writes its headings in capitals, others are subheadings."""
    in_capitals = [head for head in heads if text[head[0] : head[1]].isupper()]
    long = sum(head[1] - head[0] > _FEWEST_LETTERS for head in in_capitals)
    return in_capitals if long >= _CAPITALS_RULE else heads


def section_at(sections: Sequence[FoundSection], offset: int) -> FoundSection | None:
    """The section that holds a text offset."""
    low, high = 0, len(sections)
    while low < high:
        middle = (low + high) // 2
        if sections[middle].end <= offset:
            low = middle + 1
        else:
            high = middle
    return sections[low] if low < len(sections) and sections[low].begin <= offset else None
