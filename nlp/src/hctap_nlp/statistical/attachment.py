"""Whose attribute a span is: a result belongs to the nearest test of its sentence, a dose to the nearest medication."""

import re
from collections.abc import Iterable, Sequence

from hctap_nlp.extraction import FoundAttribute, Mention, ScoredSpan
from hctap_nlp.sentences import Sentences

_OWNERS = {"TEST_RESULT": "TEST", "DOSE": "MEDICATION", "ROUTE": "MEDICATION", "FREQUENCY": "MEDICATION"}
_KINDS = {"TEST_RESULT": "VALUE"}
_STRENGTH = re.compile(r"\d\s*(?:mcg|[µu]g|mg|g|kg|meq|mmol|%)\b", re.IGNORECASE)


def attach_attributes(
    text: str, sentences: Sentences, mentions: Sequence[Mention], spans: Iterable[ScoredSpan]
) -> None:
    """Give each span to a mention of its sentence, best to the one before it; without an owner it is dropped."""
    for span in spans:
        begin, end = sentences.at(span.begin)
        owners = [m for m in mentions if m.type == _OWNERS[span.label] and begin <= m.begin < end]
        before = [m for m in owners if m.end <= span.begin]
        after = [m for m in owners if m.begin >= span.end]
        owner = before[-1] if before else after[0] if after else None
        if owner is not None:
            said = text[span.begin : span.end].lower()
            owner.attributes.append(FoundAttribute(_kind_of(span.label, said), span.begin, span.end, said))


def _kind_of(label: str, said: str) -> str:
    if label == "DOSE" and _STRENGTH.search(said):
        return "STRENGTH"
    return _KINDS.get(label, label)
