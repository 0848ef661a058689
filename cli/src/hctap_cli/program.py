"""What the entry point hands to every command."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from hctap_cli.progress import Meter
from hctap_core.home import find_terms

if TYPE_CHECKING:
    from hctap_nlp.extractors import SpanReader


@dataclass(frozen=True)
class Program:
    """Where the program keeps its data, and where to print."""

    home: Path
    out: Console
    err: Console
    terms: Path | None

    @property
    def meter(self) -> Meter:
        """Where progress is shown."""
        return Meter(self.err)

    @property
    def vocabulary_folder(self) -> Path:
        """Where compiled vocabularies are kept."""
        return self.home / "vocabulary"

    def terms_folder(self, given: Path | None = None) -> Path | None:
        """The folder of the user's own terms: of the command, else of the settings, else of the home, if any."""
        return find_terms(self.home, given or self.terms)

    def load_extractor(self, name: str | None, terms: Path | None = None) -> "SpanReader":
        """The extractor of that name, or the default one; compiles the vocabulary on first use.

        Raises:
            UnsupportedInput: If one of the user's own terms is wrong.
            UnknownExtractor: With the names that are known.
            ExtractorUnavailable: If its vocabulary or model cannot be loaded.
        """
        from hctap_nlp.extractors import DEFAULT_EXTRACTOR, load_extractor

        folder = self.terms_folder(terms)
        return load_extractor(name or DEFAULT_EXTRACTOR, self.vocabulary_folder, self.meter.stage, terms=folder)
