"""What a run's results depend on, as a record: code and data that decide them, the vocabulary, the settings."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

from hctap_core.runs import Pipeline
from hctap_remote.options import REMOTE_EXTRACTORS

# Of packages that do much else, what says how a record reads and how it is written.
DECIDING: Final = {
    "hctap_core": ("code_reasons.py", "entities.py", "phi.py", "sections.py"),
    "hctap_etl": ("pieces.py", "rendering.py"),
    "hctap_stores": ("database/rows.py",),
}
# The model is large, and its card's hash is a part of the pipeline by itself.
_LEFT_OUT: Final = frozenset({"__pycache__", "models"})


class Identified(Protocol):
    """An extractor, or what one will say of itself."""

    @property
    def name(self) -> str:
        """The name it is asked for by."""
        ...

    @property
    def version(self) -> str:
        """The release of the engine."""
        ...

    @property
    def vocabulary_hash(self) -> str | None:
        """The hash of its vocabulary."""
        ...

    @property
    def model_hash(self) -> str | None:
        """The hash of its model, None without one."""
        ...


def pipeline_of(extractor: Identified, settings: Mapping[str, str] | None = None) -> Pipeline:
    """The pipeline of a run with this extractor, by its own settings unless others are given."""
    return Pipeline(
        extractor=extractor.name,
        extractor_version=extractor.version,
        code_version=f"{metadata.version('hctap-nlp')}+{_code_hash(extractor.name)}",
        vocabulary=extractor.vocabulary_hash,
        model=extractor.model_hash,
        settings=dict(getattr(extractor, "settings", {}) if settings is None else settings),
    )


def _code_hash(extractor: str) -> str:
    # The release alone would call two states of a checkout the same pipeline.
    whole = ("hctap_nlp", "hctap_remote") if extractor in REMOTE_EXTRACTORS else ("hctap_nlp",)
    digest = hashlib.sha256()
    for package in (*whole, *DECIDING):
        folder = _folder_of(package)
        for name in DECIDING.get(package) or sorted(_files_of(folder)):
            digest.update(f"{package}/{name}\0".encode() + (folder / name).read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _folder_of(package: str) -> Path:
    # Found without importing what a start does not need yet.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent


def _files_of(folder: Path) -> Iterator[str]:
    """The files of a package by their paths in it, without those that an editor or a system hides."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        within = "".join(f"{part}/" for part in Path(place).relative_to(folder).parts)
        yield from (within + name for name in names if not name.startswith("."))
