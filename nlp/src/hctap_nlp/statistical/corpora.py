"""Readers of annotated corpora: JSON Lines, BRAT standoff, PubTator.

- JSON Lines: `{"id","text","entities":[{"start"|"begin","end","std"|"label"|"entity_type","code"}]}`; an entity without
  a comparable label (`std` null) is left out, `code` (`MESH:D006470|D003556`) may be.
- BRAT (https://brat.nlplab.org/standoff.html): `X.txt` beside `X.ann`; of a discontinuous span the hull is taken.
- PubTator (https://www.ncbi.nlm.nih.gov/research/pubtator3/tutorial): `id|t|title`, `id|a|abstract`, then lines of
  fields parted by tabs.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from hctap_core.errors import UnsupportedInput
from hctap_core.matching import Span
from hctap_nlp.statistical.names import Name, descriptors_in
from hctap_nlp.statistical.training import Document

_BRAT = re.compile(r"T\d+\t(?P<label>\S+) (?P<spans>[\d ;]+)\t")
_PUBTATOR_TEXT = re.compile(r"(?P<id>[^|]+)\|(?P<part>[ta])\|(?P<text>.*)")
_PUBTATOR_FIELDS = 5


def read_corpus(path: Path, labels: Mapping[str, str] | None = None) -> list[Document]:
    """The documents of a file or folder, by their order there; `labels` renames a corpus's own labels.

    Raises:
        UnsupportedInput: Where the path is none of the three forms.
    """
    if path.is_dir():
        documents = _read_brat(path)
    elif path.suffix == ".jsonl":
        documents = _read_jsonl(path)
    elif path.suffix.lower() in {".pubtator", ".txt"}:
        documents = _read_pubtator(path)
    else:
        raise UnsupportedInput(
            f"{path.name} is no corpus.", remedy="Give a .jsonl file, a .pubtator file or a folder with .txt and .ann."
        )
    names = labels or {}
    return [
        Document(
            d.id,
            d.text,
            tuple(Span(s.begin, s.end, names.get(s.label, s.label)) for s in d.spans),
            tuple(n._replace(label=names.get(n.label, n.label)) for n in d.names),
        )
        for d in documents
    ]


def _read_jsonl(path: Path) -> Iterator[Document]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                record = json.loads(line)
                spans, named = [], []
                for entity in record.get("entities") or ():
                    label = entity["std"] if "std" in entity else entity.get("entity_type", entity.get("label"))
                    if label:
                        begin = entity.get("begin", entity.get("start"))
                        spans.append(Span(begin, entity["end"], label))
                        said = record["text"][begin : entity["end"]]
                        named.append(Name(label, said, descriptors_in(entity.get("code") or "")))
                yield Document(str(record["id"]), record["text"], tuple(spans), tuple(named))


def _read_brat(folder: Path) -> Iterator[Document]:
    for path in sorted(folder.glob("*.txt")):
        spans = []
        for line in path.with_suffix(".ann").read_text(encoding="utf-8").splitlines():
            if found := _BRAT.match(line):
                offsets = [int(number) for number in re.findall(r"\d+", found["spans"])]
                spans.append(Span(min(offsets), max(offsets), found["label"]))
        yield Document(path.stem, path.read_bytes().decode(), tuple(spans))


def _read_pubtator(path: Path) -> Iterator[Document]:
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        texts: dict[str, str] = {}
        spans, named = [], []
        name = ""
        for line in block.splitlines():
            if found := _PUBTATOR_TEXT.fullmatch(line):
                name = found["id"]
                texts[found["part"]] = found["text"]
            elif len(fields := line.split("\t")) >= _PUBTATOR_FIELDS and fields[1].isdigit():
                spans.append(Span(int(fields[1]), int(fields[2]), fields[4]))
                named.append(Name(fields[4], fields[3], descriptors_in(" ".join(fields[_PUBTATOR_FIELDS:]))))
        yield Document(name, f"{texts.get('t', '')} {texts.get('a', '')}", tuple(spans), tuple(named))
