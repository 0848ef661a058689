"""What a run's results depend on, as a record: the engine's code, its vocabulary, its settings."""

import hashlib
from importlib import metadata
from pathlib import Path

import hctap_nlp
from hctap_core.runs import Pipeline
from hctap_nlp.extractors import Extractor


def pipeline_of(extractor: Extractor) -> Pipeline:
    """The pipeline of a run with this extractor."""
    return Pipeline(
        extractor=extractor.name,
        extractor_version=extractor.version,
        code_version=f"{metadata.version('hctap-nlp')}+{_code_hash()}",
        vocabulary=extractor.vocabulary_hash,
        model=extractor.model_hash,
        settings=dict(getattr(extractor, "settings", {})),
    )


def _code_hash() -> str:
    # The release alone would call two states of a checkout the same pipeline.
    folder = Path(hctap_nlp.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
