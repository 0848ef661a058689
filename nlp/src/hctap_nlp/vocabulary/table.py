"""The table of terms while a vocabulary is compiled: each form with its senses, each sense with its codes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Self

from hctap_core.code_reasons import CodeGround
from hctap_core.entities import EntityType
from hctap_nlp.code_scores import CodeScores
from hctap_nlp.shadow import shadow_of
from hctap_nlp.vocabulary.artefact import Code, Compiled, Concept
from hctap_nlp.vocabulary.rows import CodeRow, Restriction, Row
from hctap_nlp.vocabulary.variants import forms_of

SHORTEST_FORM = 2
_SHORTEST_LIBRARY_FORM = 4
# What each kind of entity is mostly coded with stands first.
_CODE_ORDER = (
    "ICD-10-CM", "RXNORM", "LOINC", "SNOMED-CT", "HPO", "MESH", "DRUGBANK", "UMLS", "DOID", "MONDO",
)  # fmt: skip


class TermTable:
    """Terms to senses; a library's row joins the curated concept where both have a form and a type in common."""

    def __init__(self, exclude: dict[str, list[str]], scores: CodeScores) -> None:
        self.concepts: list[Concept] = []
        self.senses: dict[str, list[tuple[int, Any]]] = {}
        self._abbreviations: set[str] = set()
        self._by_name: dict[str, list[int]] = {}
        self._ties: dict[tuple[int, str], int] = {}
        self._scores = scores
        self._exclude = {source: frozenset(map(shadow_of, forms)) for source, forms in exclude.items()}

    @classmethod
    def of(cls, compiled: Compiled) -> Self:
        """The table of a compiled vocabulary, to be added to."""
        table = cls({}, CodeScores(compiled.header["tables"]["code_scores"]))
        table.concepts = list(compiled.concepts)
        for number, concept in enumerate(table.concepts):
            table._by_name.setdefault(shadow_of(concept.name), []).append(number)
        table.senses = {term: list(senses) for term, senses in zip(compiled.terms, compiled.senses, strict=True)}
        return table

    def add_import(self, rows: Iterable[Row], excluded: Mapping[EntityType, Collection[str]], *, by_hand: bool) -> None:
        """Take a user's rows in behind those that are there; short forms and pairs of terms count `by_hand` only."""
        said = {kind: frozenset(map(shadow_of, forms)) for kind, forms in excluded.items()}
        for row in rows:
            forms = forms_of_row(row, said.get(row.type, frozenset()), shortest=SHORTEST_FORM if by_hand else None)
            self._share_codes(row, forms)
            new = [form for form in forms if form not in self.senses and (by_hand or not self._is_pair(form))]
            self._put_concept(row, new)

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows in; where two have a form in common, the earlier one decides."""
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        forms = forms_of_row(row, self._exclude.get(row.source, frozenset()))
        if row.source != "curated":
            self._share_codes(row, forms)
            forms = [form for form in forms if form not in self.senses and not self._is_pair(form)]
        self._put_concept(row, forms)

    def _put_concept(self, row: Row, forms: list[str]) -> None:
        if not forms:
            return
        number = len(self.concepts)
        codes = tuple(self._code(code, _ground_of(row)) for code in _ordered(row.codes))
        self.concepts.append(Concept(row.type.value, row.name.lower(), row.source, codes))
        self._by_name.setdefault(shadow_of(row.name.lower()), []).append(number)
        for form in forms:
            self._put(form, number, row)

    def _is_pair(self, form: str) -> bool:
        """Whether a form names two known terms (`nausea and vomiting`), which notes assert one by one."""
        for joint in (" and ", " or "):
            left, found, right = form.partition(joint)
            if found and f"{left} " in self.senses and f" {right}" in self.senses:
                return True
        return False

    def _put(self, form: str, number: int, row: Row) -> None:
        # An abbreviation's own file says when it counts; no library takes that back.
        if row.is_abbreviation:
            self._abbreviations.add(form)
        elif form in self._abbreviations and row.source != "curated":
            return
        restriction = limits_of(row.restriction, form)
        senses = self.senses.setdefault(form, [])
        if any(limit is None for _, limit in senses):
            return  # an unrestricted sense of an earlier row already decides
        senses.append((number, restriction))

    def _share_codes(self, row: Row, forms: list[str]) -> None:
        """Give the codes of a library's row to the earlier concepts of the same type that it names, or that name it.

        A code that came by a weaker tie gives way: `myocardial infarction` is a synonym below coronary thrombosis, and
        a name of its own besides. A synonym that both have is no tie.
        """
        name, shared = shadow_of(row.name.lower()), set(forms)
        alike = {number for form in forms for number, _ in self.senses.get(form, ())}
        for number in sorted(alike.union(*(self._by_name.get(form, ()) for form in forms))):
            concept = self.concepts[number]
            tie = self._tie(number, concept, name, shared)
            if concept.type != row.type.value or tie is None:
                continue
            codes = list(concept.codes)
            for code in row.codes:
                held = self._ties.get((number, code.system))
                has = any(one[0] == code.system for one in codes)
                # A curated problem without an ICD-10-CM code is one that no code fits.
                if (code.system == "ICD-10-CM" and concept.source == "curated") or (
                    has and (held is None or held <= tie)
                ):
                    continue
                codes = [one for one in codes if one[0] != code.system]
                ground = _ground_of(row) if tie == 0 or row.source.startswith("import:") else CodeGround.SYNONYM
                codes.append(self._code(code, ground))
                self._ties[number, code.system] = tie
            if tuple(codes) != concept.codes:
                self.concepts[number] = Concept(
                    concept.type, concept.name, concept.source, tuple(_sorted(tuple(codes)))
                )

    def _code(self, code: CodeRow, ground: CodeGround) -> Code:
        score = self._scores.of(code.system, ground)
        return (code.system, code.code, code.display, code.release, ground.value, score)

    def _tie(self, number: int, concept: Concept, name: str, forms: set[str]) -> int | None:
        own = shadow_of(concept.name)
        if own == name:
            return 0
        if own in forms:
            return 1
        if any(place == number for place, _ in self.senses.get(name, ())):
            return 2
        # `metformin extended release` is metformin; `mouth ulcer` is no `mouth`.
        return 3 if concept.type == EntityType.MEDICATION.value and own.startswith(name) else None

    def add_misspellings(self, slips: Mapping[str, Iterable[str]]) -> None:
        """Know every curated term that holds a word by the word's slips, where nothing else is written so."""
        for form in list(self.senses):
            own = [sense for sense in self.senses[form] if self.concepts[sense[0]].source == "curated"]
            for word in form.split() if own else ():
                for slip in slips.get(word, ()):
                    limits = [(number, limit) for number, limit in own if not (limit and "exact" in limit)]
                    if limits:
                        self.senses.setdefault(form.replace(f" {word} ", f" {slip} ", 1), limits)

    def give_codes(self, phrases: Mapping[str, CodeRow]) -> None:
        """Give the problems that are called by one of the phrases its ICD-10-CM code."""
        for number, concept in enumerate(self.concepts):
            row = phrases.get(shadow_of(concept.name).strip())
            if row is not None and concept.type == EntityType.PROBLEM.value:
                others = (code for code in concept.codes if code[0] != row.system)
                codes = (self._code(row, CodeGround.CURATED), *others)
                self.concepts[number] = Concept(concept.type, concept.name, concept.source, codes)

    def find_codes(self, index: Any) -> None:  # noqa: ANN401 - a CodeIndex, which is imported late
        """Give an ICD-10-CM code to each problem whose name says one and which has none yet."""
        from hctap_nlp.vocabulary.icd10cm import code_row

        forms: dict[int, list[str]] = {}
        for form, senses in self.senses.items():
            for number, _ in senses:
                forms.setdefault(number, []).append(form)
        for number, concept in enumerate(self.concepts):
            if concept.type != EntityType.PROBLEM.value or concept.source == "curated":
                continue
            if any(code[0] == "ICD-10-CM" for code in concept.codes):
                continue
            code, ground = index.find(concept.name), CodeGround.WORDS
            if code is None:
                code, ground = index.find_by_synonyms(concept.name, forms.get(number, ())), CodeGround.SYNONYM
            if code is not None:
                codes = (self._code(code_row(code), ground), *concept.codes)
                self.concepts[number] = Concept(concept.type, concept.name, concept.source, codes)


