"""Surrogates in the places of identifiers, and the way back from every offset to the raw text."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hctap_core.notes import sha256_of
from hctap_core.phi import PhiKind, PhiSpan

SURROGATE_SCHEMA_VERSION: Final = 1


class Replaced(NamedTuple):
    """One identifier: where its surrogate stands, and where it stood in the raw text, in code points, half-open."""

    begin: int
    end: int
    raw_begin: int
    raw_end: int
    kind: PhiKind


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A text without its identifiers. What was replaced is known by its place alone: no record holds its words."""

    text: str
    replaced: tuple[Replaced, ...]

    def to_raw(self, begin: int, end: int) -> tuple[int, int]:
        """The span of the raw text for one of this text; a surrogate stands for its whole identifier."""
        return self._place(begin, is_end=False), self._place(end, is_end=True)

    def to_record(self, raw_sha256: str) -> dict[str, Any]:
        """The surrogate as it is stored beside what was found in it."""
        return {
            "schema_version": SURROGATE_SCHEMA_VERSION,
            "raw_sha256": raw_sha256,
            "content_sha256": sha256_of(self.text),
            "text": self.text,
            "replaced": [
                {"kind": r.kind.value, "begin": r.begin, "end": r.end, "raw_begin": r.raw_begin, "raw_end": r.raw_end}
                for r in self.replaced
            ],
        }

    def _place(self, at: int, *, is_end: bool) -> int:
        number = bisect_right(self.replaced, at - is_end, key=lambda one: one.begin) - 1
        if number < 0:
            return at
        last = self.replaced[number]
        if at - is_end < last.end:
            return last.raw_end if is_end else last.raw_begin
        return at - last.end + last.raw_end


def surrogate_from_record(record: dict[str, Any]) -> Surrogate:
    """The surrogate that a stored record describes."""
    replaced = (
        Replaced(one["begin"], one["end"], one["raw_begin"], one["raw_end"], PhiKind(one["kind"]))
        for one in record["replaced"]
    )
    return Surrogate(record["text"], tuple(replaced))


def replace_identifiers(text: str, spans: Sequence[PhiSpan]) -> Surrogate:
    """The text with `[KIND-n]` for each identifier; the same words of one kind get the same number within the text.

    The spans are in text order and do not overlap. Numbers count up in text order, so the same text gives the same
    surrogate, and none tells anything that another text could be joined by.
    """
    numbers: dict[tuple[PhiKind, str], int] = {}
    per_kind: dict[PhiKind, int] = {}
    pieces: list[str] = []
    replaced: list[Replaced] = []
    at = length = 0
    for begin, end, kind in spans:
        known = (kind, text[begin:end].casefold())
        if known not in numbers:
            per_kind[kind] = numbers[known] = per_kind.get(kind, 0) + 1
        mask = f"[{kind.value.upper()}-{numbers[known]}]"
        length += begin - at
        pieces += (text[at:begin], mask)
        replaced.append(Replaced(length, length + len(mask), begin, end, kind))
        at, length = end, length + len(mask)
    return Surrogate("".join((*pieces, text[at:])), tuple(replaced))
