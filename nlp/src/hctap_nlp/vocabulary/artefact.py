"""The compiled vocabulary as a file: the same rows give the same bytes, and its hash is its name in every result.

The file is UTF-8 text, compressed with zlib: a header line (JSON), the titles of ICD-10-CM, the concepts,
and the terms, one a line.
"""

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from sys import intern
from typing import Any, TypeVar, overload

from hctap_core.errors import ExtractorUnavailable

FORMAT = 2
_T = TypeVar("_T")

Code = tuple[str, str, str, str, str, float]  # system, code, display, release, reason, score
Sense = tuple[int, dict[str, Any] | None]  # number of the concept, restriction


@dataclass(frozen=True, slots=True)
class Concept:
    """What a term means; `codes` are (system, code, display, release, reason, score), the best first."""

    type: str
    name: str
    source: str
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A vocabulary in memory: its terms in order, then those that were added, and the senses of all of them.

    `titles` are the lines of `hctap_nlp.vocabulary.titles`, by code; one string, because so many would cost memory.
    """

    hash: str
    header: dict[str, Any]
    concepts: Sequence[Concept]
    terms: Sequence[str]
    senses: Sequence[tuple[Sense, ...]]
    added: Sequence[str] = ()
    titles: str = ""


def is_own(source: str) -> bool:
    """Whether a concept's or a mention's source is a row of the user's."""
    return source.startswith("user:")


def terms_hash(vocabulary: Compiled) -> str:
    """The sha256 of what a tagger sees of a vocabulary: its terms, and the types and sources of their senses."""
    digest = hashlib.sha256()
    for term, senses in zip((*vocabulary.terms, *vocabulary.added), vocabulary.senses, strict=True):
        kinds = (f"{vocabulary.concepts[number].type}:{vocabulary.concepts[number].source}" for number, _ in senses)
        digest.update(f"{term}\t{';'.join(kinds)}\n".encode())
    return digest.hexdigest()


def to_bytes(
    header: dict[str, Any],
    concepts: Sequence[Concept],
    senses: dict[str, list[tuple[int, Any]]],
    titles: str = "",
) -> bytes:
    """The file's content; `senses` is keyed by term."""
    counts = {"concepts": len(concepts), "terms": len(senses), "titles": len(titles)}
    lines = [json.dumps(header | counts, sort_keys=True), titles]
    for concept in concepts:
        codes = "|".join(_written(code) for code in concept.codes)
        lines.append("\t".join((concept.type, concept.name.replace("\t", " "), concept.source, codes)))
    lines.extend(
        term + "\t" + ";".join(_sense(number, limit) for number, limit in senses[term]) for term in sorted(senses)
    )
    return zlib.compress("\n".join(lines).encode(), 6)


def _written(code: Code) -> str:
    return "^".join(str(part).replace("|", " ").replace("^", " ") for part in code)


def _sense(number: int, restriction: dict[str, Any] | None) -> str:
    return (
        str(number) if restriction is None else f"{number}={json.dumps(restriction, sort_keys=True)}".replace(";", ",")
    )


def from_bytes(data: bytes) -> Compiled:
    """The vocabulary in a file's content.

    Raises:
        ExtractorUnavailable: Where the content is damaged or of another format.
    """
    header, titles, body = _parts(data)
    lines = body.split("\n")
    del body
    count = header["concepts"]
    # A note names few of the terms: what they mean is read when it is asked for, which starts a process twice as soon.
    known: dict[str, Code] = {}
    concepts = _Lines(lines[:count], partial(_concept, known=known))
    terms: list[str] = []
    rests: list[str] = []
    for line in lines[count:]:
        term, _, rest = line.partition("\t")
        terms.append(term)
        rests.append(rest)
    senses = _Lines(rests, _read_senses)
    return Compiled(hash_of(data), header, concepts, terms, senses, titles=titles)


class _Lines(Sequence[_T]):
    """Lines as what they say, each read whenever it is asked for."""

    def __init__(self, lines: Sequence[str], read: Callable[[str], _T]) -> None:
        self._lines, self._read = lines, read

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | Sequence[_T]:
        if isinstance(index, slice):
            return _Lines(self._lines[index], self._read)
        return self._read(self._lines[index])

    def __iter__(self) -> Iterator[_T]:
        return map(self._read, self._lines)


def _read_senses(rest: str) -> tuple[Sense, ...]:
    return ((int(rest), None),) if rest.isdigit() else tuple(_read_sense(one) for one in rest.split(";"))


def hash_of(data: bytes) -> str:
    """The hash of the vocabulary in a file's content, which nothing checks here."""
    return hashlib.sha256(data).hexdigest()


def check(data: bytes) -> None:
    """See that a file's content is a whole vocabulary, without making it one.

    Raises:
        ExtractorUnavailable: Where the content is damaged or of another format.
    """
    _parts(data)


def _parts(data: bytes) -> tuple[dict[str, Any], str, str]:
    """The header, the titles, and the lines of concepts and terms."""
    try:
        text = zlib.decompress(data).decode()
        begin = text.index("\n") + 1
        header = json.loads(text[:begin])
        count, its_format = header["concepts"] + header["terms"], header["format"]
        past = begin + header["titles"]
    except (zlib.error, ValueError, KeyError):
        raise _damaged() from None
    titles, body = text[begin:past], text[past + 1 :]
    if its_format != FORMAT or body.count("\n") + 1 != count:
        raise _damaged()
    return header, titles, body


def _damaged() -> ExtractorUnavailable:
    return ExtractorUnavailable(
        "The compiled vocabulary is damaged or of another version.", remedy="Delete it; it is built again."
    )


def _concept(line: str, known: dict[str, Code]) -> Concept:
    kind, name, source, codes = line.split("\t")
    return Concept(kind, name, source, tuple(_read_code(code, known) for code in codes.split("|") if code))


def _read_code(written: str, known: dict[str, Code]) -> Code:
    code = known.get(written)
    if code is None:  # each code once in memory, however many concepts have it, and each edition and reason once
        system, value, display, release, reason, score = written.split("^")
        code = known[written] = (intern(system), value, display, intern(release), intern(reason), _number(score))
    return code


_number = cache(float)


def _read_sense(text: str) -> Sense:
    number, _, restriction = text.partition("=")
    return int(number), json.loads(restriction) if restriction else None


def write(path: Path, data: bytes) -> None:
    """Put the file in place in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)
