"""The engine as a spaCy component: `nlp.add_pipe("hctap")` fills `doc.ents` and `ent._.hctap`."""

from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from hctap_nlp.extractors import load_extractor

_DEFAULTS = {"extractor": "rules", "vocabulary_folder": None, "terms_folder": None}


def default_vocabulary_folder() -> Path:
    """Where the compiled vocabulary is kept when nothing else is said: `~/.cache/hctap`."""
    return Path.home() / ".cache" / "hctap"


@Language.factory("hctap", default_config=_DEFAULTS)
def make_component(
    nlp: Language, name: str, extractor: str, vocabulary_folder: str | None, terms_folder: str | None
) -> "HctapComponent":
    """The component for a pipeline; see `hctap_nlp.extractors` for the extractors' names."""
    del nlp, name
    folder = Path(vocabulary_folder) if vocabulary_folder else default_vocabulary_folder()
    return HctapComponent(extractor, folder, Path(terms_folder) if terms_folder else None)


class HctapComponent:
    """Sets `doc.ents` (labels are entity types) and on each span `_.hctap`, the whole entity record.

    A mention that does not begin and end at token borders is widened to the tokens that it touches.
    """

    def __init__(self, extractor: str, vocabulary_folder: Path, terms_folder: Path | None = None) -> None:
        self._extractor = load_extractor(extractor, vocabulary_folder, terms=terms_folder)
        for owner in (Span, Doc):
            if not owner.has_extension("hctap"):
                owner.set_extension("hctap", default=None)

    def __call__(self, doc: Doc) -> Doc:
        """The document with its entities and sections."""
        extraction = self._extractor.extract(doc.text)
        doc._.hctap = extraction.section_records()
        spans: list[Span] = []
        for record in extraction.entity_records("doc", "spacy"):
            span = doc.char_span(record["begin"], record["end"], label=record["entity_type"], alignment_mode="expand")
            if span is not None and (not spans or spans[-1].end <= span.start):
                spans.append(span)
                _keep(span, record)
        doc.set_ents(spans)
        return doc


def _keep(span: Span, record: dict[str, Any]) -> None:
    span._.hctap = record
