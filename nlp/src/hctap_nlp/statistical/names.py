"""What annotators of abstracts call diseases and chemicals: each wording with the MeSH descriptors they gave it most.

A file of a model has a line for each type and wording: type, key of the wording, descriptors, how often they were
given, how often the wording stood.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from hctap_nlp.vocabulary.variants import key_of

_DESCRIPTOR: Final = re.compile(r"\b[CD]\d{6,9}\b")


class Name(NamedTuple):
    """A mention's entity type and text, and the descriptors that its annotators gave it."""

    label: str
    text: str
    mesh: tuple[str, ...]


class Named(NamedTuple):
    """The descriptors of a wording, how often annotators gave them, and how often the wording stood."""

    mesh: tuple[str, ...]
    given: int
    times: int


class Names:
    """The wordings of a model's file."""

    def __init__(self, content: str) -> None:
        self._known: dict[tuple[str, str], Named] = {}
        for line in content.splitlines():
            kind, key, mesh, given, count = line.split("\t")
            self._known[kind, key] = Named(tuple(mesh.split()), int(given), int(count))

    def find(self, kind: str, key: str) -> Named | None:
        """What a wording of this type and key (`key_of`) was called."""
        return self._known.get((kind, key))


def descriptors_in(code: str) -> tuple[str, ...]:
    """The MeSH descriptors and supplementary records in an annotator's code (`MESH:D006470|D003556`), in order."""
    return tuple(dict.fromkeys(_DESCRIPTOR.findall(code)))


def learn_names(names: Iterable[Name], path: Path) -> None:
    """Write the file of the wordings in these mentions; of descriptors given as often, the first in order."""
    said: dict[tuple[str, str], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for name in names:
        key = key_of(name.text)
        if key and name.mesh:
            said[name.label, key][name.mesh] += 1
    lines = []
    for (kind, key), counts in sorted(said.items()):
        mesh, given = min(counts.items(), key=lambda one: (-one[1], one[0]))
        lines.append("\t".join((kind, key, " ".join(mesh), str(given), str(counts.total()))))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
