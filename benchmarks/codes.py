"""Which codes of one system answer a gold code of another, by tables of tab-separated values.

A table's first column is `mesh_ui` or `cui` (UMLS), the others are `icd10cm`, `hp`, `doid` or `mesh`, with `|` between
codes that are equally right. Gold codes read `SYSTEM:CODE`, several with `|`, `,` or `+` between them.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_COLUMNS: Final = {"icd10cm": "ICD-10-CM", "hp": "HPO", "doid": "DOID", "mesh": "MESH"}
_BARE: Final = frozenset({"HPO", "DOID", "MESH", "OMIM"})


class CodeMap:
    """The tables of a folder."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._table: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for path in paths:
            with path.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines, delimiter="\t"):
                    source = ("UMLS", row["cui"]) if "cui" in row else ("MESH", row["mesh_ui"])
                    for column, system in _COLUMNS.items():
                        self._table[source][system].update(code for code in (row.get(column) or "").split("|") if code)

    def acceptable(self, gold: Iterable[str], system: str) -> frozenset[str]:
        """The right answers in `system` for gold codes."""
        found: set[str] = set()
        for code in gold:
            head, _, rest = code.partition(":")
            for part in rest.replace("+", "|").replace(",", "|").split("|") if rest else ():
                one = part.strip().split(":")[-1]
                source = _source(head, one)
                if source == system:
                    found.add(clean_code(system, one))
                known = self._table.get((source, one), {}).get(system, ())
                found |= {clean_code(system, answer) for answer in known}
        return frozenset(found)


def clean_code(system: str, code: str) -> str:
    """A code in the form in which codes of a system are compared."""
    code = code.strip().upper()
    if system == "ICD-10-CM":
        return code.replace(".", "")
    return code.split(":")[-1] if system in _BARE else code


def _source(head: str, code: str) -> str:
    if not head.startswith("MESH"):
        return head
    return "MESH" if code[:1] in {"C", "D"} else "OMIM"
