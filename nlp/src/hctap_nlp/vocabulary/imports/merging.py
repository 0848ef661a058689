"""The shipped vocabulary and the user's imports as one compiled vocabulary."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hctap_core.entities import EntityType
from hctap_nlp.vocabulary import artefact, curated, icd10cm
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.imports.kinds import Kind
from hctap_nlp.vocabulary.imports.shelf import Card, read_rows
from hctap_nlp.vocabulary.rows import CodeRow, Row
from hctap_nlp.vocabulary.table import TermTable

_ICD = "ICD-10-CM"
# Users wrote these lists themselves: what stands there is meant.
_BY_HAND = frozenset({Kind.CSV.value, Kind.TARGET_RULES.value})
_EXCLUDED_AS = {EntityType.MEDICATION: ("drugs",), EntityType.PROBLEM: ("mesh-diseases", "hpo")}


def merge(base: Compiled, folder: Path, cards: Sequence[Card]) -> bytes:
    """The bytes of a compiled vocabulary with the rows of the imports behind the shipped ones.

    A row that shares a form and the type with a concept that is there gives it its codes; its new forms are a concept
    of their own.
    """
    table = TermTable.of(base)
    exclude = curated.read_table("exclude.yaml") or {}
    known = {code[1]: CodeRow(*code[:4]) for concept in base.concepts for code in concept.codes if code[0] == _ICD}
    for card in cards:
        by_hand = card.kind in _BY_HAND
        excluded = {
            kind: frozenset() if by_hand else frozenset(form for source in sources for form in exclude.get(source, ()))
            for kind, sources in _EXCLUDED_AS.items()
        }
        table.add_import((_with_titles(row, known) for row in read_rows(folder, card)), excluded, by_hand=by_hand)
    return artefact.to_bytes(_header(base, cards), table.concepts, table.senses, base.titles)


def _header(base: Compiled, cards: Sequence[Card]) -> dict[str, Any]:
    header = {key: value for key, value in base.header.items() if key not in ("concepts", "terms", "titles")}
    sources = [
        {"name": f"import:{card.name}", "release": card.release, "licence": card.licence, "rows": card.rows}
        for card in cards
    ]
    tables = dict(base.header["tables"])
    if cues := [cue for card in cards for cue in card.cues]:
        tables["cues"] = tables["cues"] | {"own": cues}
    drugs = {key: [cui, name, card.release] for card in cards for key, (cui, name) in card.clinical_drugs.items()}
    if drugs:
        tables["clinical_drugs"] = drugs
    return header | {"sources": [*base.header["sources"], *sources], "tables": tables}


def _with_titles(row: Row, known: dict[str, CodeRow]) -> Row:
    """The row with title and edition for its ICD-10-CM codes, where the present edition has them."""
    if all(code.system != _ICD for code in row.codes):
        return row
    codes = tuple(code if code.system != _ICD else _titled(code, known) for code in row.codes)
    return Row(row.type, row.name, row.forms, row.source, codes)


def _titled(code: CodeRow, known: dict[str, CodeRow]) -> CodeRow:
    if code.code not in known:
        is_listed = code.code.replace(".", "") in icd10cm.listed_codes()
        known[code.code] = icd10cm.code_row(code.code) if is_listed else code
    return known[code.code]


def stale_codes(vocabulary: Compiled) -> Iterator[tuple[str, str]]:
    """Source and code of each ICD-10-CM code that the present edition does not have."""
    listed = icd10cm.listed_codes()
    for concept in vocabulary.concepts:
        for code in concept.codes:
            if code[0] == _ICD and code[1].replace(".", "") not in listed:
                yield concept.source, code[1]
