"""What kind of text this is: notes, case reports, abstracts and criteria are written and annotated differently.

A maximum-entropy classifier over the words of the text's begin and its layout (a conditional random field of length
one). Anything that is not clearly of another genre is a note.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import pycrfsuite


class Genre(StrEnum):
    """The genres that have a model of their own; notes are read by rules."""

    NOTE = "note"
    CASE_REPORT = "case_report"
    ABSTRACT = "abstract"
    CRITERIA = "criteria"


_BEGIN = 4000
_SHORTEST = 150
# Below this probability a text is taken for a note: a wrong note costs less than a wrong abstract.
_SURE = 0.95
_WORD = re.compile(r"[a-z]+|\d")
_HEADING = re.compile(r"^[ \t]*[A-Z][A-Za-z /&]{1,40}:|^[A-Z][A-Z /&]{4,40}$|,[A-Z][A-Z /&]{3,40}:", re.MULTILINE)
_MOST_BUCKET = 8


def features_of_text(text: str) -> list[str]:
    """The distinct words of the text's begin, and its layout in coarse steps."""
    begin = text[:_BEGIN]
    words = {f"w={word}" for word in _WORD.findall(begin.lower())}
    size = max(1, len(begin))
    layout = (
        ("headings", len(_HEADING.findall(begin)) * 1000 / size),
        ("lines", begin.count("\n") * 500 / size),
        ("stops", begin.count(". ") * 500 / size),
        ("digits", sum(map(str.isdigit, begin)) * 50 / size),
        ("capitals", sum(map(str.isupper, begin)) * 30 / size),
    )
    return sorted(words) + [f"{name}={min(_MOST_BUCKET, int(value))}" for name, value in layout]


class GenreClassifier:
    """Tells the genre of a text."""

    def __init__(self, data: bytes) -> None:
        self._data = data  # CRFsuite reads from these bytes and keeps no copy of them
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(data)

    def genre_of(self, text: str) -> Genre:
        """The genre of a text; short or doubtful texts are notes."""
        if len(text) < _SHORTEST:
            return Genre.NOTE
        self._tagger.set([features_of_text(text)])
        genre = Genre(self._tagger.tag()[0])
        return genre if self._tagger.marginal(genre.value, 0) >= _SURE else Genre.NOTE


def train_genres(examples: Iterable[tuple[str, Genre]], path: Path) -> None:
    """Train the classifier on texts and their genres and write it; the same examples give the same bytes."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for text, genre in examples:
        trainer.append([features_of_text(text)], [genre.value])
    trainer.set_params({"c1": 0.2, "c2": 0.05, "max_iterations": 100})
    trainer.train(str(path))
