"""Reading a folder of a user's YAML files: every row with its file and line, or an error that names them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hctap_core.entities import EntityType
from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.own.rows import AbbreviationRow, OwnRow, TermRow, check_row

_TYPES_BY_FILE = {
    "problems": EntityType.PROBLEM,
    "drugs": EntityType.MEDICATION,
    "tests": EntityType.TEST,
    "procedures": EntityType.PROCEDURE,
    "anatomy": EntityType.ANATOMY,
}
_MOST_SHOWN = 10
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row and where it stands, as `file:line`."""

    place: str
    row: OwnRow


def read_own(folder: Path) -> tuple[PlacedRow, ...]:
    """The rows of the folder's YAML files, in the order of file names and lines.

    Raises:
        UnsupportedInput: Where the folder cannot be read, or rows are wrong; each is named with its file and line.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
        contents = [(path.name, path.read_bytes()) for path in files]
    except OSError as error:
        raise UnsupportedInput(
            f"The folder of own terms {folder} cannot be read: {error.strerror}.", remedy="Correct the path."
        ) from None
    faults: list[str] = []
    rows = [row for name, content in contents for row in _read_file(name, content, faults)]
    faults += _repetitions(rows)
    if faults:
        more = f"\n… and {len(faults) - _MOST_SHOWN} more" if len(faults) > _MOST_SHOWN else ""
        raise UnsupportedInput(
            f"These own terms in {folder} cannot be used:\n" + "\n".join(faults[:_MOST_SHOWN]) + more + "\n",
            remedy="Correct the rows; docs/vocabulary.md shows how they are written.",
        )
    return tuple(rows)


def _read_file(name: str, content: bytes, faults: list[str]) -> Iterator[PlacedRow]:
    kind_of_file = next((kind for begin, kind in _TYPES_BY_FILE.items() if name.startswith(begin)), None)
    for line, record in _records(content):
        try:
            yield PlacedRow(f"{name}:{line}", check_row(record, kind_of_file))
        except ValueError as error:
            faults.append(f"{name} line {line}: {error}")


def _records(content: bytes) -> Iterator[tuple[int, object]]:
    """Line and record of each row; where the file itself is wrong, the fault instead of a record."""
    loader = None
    try:
        # The constructor already looks at the first bytes.
        loader = _LOADER(content)
        node = loader.get_single_node()
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            yield node.start_mark.line + 1, ValueError("the file is not a list: begin each row with `- `")
            return
        for one in node.value:
            yield one.start_mark.line + 1, loader.construct_object(one, deep=True)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield line, ValueError(f"the file is not YAML: {error.problem}")
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        yield 1, ValueError("the file is not YAML in UTF-8")
    finally:
        if loader is not None:
            loader.dispose()


def _repetitions(rows: list[PlacedRow]) -> Iterator[str]:
    """A fault for each row that an earlier row of the same words leaves nothing to decide."""
    seen: dict[tuple[str, str], str] = {}
    for placed in rows:
        key = _key(placed.row)
        if key is not None:
            first = seen.setdefault(key, placed.place)
            if first != placed.place:
                file, _, line = placed.place.rpartition(":")
                yield f"{file} line {line}: the same words stand in {first.replace(':', ' line ')} already"


def _key(row: OwnRow) -> tuple[str, str] | None:
    said = row.term if isinstance(row, TermRow) else row.short if isinstance(row, AbbreviationRow) else None
    if said is None or not isinstance(row, TermRow | AbbreviationRow) or row.context or row.unless:
        return None
    # `ALS` as written and `als` may mean two things.
    return ("exact", said) if row.case else ("any", re.sub(r"\s+", " ", said.lower()))
