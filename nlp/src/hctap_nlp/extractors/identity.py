"""What an extractor is, said without loading it: loading takes a second, which a run that extracts nothing spares."""

from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from hctap_nlp.extractors import check_name
from hctap_nlp.statistical.card import read_card, shipped_folder
from hctap_nlp.vocabulary import artefact
from hctap_nlp.vocabulary.build import path_of

_WITHOUT_MODEL: Final = frozenset({"rules"})
# Beside a compiled vocabulary: the hash of the content that was last seen to be whole.
_MARK: Final = ".whole"


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
    model = None if name in _WITHOUT_MODEL else read_card(shipped_folder()).hash
    return Identity(name, metadata.version("hctap-nlp"), _hash_of_whole(path), model)


def _hash_of_whole(path: Path) -> str:
    """The hash of a file that is seen to be whole: a damaged one is to be said before a run is entered under it."""
    data = path.read_bytes()
    digest = artefact.hash_of(data)
    mark = path.with_suffix(_MARK)
    # To see it takes a tenth of a second, once for each content: the mark says nothing of a file with another hash.
    if not mark.is_file() or mark.read_text(encoding="ascii", errors="replace") != digest:
        artefact.check(data)
        with suppress(OSError):  # a folder that may only be read
            artefact.write(mark, digest.encode())
    return digest


def _has_rows(terms: Path) -> bool:
    from hctap_nlp.vocabulary.own.reading import read_own

    return bool(read_own(terms))
