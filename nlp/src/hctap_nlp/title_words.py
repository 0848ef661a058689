"""Titles of ICD-10-CM and the phrases of notes in the same words, so that one can be told by the other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_BRACKETS: Final = re.compile(r"\[[^\]]*\]|\([^()]*\)")
# What a title adds where nothing more is said; `without foreign body of left hand` still names the hand.
_NOT_SAID: Final = re.compile(
    r" without (?:foreign body|(?:intraarticular|intracondylar) extension|intercondylar fracture)(?= of )"
    r"|,? ?(?:initial encounter|not intractable|not specified as|unspecified as to|not having achieved)\b[^,;]*"
    r"|,? ?\b(?:without|with unspecified)\b(?:(?! with )[^,;])*"
    r"|\bunspecified (?:part|site|side|organism|stage|severity|degree|trimester|cause|location|region|quadrant"
    r"|duration|level|type|lobe|depth)s?\b"
)
_LIST: Final = re.compile(r"\b([a-z]+), ([a-z]+),? (?:and|or) ([a-z]+)\b")
_PAIR: Final = re.compile(r"\b([a-z]+) (?:and|or) ([a-z]+)\b")
_ITEM: Final = re.compile(r"[a-z0-9/]+")
_SHORTEST_PLURAL: Final = 4
_LONGEST_SYNONYM: Final = 4


class TitleWords:
    """Brings titles and phrases to the same words; the table is `vocabulary/terms/coding.yaml`."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._synonyms = {tuple(str(said).split()): str(meant).split() for said, meant in table["synonyms"].items()}
        self._implied = {
            _singular(str(word)): frozenset(_singular(part) for one in meant for part in str(one).split())
            for word, meant in table["implied"].items()
        }
        self._ignored = frozenset(_singular(str(word)) for word in table["ignored"])

    def of_title(self, title: str) -> tuple[str, ...]:
        """What a title says, each item a word or words with `/` between them of which one is enough."""
        said = _NOT_SAID.sub(" ", _BRACKETS.sub(" ", title.lower()))
        said = _PAIR.sub(r"\1/\2", _LIST.sub(r"\1/\2/\3", said))
        return tuple(dict.fromkeys(self._items(_ITEM.findall(said))))

    def _items(self, items: Sequence[str]) -> Iterator[str]:
        run: list[str] = []
        for item in (*items, "/"):
            if "/" not in item:
                run.append(item)
                continue
            yield from self._plain(run)
            run = []
            if either := "/".join(word for part in item.split("/") for word in self._plain([part])):
                yield either

    def of_phrase(self, words: Sequence[str]) -> dict[str, frozenset[str]]:
        """The words of a phrase that say something, each with all that it says."""
        return {word: self._implied.get(word, frozenset()) | {word} for word in self._plain(words)}

    def _plain(self, words: Sequence[str]) -> list[str]:
        found: list[str] = []
        at = 0
        while at < len(words):
            for length in range(min(_LONGEST_SYNONYM, len(words) - at), 0, -1):
                meant = self._synonyms.get(tuple(words[at : at + length]))
                if meant is not None:
                    found += meant
                    at += length
                    break
            else:
                found.append(words[at])
                at += 1
        return [one for one in map(_singular, found) if one not in self._ignored]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > _SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss") else word
