"""Tokens of a sentence, for the statistical layer only: words, numbers, single marks."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from hctap_nlp.sentences import Sentences

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|[^\w\s]|_")
# A table without line ends would make one sentence of a whole note.
_MOST_TOKENS = 120


class Token(NamedTuple):
    """A token as written, and its span in the text."""

    text: str
    begin: int
    end: int


def sentences_of(text: str, sentences: Sentences) -> Iterator[list[Token]]:
    """The tokens of each sentence; none is empty or longer than 120 tokens."""
    current: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        if match.start() >= end or len(current) >= _MOST_TOKENS:
            if current:
                yield current
            current, end = [], sentences.at(match.start())[1]
        current.append(Token(match[0], match.start(), match.end()))
    if current:
        yield current
