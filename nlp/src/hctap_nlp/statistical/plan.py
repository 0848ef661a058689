"""The training plan: which corpora, of which genre and licence, and what is learnt from them.

Taggers learn to find the entities of their labels; `names` learn what annotators called those entities.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from hctap_core.errors import UnsupportedInput
from hctap_nlp.statistical.corpora import read_corpus
from hctap_nlp.statistical.genre import Genre
from hctap_nlp.statistical.training import Corpus, Document, Plan, TaggerPlan

# A piece shorter than this says too little of its genre.
_SHORTEST_PIECE = 250


def read_plan(path: Path, data: Path, *, leave_out: frozenset[str] = frozenset()) -> Plan:
    """The corpora, taggers and wordings of a plan file; `leave_out` names files to keep aside for measuring.

    Raises:
        UnsupportedInput: Where the plan cannot be understood or names a file that is not in `data`.
    """
    try:
        plan = yaml.safe_load(path.read_text(encoding="utf-8"))
        corpora = [_corpus(row, data, leave_out) for row in plan["corpora"]]
        taggers = [_tagger(row) for row in plan["taggers"]]
        names = [_tagger(row) for row in plan.get("names") or ()]
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        raise UnsupportedInput(
            f"{path.name} is no training plan.", remedy="See the one that ships in hctap_nlp/models/plan.yaml."
        ) from None
    return Plan(corpora, taggers, names)


def _corpus(row: Mapping[str, Any], data: Path, leave_out: frozenset[str]) -> Corpus:
    documents: list[Document] = []
    for name in row["files"]:
        if name in leave_out:
            continue
        path = data / name
        if not path.exists():
            raise UnsupportedInput(
                f"The corpus file {name} is not in {data}.", remedy="docs/models.md says where to get it."
            )
        documents += read_corpus(path, row.get("labels"))
    if chunk := row.get("chunk"):
        documents = list(_pieces(documents, int(chunk)))
    return Corpus(row["name"], Genre(row["genre"]), row["licence"], documents)


def _pieces(documents: Sequence[Document], size: int) -> Iterator[Document]:
    for document in documents:
        for begin in range(0, len(document.text), size):
            piece = document.text[begin : begin + size]
            if len(piece) >= _SHORTEST_PIECE:
                yield Document(f"{document.id}#{begin}", piece, ())


def _tagger(row: Mapping[str, Any]) -> TaggerPlan:
    return TaggerPlan(row["name"], Genre(row["genre"]), frozenset(row["labels"]), tuple(row["corpora"]))
