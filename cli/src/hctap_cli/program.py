"""What the entry point hands to every command."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from hctap_cli.progress import Meter

if TYPE_CHECKING:
    from hctap_nlp.extractors import SpanReader


@dataclass(frozen=True)
class Program:
    """Where the program keeps its data, and where to print."""

    home: Path
    out: Console
    err: Console

    @property
    def meter(self) -> Meter:
        """Where progress is shown."""
        return Meter(self.err)

    @property
    def vocabulary_folder(self) -> Path:
        """Where compiled vocabularies are kept."""
        return self.home / "vocabulary"

    def load_extractor(self, name: str | None) -> "SpanReader":
        """The extractor of that name, or the default one; compiles the vocabulary on first use.

        Raises:
            UnknownExtractor: With the names that are known.
            ExtractorUnavailable: If its vocabulary or model cannot be loaded.
        """
        from hctap_nlp.extractors import DEFAULT_EXTRACTOR, load_extractor

        return load_extractor(name or DEFAULT_EXTRACTOR, self.vocabulary_folder, self.meter.stage)
