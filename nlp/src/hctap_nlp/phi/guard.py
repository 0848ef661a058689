"""The guard: an extractor that looks for identifiers first, and does with the text what the policy says."""

from dataclasses import replace

from hctap_core.errors import NoteRefused
from hctap_core.phi import PhiKind, PhiPolicy
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import Extraction
from hctap_nlp.extractors import Extractor
from hctap_nlp.phi.finding import count_kinds, load_finder
from hctap_nlp.phi.surrogates import replace_identifiers


class GuardedExtractor:
    """Hands texts to another extractor as the policy allows, and counts the identifiers in them by kind."""

    def __init__(self, extractor: Extractor, policy: PhiPolicy) -> None:
        self._extractor = extractor
        self._policy = policy
        self._finder = load_finder()
        self.name = extractor.name
        self.version = extractor.version
        self.vocabulary_hash = extractor.vocabulary_hash
        self.model_hash = extractor.model_hash
        self.settings = {**getattr(extractor, "settings", {}), **policy.settings}

    def extract(self, text: str) -> Extraction:
        """What the other extractor finds, with the counts; under `redact` its offsets are those of the surrogate.

        Raises:
            NoteRefused: Under `quarantine`, if the text has an identifier.
        """
        spans = self._finder.find(text)
        counts: dict[PhiKind, int] = count_kinds(spans)
        if spans and self._policy is PhiPolicy.QUARANTINE:
            raise NoteRefused(QuarantineReason.PHI, counts=counts)
        if spans and self._policy is PhiPolicy.REDACT:
            surrogate = replace_identifiers(text, spans)
            return replace(self._extractor.extract(surrogate.text), phi=counts, surrogate=surrogate)
        return replace(self._extractor.extract(text), phi=counts)


def guard(extractor: Extractor, policy: PhiPolicy) -> Extractor:
    """The extractor under a policy; under `off` it is left as it is."""
    return extractor if policy is PhiPolicy.OFF else GuardedExtractor(extractor, policy)
