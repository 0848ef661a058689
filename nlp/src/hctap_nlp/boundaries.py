"""Where one note ends and the next begins in a text that holds several: each is read as if it stood alone.

A boundary is one of ASCII's own separators of records (FS, GS, RS), or a form feed alone on a line between blank lines.
A blank line is none, because notes have them inside; a form feed at the head of a page is none, because pages go on.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from hctap_nlp.extraction import FoundCue, FoundSection, Mention

Found = tuple[tuple[Mention, ...], tuple[FoundSection, ...]]

_BOUNDARY: Final = re.compile("[\x1c-\x1e]|(?<=\n)[ \t\r]*\n[ \t]*\f[ \t\r]*\n(?=[ \t\r]*\n)")


def read_apart(text: str, read: Callable[[str], Found]) -> Found:
    """What `read` finds in each note of a text, with the offsets of the whole text, in text order."""
    notes = list(_notes_of(text))
    if len(notes) == 1:
        return read(text)
    mentions: list[Mention] = []
    sections: list[FoundSection] = []
    for begin, end in notes:
        found, its_sections = read(text[begin:end])
        mentions += [_moved(mention, begin) for mention in found]
        sections += [
            replace(section, begin=section.begin + begin, end=section.end + begin, body=section.body + begin)
            for section in its_sections
        ]
    return tuple(mentions), tuple(sections)


def _notes_of(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for match in _BOUNDARY.finditer(text):
        yield begin, match.start()
        begin = match.end()
    yield begin, len(text)


def _moved(mention: Mention, by: int) -> Mention:
    return replace(
        mention,
        begin=mention.begin + by,
        end=mention.end + by,
        cues=[_moved_cue(cue, by) for cue in mention.cues],
        attributes=[replace(part, begin=part.begin + by, end=part.end + by) for part in mention.attributes],
    )


def _moved_cue(cue: FoundCue, by: int) -> FoundCue:
    scope = (cue.scope[0] + by, cue.scope[1] + by) if cue.scope else None
    return replace(cue, begin=cue.begin + by, end=cue.end + by, scope=scope)
