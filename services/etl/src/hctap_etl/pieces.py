"""What repeats in the lines and rows of entities, each piece rendered once and kept by what it was made of."""

from collections.abc import Callable, Hashable
from functools import cache, lru_cache
from json.encoder import encode_basestring as quote
from typing import Final, TypeVar

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_nlp.vocabulary.artefact import Code
from hctap_stores.database.rows import (
    AMOUNTS,
    ASSERTIONS,
    CODED,
    Term,
    escape,
    intern_codes,
    intern_provenance,
    number_term,
    weigh,
)

NULL: Final = "\\N"
# More than a shard names of a vocabulary's rows; what falls out is rendered again.
_KEPT: Final = 1 << 16

Key = TypeVar("Key", bound=tuple[Hashable, ...])
Piece = TypeVar("Piece")
# Tuples, since their fields are taken apart for each entity. Of a line: the pieces behind codes and type, and its end
# behind the cues; of a row: what is said of the term; what it adds to a tally; then the codes as JSON, the term, and
# the record of the origin under its number.
TermPieces = tuple[str, str, str, str, int, str, Term, tuple[int, str]]
# Of an attribute: two pieces of JSON, two of a row, and whether it says how much.
PartPieces = tuple[str, str, str, str, bool]
_Assertion = tuple[tuple[str, bool], ...]
# How a line begins, and how it goes on behind the run; the columns of a row; what it adds to a tally.
Sign = tuple[str, str, str, int]


class Memory(dict[Key, Piece]):
    """Pieces by what they were rendered from; one that is not there is rendered."""

    def __init__(self, render: Callable[..., Piece]) -> None:
        super().__init__()
        self._render = render

    def __missing__(self, key: Key) -> Piece:
        if len(self) >= _KEPT:
            self.clear()
        self[key] = made = self._render(*key)
        return made


@cache
def terms_of(extractor: str, version: str) -> "Memory[tuple[str, str, tuple[Code, ...], str, str], TermPieces]":
    """The terms of an extractor by type, normal form, codes, method and source."""

    def render(kind: str, norm: str, codes: tuple[Code, ...], method: str, source: str) -> TermPieces:
        fields, codes_no = _codes(codes)
        term = number_term(kind, norm, codes_no)
        number, whence, record = _origin(extractor, version, method, source)
        return (
            f',"codes":{fields},"end":',
            f',"entity_type":"{kind}","norm_text":{quote(norm)},',
            whence,
            f"\t{kind}\t{escape(norm)}\t{codes_no}\t{term.term_no}\t{number}\t",
            CODED if codes else 0,
            fields,
            term,
            (number, record),
        )

    return Memory(render)


@lru_cache(_KEPT)
def _codes(codes: tuple[Code, ...]) -> tuple[str, int]:
    """Codes as JSON, and the number of the list."""
    each = [
        f'{{"code":{quote(code)},"display":{quote(display)},"reason":{quote(reason)},"release":{quote(release)},'
        f'"score":{score},"system":{quote(system)}}}'
        for system, code, display, release, reason, score in codes
    ]
    fields = f"[{','.join(each)}]"
    return fields, intern_codes(fields, [reason for *_, reason, _ in codes])


@lru_cache(_KEPT)
def _origin(extractor: str, version: str, method: str, source: str) -> tuple[int, str, str]:
    """Where a mention comes from: its number, the end of its JSON behind the cues, and its record."""
    record = {"extractor": extractor, "version": version, "method": method, "source": source}
    fields = "".join(f',"{name}":{quote(value)}' for name, value in sorted(record.items()))
    number, encoded = intern_provenance(record)
    return number, f"{fields}}}", encoded


def _render_sign(section: str, score: float, _: type, assertion: _Assertion) -> Sign:
    said = dict(assertion)
    flags = tuple([said.get(name, False) for name in ASSERTIONS])
    fields = ",".join([f'"{name}":{"true" if said.get(name) else "false"}' for name in sorted(ASSERTIONS)])
    columns = "\t".join(["t" if flag else "f" for flag in flags])
    return (
        f'{{"assertion":{{{fields}}},"attributes":[',
        f',"schema_version":{ENTITY_SCHEMA_VERSION},"score":{score},"section":{quote(section)},"text":',
        f"{score}\t{escape(section)}\t{columns}\t",
        weigh(flags),
    )


def _render_part(kind: str, norm: str | None) -> PartPieces:
    fields, column = ("null", NULL) if norm is None else (quote(norm), escape(norm))
    return (
        f',"norm":{fields},"text":',
        f',"type":{quote(kind)}}}',
        f"\t{escape(kind)}\t",
        f"\t{column}\n",
        kind in AMOUNTS,
    )


def _render_cue(attribute: str, rule: str) -> tuple[str, str]:
    return f'{{"attribute":"{attribute}","begin":', f',"rule":{quote(rule)},"scope_begin":'


def _render_heading(header: str, kind: str) -> str:
    return f"\t{escape(header)}\t{escape(kind)}\n"


# By section, score and its type, since 1 is not written as 1.0 is, and assertion.
SIGNS: Final[Memory[tuple[str, float, type, _Assertion], Sign]] = Memory(_render_sign)
# Attributes by type and normal form.
PARTS: Final[Memory[tuple[str, str | None], PartPieces]] = Memory(_render_part)
# Cues by attribute and rule: two pieces of JSON.
CUES: Final[Memory[tuple[str, str], tuple[str, str]]] = Memory(_render_cue)
# Sections by heading and type: the end of a row.
HEADINGS: Final[Memory[tuple[str, str], str]] = Memory(_render_heading)