def forms_of_row(row: Row, excluded: Collection[str] = (), *, shortest: int | None = None) -> list[str]:
    """The forms of a row as a shadow shows them, variants among them, without those that are too short or excluded."""
    exact = row.restriction is not None and row.restriction.exact is not None
    if shortest is None:
        shortest = SHORTEST_FORM if row.source == "curated" else _SHORTEST_LIBRARY_FORM
    found: dict[str, None] = {}
    for form in row.forms:
        variants = {form.lower()} if exact else forms_of(form, plurals=row.type != EntityType.MEDICATION)
        for variant in sorted(variants):
            said = shadow_of(variant)
            if len(said.strip()) >= (1 if exact else shortest) and said not in excluded and not said.strip().isdigit():
                found.setdefault(said)
    return list(found)


def _ground_of(row: Row) -> CodeGround:
    if row.source.startswith("import:"):
        return CodeGround.IMPORT
    return CodeGround.CURATED if row.source == "curated" else CodeGround.NAME


def _ordered(codes: Iterable[CodeRow]) -> list[CodeRow]:
    return sorted(codes, key=lambda code: _CODE_ORDER.index(code.system))


def _sorted(codes: tuple[Code, ...]) -> list[Code]:
    return sorted(codes, key=lambda code: _CODE_ORDER.index(code[0]))


def limits_of(restriction: Restriction | None, form: str) -> dict[str, Any] | None:
    """A restriction as it stands in an artefact, for one of its row's forms."""
    if restriction is None:
        return None
    limits: dict[str, Any] = {}
    if restriction.exact and shadow_of(restriction.exact) == form:
        limits["exact"] = restriction.exact
    if restriction.context:
        limits["context"] = list(restriction.context)
    if restriction.unless:
        limits["unless"] = list(restriction.unless)
    return limits or None
