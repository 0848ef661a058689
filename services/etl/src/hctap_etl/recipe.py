"""What worker processes load their extractor from."""

from dataclasses import dataclass
from pathlib import Path

from hctap_core.phi import PhiPolicy
from hctap_core.runs import Pipeline
from hctap_etl.pipeline import pipeline_of


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an extractor is loaded from: its name, the folder of compiled vocabularies, the user's own terms.

    `phi` is what is done about identifiers of persons before it reads.
    """

    extractor: str
    vocabulary: Path
    terms: Path | None = None
    phi: PhiPolicy = PhiPolicy.OFF

    def foresee(self) -> Pipeline | None:
        """The pipeline of a run by this recipe, without loading anything; None where only loading tells.

        Raises:
            UnknownExtractor: With the names that are known.
            ExtractorUnavailable: If it could not be loaded.
        """
        from hctap_nlp.extractors.identity import foresee

        identity = foresee(self.extractor, self.vocabulary, terms=self.terms)
        return pipeline_of(identity, self.phi.settings) if identity else None
