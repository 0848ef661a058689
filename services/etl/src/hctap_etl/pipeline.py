"""What a run's results depend on, as a record: the engine's code, its vocabulary, its settings."""

import hashlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Protocol

import hctap_nlp
from hctap_core.runs import Pipeline


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
        code_version=f"{metadata.version('hctap-nlp')}+{_code_hash()}",
        vocabulary=extractor.vocabulary_hash,
        model=extractor.model_hash,
        settings=dict(getattr(extractor, "settings", {}) if settings is None else settings),
    )


def _code_hash() -> str:
    # The release alone would call two states of a checkout the same pipeline.
    folder = Path(hctap_nlp.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
