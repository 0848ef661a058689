"""Scores of mentions by rule: the share of right ones among those of the same source, shape and type, as measured.

`vocabulary/terms/scores.yaml` has the shares and says what they were measured on.
"""

from collections.abc import Mapping
from typing import Final

# A vital sign glued to its number, a word that its ending names.
GLUED: Final = "glued"
ENDING: Final = "ending"
ANY: Final = "any"
_LONGEST_SHORT: Final = 4
# What users bring was not measured: their rows count as curated ones, their imports as the libraries most like them.
_LIKE_IMPORTS: Final = {"PROBLEM": "mesh-diseases", "MEDICATION": "drugs"}

Shares = Mapping[str, Mapping[str, str]]


class Scores:
    """The share of right mentions of a type, by what found them."""

    def __init__(self, shares: Shares) -> None:
        self._shares = {
            (source, kind): share_of(said) for source, by_type in shares.items() for kind, said in by_type.items()
        }
        # Sources are few, or rows of a vocabulary, so this is never larger than the vocabulary.
        self._known: dict[tuple[str, str, str], float] = {}

    def of(self, source: str, kind: str, words: str) -> float:
        """The score of a mention of these words whose concept (or rule) is of this source.

        A combination that was not measured has the share of its type and shape.
        """
        shape = shape_of(words)
        known = self._known.get((source, kind, shape))
        if known is None:
            found = self._shares.get((f"{kind_of(source, kind)}, {shape}", kind))
            known = self._shares[(f"{ANY}, {shape}", kind)] if found is None else found
            self._known[source, kind, shape] = known
        return known


def shape_of(words: str) -> str:
    """What abbreviations, single words and phrases are told apart by, for they are not right alike."""
    if len(words) <= _LONGEST_SHORT:
        return "short"
    return "phrase" if " " in words else "word"


def share_of(said: str) -> float:
    """The share in a cell of the table, such as `0.87 of 1234`."""
    return float(said.partition(" ")[0])


def kind_of(source: str, kind: str) -> str:
    """The source as the table calls it: without its rows, and of a user's vocabulary what is most like it."""
    name = source.partition(":")[0]
    if name == "import":
        return _LIKE_IMPORTS.get(kind, "curated")
    return "curated" if name == "user" else name
