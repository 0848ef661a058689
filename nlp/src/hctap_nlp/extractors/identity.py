"""What an extractor is, said without loading it: loading takes a second, which a run that extracts nothing spares."""

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from hctap_nlp.extractors import check_name
from hctap_nlp.statistical.card import read_card, shipped_folder
from hctap_nlp.vocabulary import artefact
from hctap_nlp.vocabulary.build import path_of

_WITHOUT_MODEL: Final = frozenset({"rules"})


@dataclass(frozen=True, slots=True)
class Identity:
    """What an extractor says of itself when it is loaded."""

    name: str
    version: str
    vocabulary_hash: str | None
    model_hash: str | None


def foresee(name: str, vocabulary_folder: Path, *, terms: Path | None = None) -> Identity | None:
    """What the extractor of that name will be, from the content of its files.

    Returns:
        None where only loading tells: the vocabulary is not compiled yet, or the user has rows of their own.

    Raises:
        UnknownExtractor: With the names that are known.
        UnsupportedInput: Where one of the user's own rows is wrong.
        ExtractorUnavailable: Where its vocabulary is damaged, or its model is missing.
    """
    check_name(name)
    if terms is not None and _has_rows(terms):
        return None
    path = path_of(vocabulary_folder)
    if not path.is_file():
        return None
    data = path.read_bytes()
    # A damaged file is to be said before a run is entered under its hash.
    artefact.check(data)
    model = None if name in _WITHOUT_MODEL else read_card(shipped_folder()).hash
    return Identity(name, metadata.version("hctap-nlp"), artefact.hash_of(data), model)


def _has_rows(terms: Path) -> bool:
    from hctap_nlp.vocabulary.own.reading import read_own

    return bool(read_own(terms))
