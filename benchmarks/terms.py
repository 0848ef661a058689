"""The compiled vocabulary as a table that every dictionary system can read, so that all have the same terms."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hctap_core.entities import EntityType
from hctap_nlp.shadow import shadow_of
from hctap_nlp.vocabulary.artefact import Compiled, write
from hctap_nlp.vocabulary.rows import Row
from hctap_nlp.vocabulary.variants import forms_of

HEADER = ("surface", "type", "code", "concept", "as_written")


def export_terms(vocabulary: Compiled, folder: Path) -> Path:
    """Write the table beside its vocabulary's name, unless it is there; give its path."""
    path = folder / f"terms-{vocabulary.hash[:16]}.csv"
    if not path.is_file():
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows_of(vocabulary, _spellings()))
        write(path, stream.getvalue().encode())
    return path


def rows_of(vocabulary: Compiled, spellings: dict[str, set[str]]) -> Iterator[tuple[str, str, str, str, str]]:
    """The table's rows: each term as its sources spell it, with hyphens and apostrophes, and without.

    A term that counts only near certain words is left out, because the peers have no such rule; one that counts only
    as written is given as written.
    """
    for term, senses in zip(vocabulary.terms, vocabulary.senses, strict=True):
        number, limits = senses[0]
        concept = vocabulary.concepts[number]
        code = next((code[1] for code in concept.codes if code[0] == "ICD-10-CM"), "")
        facts = (concept.type, code, concept.name)
        if limits is None:
            for surface in sorted({term.strip(), *spellings.get(term, ())}):
                yield (surface, *facts, "0")
        elif set(limits) == {"exact"}:
            yield (limits["exact"], *facts, "1")


def _spellings() -> dict[str, set[str]]:
    """Term to the ways in which its sources spell it."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows():
        for form in row.forms:
            for variant in forms_of(form, plurals=row.type != EntityType.MEDICATION):
                found[shadow_of(variant)].add(variant)
    return found


def _rows() -> Iterator[Row]:
    from hctap_nlp.vocabulary.curated import read_curated
    from hctap_nlp.vocabulary.hpo import read_hpo
    from hctap_nlp.vocabulary.icd10cm import read_icd10cm
    from hctap_nlp.vocabulary.libraries import read_diseases, read_drugs

    readers: Iterable[Any] = (read_curated, read_icd10cm, read_diseases, read_hpo, read_drugs)
    for read in readers:
        _, rows = read()
        yield from rows
