"""From the code of a term to the code of a whole phrase: the title near it that says most of what the phrase says.

A title is right where the phrase, the term or the reader's defaults (`terms/coding.yaml`) say all of it, and best where
it says the most words of the phrase; of two that say as many, the nearer code, then the one that says the term, then
the one that says it in the phrase's own words. Where two say as much, neither is taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hctap_nlp.title_words import TitleWords

_CATEGORY: Final = 3
_OPEN: Final = "unspecified"
_MOST_CHOSEN: Final = 8192
_SIDES: Final = ("left", "right", "bilateral")

Said = Mapping[str, frozenset[str]]


class Choice(NamedTuple):
    """A code with its title, and the words of the phrase that it says and those that it leaves out."""

    code: str
    title: str
    words: tuple[str, ...]
    rest: tuple[str, ...]


class Titles:
    """The lines of `vocabulary.titles`, to choose from."""

    def __init__(self, lines: str, table: Mapping[str, Any]) -> None:
        self._lines = lines
        self._words = TitleWords(table)
        self._light = frozenset(self._words.of_phrase([str(word) for word in table["light"]]))
        self._scopes = {str(code): tuple(map(str, others)) for code, others in table["scopes"].items()}
        self._chosen: dict[tuple[str, str, str, bool], Choice] = {}
        self._sided: dict[str, bool] = {}
        self._blocks: dict[str, tuple[int, int]] = {}

    def has_sides(self, code: str) -> bool:
        """Whether titles near a code name a side."""
        known = self._sided.get(code[:_CATEGORY])
        if known is None:
            known = any(" left" in line.rpartition("\t")[2] for line in self._near(code))
            self._sided[code[:_CATEGORY]] = known
        return known

    def title_of(self, code: str) -> str | None:
        """The title of a code, or None where no line has it."""
        line = next(self._slice(f"{code}\t"), None)
        return line.split("\t")[1] if line else None

    def choose(self, code: str, term: Sequence[str], phrase: Sequence[str], *, with_residuals: bool = True) -> Choice:
        """The code that says the most of a phrase which holds a term of this code; residuals are `Other …`."""
        key = (code, " ".join(term), " ".join(phrase), with_residuals)
        found = self._chosen.get(key)
        if found is None:
            if len(self._chosen) >= _MOST_CHOSEN:
                self._chosen.clear()
            found = self._chosen[key] = self._choose(code, term, phrase, with_residuals=with_residuals)
        return found

    def _choose(self, code: str, term: Sequence[str], phrase: Sequence[str], *, with_residuals: bool) -> Choice:
        said = self._words.of_phrase(phrase)
        line = next(self._slice(f"{code}\t"), f"{code}\t\t")
        _, title, names = line.split("\t")
        # What the code itself says of the phrase needs no other title.
        of_code = {word for name in names.split("|") for item in name.split() for word in item.split("/")}
        meant_by_term = self._words.of_phrase(term)
        of_term = set(meant_by_term)
        covered = {word for word in said if _is_said(word, said, of_code) or word in of_term}
        new = {word: meant for word, meant in said.items() if word not in covered}
        rest = tuple(word for word in new if word not in self._light)
        stay = Choice(code, title, (), rest)
        if not new:
            return stay
        known = of_code.union(of_term, *said.values())
        best = self._best(code, new, known, meant_by_term)
        if best is not None and best[0][1].startswith("Other ") and not with_residuals:
            best = None
        if best is not None and best[0][1].endswith(_OPEN) and title and not title.endswith(_OPEN):
            best = None  # `enlarged heart` is no `Heart disease, unspecified`
        if best is None:
            return stay
        said_by_it = tuple(word for word in new if _is_said(word, new, best[1]))
        return Choice(*best[0], said_by_it, tuple(word for word in rest if word not in said_by_it))

    def _best(self, code: str, new: Said, known: set[str], of_term: Said) -> tuple[tuple[str, str], set[str]] | None:
        marks = {word for meant in new.values() for word in meant}
        found: list[tuple[tuple[int, ...], tuple[str, str], set[str]]] = []
        for line in self._marked(code, marks):
            its_code, title, names = line.split("\t")
            for name in names.split("|"):
                items = [item.split("/") for item in name.split()]
                if not all(known.intersection(item) for item in items):
                    continue
                said = {word for item in items for word in item}
                gain = sum(1 for word in new if _is_said(word, new, said))
                if gain:
                    extra = sum(1 for item in items if not marks.intersection(item))
                    kept = sum(1 for word in of_term if _is_said(word, of_term, said))
                    exact = len(said.intersection(new))
                    rank = (gain, _shared(code, its_code), kept, exact, -extra)
                    found.append((rank, (its_code, title), said))
        if not found:
            return None
        found.sort(key=lambda one: one[0], reverse=True)
        first = found[0]
        rivals = {one[1][0] for one in found if one[0][0] == first[0][0] and one[0] >= first[0]}
        return (first[1], first[2]) if len(rivals) == 1 else _without_others(found, first[0])

    def _near(self, code: str) -> Iterator[str]:
        for prefix in self._scopes.get(code[:_CATEGORY], (code[:_CATEGORY],)):
            yield from self._slice(prefix)

    def _marked(self, code: str, marks: Iterable[str]) -> Iterator[str]:
        """The lines near a code that hold one of some words, in their order."""
        lines = self._lines
        for prefix in self._scopes.get(code[:_CATEGORY], (code[:_CATEGORY],)):
            begin, end = self._block(prefix)
            starts: dict[int, int] = {}
            for mark in marks:
                at = lines.find(mark, begin, end)
                while at >= 0:
                    past = lines.find("\n", at)
                    past = end if past < 0 else past
                    starts[lines.rfind("\n", begin, at) + 1 or begin] = past
                    at = lines.find(mark, past, end)
            for start in sorted(starts):
                yield lines[start : starts[start]]

    def _block(self, prefix: str) -> tuple[int, int]:
        """Where the lines that begin with a prefix begin and end."""
        known = self._blocks.get(prefix)
        if known is None:
            begin = self._first(prefix)
            end = begin
            while self._lines.startswith(prefix, end):
                past = self._lines.find("\n", end)
                end = len(self._lines) if past < 0 else past + 1
            known = self._blocks[prefix] = (begin, end)
        return known

    def _slice(self, prefix: str) -> Iterator[str]:
        """The lines that begin with a prefix."""
        lines, low = self._lines, self._first(prefix)
        while lines.startswith(prefix, low):
            past = lines.find("\n", low)
            yield lines[low:] if past < 0 else lines[low:past]
            if past < 0:
                return
            low = past + 1

    def _first(self, prefix: str) -> int:
        """Where the first line that begins with a prefix begins, by bisection over the text of all lines."""
        lines, low, high = self._lines, 0, len(self._lines)
        while low < high:
            middle = lines.rfind("\n", 0, (low + high) // 2) + 1
            middle = max(middle, low)
            if lines[middle : middle + len(prefix)] < prefix:
                past = lines.find("\n", middle) + 1
                low = past or high
            else:
                high = middle
        return low


def _is_said(word: str, meant: Said, by: set[str]) -> bool:
    """Whether a title says a word of a phrase; `unilateral` says neither left nor right."""
    return word in by if word in _SIDES else not meant[word].isdisjoint(by)


def _without_others(
    found: Sequence[tuple[tuple[int, ...], tuple[str, str], set[str]]], best: tuple[int, ...]
) -> tuple[tuple[str, str], set[str]] | None:
    """Of several that say as much the only one that is no residual (`Other …`), or None."""
    plain = {one[1]: one[2] for one in found if one[0] == best and not one[1][1].startswith("Other ")}
    return next(iter(plain.items())) if len(plain) == 1 else None


def _shared(one: str, other: str) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
