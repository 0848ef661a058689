"""Laying a user's rows over a compiled vocabulary, which itself stays as it is.

A form that the vocabulary has gets the user's sense before its own; new forms come behind its terms, to be matched by
a small automaton of their own. So a process without own rows does the same work as before.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, overload

from hctap_core.code_reasons import CodeGround
from hctap_core.errors import ExtractorUnavailable, UnsupportedInput
from hctap_nlp.code_scores import CodeScores
from hctap_nlp.shadow import shadow_of
from hctap_nlp.vocabulary.artefact import Code, Compiled, Concept, Sense
from hctap_nlp.vocabulary.icd10cm import listed_codes, release
from hctap_nlp.vocabulary.own.reading import PlacedRow, read_own
from hctap_nlp.vocabulary.own.rows import AbbreviationRow, CueRow, ExclusionRow, TermRow
from hctap_nlp.vocabulary.rows import CodeRow, Restriction, Row
from hctap_nlp.vocabulary.table import forms_of_row, limits_of
from hctap_nlp.vocabulary.variants import forms_of

_ICD = "ICD-10-CM"
_T = TypeVar("_T")


def with_own_terms(base: Compiled, folder: Path | None) -> Compiled:
    """The vocabulary with the rows of the folder's YAML files over it; itself where there is no row.

    Raises:
        UnsupportedInput: Where a row is wrong.
    """
    rows = read_own(folder) if folder is not None else ()
    return lay_over(base, rows) if rows else base


def lay_over(base: Compiled, rows: Sequence[PlacedRow]) -> Compiled:
    """The vocabulary with the rows over it; its hash is of both."""
    layer = _Layer(base)
    for placed in rows:
        if isinstance(placed.row, ExclusionRow):
            layer.exclude(placed.row)
    # As in the curated files, an abbreviation's row decides before a term that it stands in.
    for kind in (AbbreviationRow, TermRow):
        for placed in rows:
            if isinstance(placed.row, kind):
                layer.add(placed.place, placed.row)
    cues = [_cue(placed.place, placed.row) for placed in rows if isinstance(placed.row, CueRow)]
    content = [[placed.place, placed.row.model_dump(mode="json", exclude_defaults=True)] for placed in rows]
    own_hash = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    tables = base.header["tables"]
    written = {shadow_of(cue["cue"].lower()) for cue in cues}
    imported = [cue for cue in tables["cues"].get("own", ()) if shadow_of(cue["cue"].lower()) not in written]
    tables = tables | {"cues": tables["cues"] | {"own": [*cues, *imported]}}
    header = base.header | {"tables": tables, "own": {"rows": len(rows), "hash": own_hash}}
    both = hashlib.sha256(f"{base.hash} {own_hash}".encode()).hexdigest()
    return replace(layer.compiled(), hash=both, header=header)


def _cue(place: str, row: CueRow) -> dict[str, Any]:
    return row.model_dump() | {"name": f"user:{place}:{row.attribute}.{row.direction}:{row.cue}"}


class _Changed(Sequence[_T]):
    """A sequence with some items changed and others behind it, without a copy of the whole."""

    def __init__(self, base: Sequence[_T]) -> None:
        self._base = base
        self._changes: dict[int, _T] = {}
        self._more: list[_T] = []

    def __len__(self) -> int:
        return len(self._base) + len(self._more)

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | Sequence[_T]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        if number >= len(self._base):
            return self._more[number - len(self._base)]
        return self._changes[number] if number in self._changes else self._base[number]

    def __setitem__(self, number: int, item: _T) -> None:
        self._changes[number] = item

    def append(self, item: _T) -> None:
        self._more.append(item)


class _Layer:
    """The senses of the vocabulary while the user's are put before them."""

    def __init__(self, base: Compiled) -> None:
        self._base = base
        self._concepts = _Changed(base.concepts)
        self._senses = _Changed(base.senses)
        self._own: dict[str, list[Sense]] = {}
        self._scores = CodeScores(base.header["tables"]["code_scores"])

    def exclude(self, row: ExclusionRow) -> None:
        for form in row.forms:
            for variant in forms_of(form, plurals=True):
                if (place := self._place(shadow_of(variant))) is not None:
                    self._senses[place] = ()

    def add(self, place: str, row: TermRow | AbbreviationRow) -> None:
        said = row.short if isinstance(row, AbbreviationRow) else row.term
        name = row.long if isinstance(row, AbbreviationRow) else row.term
        restriction = Restriction(said if row.case else None, _folded(row.context), _folded(row.unless))
        given = Row(
            row.type,
            name.lower(),
            (said, *(row.also if isinstance(row, TermRow) else ())),
            "user",
            restriction=restriction if row.case or row.context or row.unless else None,
        )
        codes = self._codes(place, row) or self._known_codes(row.type.value, (name, *given.forms))
        self._concepts.append(Concept(row.type.value, given.name, f"user:{place}", codes))
        for form in forms_of_row(given, shortest=1):
            mine = self._own.setdefault(form, [])
            if all(limit is not None for _, limit in mine):  # else an earlier row of the user's decides
                mine.append((len(self._concepts) - 1, limits_of(given.restriction, form)))

    def compiled(self) -> Compiled:
        added: list[str] = []
        for form in sorted(self._own):
            mine = tuple(self._own[form])
            place = self._place(form)
            if place is None:
                added.append(form)
                self._senses.append(mine)
            else:
                self._senses[place] = (*mine, *self._senses[place])
        return replace(self._base, concepts=self._concepts, senses=self._senses, added=added)

    def _place(self, form: str) -> int | None:
        terms = self._base.terms
        place = bisect_left(terms, form)
        return place if place < len(terms) and terms[place] == form else None

    def _codes(self, place: str, row: TermRow | AbbreviationRow) -> tuple[Code, ...]:
        rows = (self._icd(code, place) if system == _ICD else CodeRow(system, code) for system, code in row.all_codes())
        return tuple(
            (c.system, c.code, c.display, c.release, CodeGround.OWN.value, self._scores.of(c.system, CodeGround.OWN))
            for c in rows
        )

    def _icd(self, code: str, place: str) -> CodeRow:
        if code in self._icd_codes:
            return self._icd_codes[code]
        try:
            edition, is_listed = release(), code.replace(".", "") in listed_codes()
        except ExtractorUnavailable:
            return CodeRow(_ICD, code)  # the code list is not installed, so nothing can be said of the code
        if not is_listed:
            file, _, line = place.rpartition(":")
            raise UnsupportedInput(
                f"{file} line {line}: ICD-10-CM has no code {code} in its edition {edition}.", remedy="Correct the row."
            )
        return CodeRow(_ICD, code, "", edition)

    @cached_property
    def _icd_codes(self) -> dict[str, CodeRow]:
        return {
            code[1]: CodeRow(*code[:4]) for concept in self._base.concepts for code in concept.codes if code[0] == _ICD
        }

    def _known_codes(self, kind: str, forms: Iterable[str]) -> tuple[Code, ...]:
        """The codes of the vocabulary's own concept that one of the forms names: a new wording for the same thing."""
        for form in forms:
            if (place := self._place(shadow_of(form))) is not None:
                for number, _ in self._base.senses[place]:
                    concept = self._base.concepts[number]
                    if concept.type == kind and concept.codes:
                        return concept.codes
        return ()


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(shadow_of(word).strip() for word in words)
