"""MedCAT with its regular-expression tokenizer and a concept database of the terms; no MetaCAT, so no assertion.

The database is built once and kept beside the environment; later starts load it, as a user's would.
"""

import argparse
import csv
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from medcat.cat import CAT
from medcat.config import Config
from medcat.model_creation.cdb_maker import CDBMaker
from medcat.vocab import Vocab

from benchmarks.peers.protocol import Record, Spans, System, serve
from benchmarks.peers.terms import read_terms

_TYPES = ("PROBLEM", "MEDICATION", "TEST", "PROCEDURE", "ANATOMY")


class MedCat:
    """The pack, with what each of its concepts is."""

    packages = ("medcat",)

    def __init__(self, pack: Any) -> None:  # noqa: ANN401 - MedCAT is not installed where types are checked
        self._pack = pack

    def extract(self, text: str) -> Record:
        """Linked entities with the code of their concept."""
        entities = []
        for entity in _longest(self._pack.get_entities(text).get("entities", {}).values()):
            kind, _, code = entity["cui"].partition("|")
            code = code.partition("|")[0]
            entities.append(
                {
                    "begin": entity["start"],
                    "end": entity["end"],
                    "entity_type": kind,
                    "codes": [{"system": "ICD-10-CM", "code": code}] if code else [],
                }
            )
        return {"entities": entities, "sections": []}

    def read_spans(self, text: str, spans: Spans) -> None:  # noqa: ARG002 - the protocol's signature
        """Nothing: without a trained MetaCAT model it says nothing of given spans."""
        return


def _longest(entities: Iterable[Record]) -> list[Record]:
    """Of entities that overlap the longest, as its settings ask for but its tokenizer without spaCy does not give."""
    kept: list[Record] = []
    for entity in sorted(entities, key=lambda e: (e["start"] - e["end"], e["start"])):
        if all(entity["end"] <= other["start"] or entity["start"] >= other["end"] for other in kept):
            kept.append(entity)
    return sorted(kept, key=lambda e: int(e["start"]))


def _build(terms: Path, folder: Path) -> None:
    """A pack of the terms: a concept for each type, code and preferred name."""
    table = folder / "concepts.csv"
    folder.mkdir(parents=True, exist_ok=True)
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("cui", "name", "ontologies", "name_status", "type_ids", "description"))
        for term in read_terms(terms):
            # The separator of names in the table.
            name = term.surface.replace("|", " ")
            writer.writerow((f"{term.type}|{term.code}|{term.concept}", name, "T", "A", _TYPES.index(term.type), ""))
    config = Config()
    config.general.nlp.provider = "regex"
    config.general.log_level = logging.CRITICAL
    config.components.linking.similarity_threshold = -1
    config.components.ner.min_name_len = 2
    database = CDBMaker(config).prepare_csvs([str(table)])
    CAT(cdb=database, vocab=Vocab()).save_model_pack(
        str(folder), pack_name="pack", make_archive=False, add_hash_to_pack_name=False
    )


def load(given: argparse.Namespace) -> System:
    """The pack of the terms from the working folder; builds it first where there is none."""
    logging.disable(logging.CRITICAL)
    folder = Path(given.work) / f"pack-{given.terms.stem}"
    if not (folder / "pack" / "model_card.json").is_file():
        _build(given.terms, folder)
    return MedCat(CAT.load_model_pack(str(folder / "pack")))


if __name__ == "__main__":
    sys.exit(serve(load))
