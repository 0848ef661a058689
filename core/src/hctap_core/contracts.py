"""The contracts: JSON Schemas (draft 2020-12) from the models, the buckets, and the samples compiled from their marks.

`python -m hctap_core.contracts ROOT` writes them, `--check` only says which are stale.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hctap_core.buckets import render_buckets
from hctap_core.entities import Entity
from hctap_core.gold import GoldNote
from hctap_core.markup import read_marked
from hctap_core.notes import Note
from hctap_core.runs import Manifest, Run
from hctap_core.sections import Section

SCHEMAS: dict[str, type[BaseModel]] = {
    "note": Note,
    "section": Section,
    "entity": Entity,
    "gold": GoldNote,
    "run": Run,
    "manifest": Manifest,
}
# Computed where they are not given, so a note may come without them.
_COMPUTED = {"note": ("checksum", "content_sha256")}


def render_schema(name: str) -> str:
    """The JSON Schema of a model as the text of its file."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= SCHEMAS[name].model_json_schema()
    schema["required"] = [key for key in schema.get("required", ()) if key not in _COMPUTED.get(name, ())]
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def render_samples(folder: Path) -> tuple[str, str]:
    """The notes and the gold of a folder of marked notes, as the text of `notes.jsonl` and `gold.jsonl`."""
    pairs = [read_marked(path.read_bytes().decode()) for path in sorted((folder / "marked").glob("*.txt"))]
    notes = "".join(note.to_json().decode() + "\n" for note, _ in pairs)
    gold = "".join(
        json.dumps(g.model_dump(mode="json", exclude_unset=True), ensure_ascii=False, sort_keys=True) + "\n"
        for _, g in pairs
    )
    return notes, gold


def render_all(root: Path) -> dict[Path, str]:
    """Every generated file below `root` with what it must hold."""
    files = {root / "contracts" / f"{name}.schema.json": render_schema(name) for name in SCHEMAS}
    files[root / "contracts" / "buckets.json"] = render_buckets()
    for half in ("dev", "test"):
        folder = root / "samples" / half
        if folder.is_dir():
            files[folder / "notes.jsonl"], files[folder / "gold.jsonl"] = render_samples(folder)
    return files


def stale_files(files: dict[Path, str]) -> list[Path]:
    """The files that do not hold what they must."""
    return [path for path, text in files.items() if not path.is_file() or path.read_bytes() != text.encode()]


def main(arguments: list[str] | None = None) -> int:
    """Write the generated files, or with `--check` name the stale ones on standard error and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    files = render_all(given.root)
    stale = stale_files(files)
    if given.check:
        for path in stale:
            sys.stderr.write(f"stale: {path}; run `make contracts` and commit the result\n")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[path].encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
