"""A linear-chain conditional random field as a tagger of spans (J. Lafferty et al., ICML 2001), by CRFsuite."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pycrfsuite

from hctap_core.errors import ExtractorUnavailable
from hctap_core.matching import Span
from hctap_nlp.extraction import ScoredSpan
from hctap_nlp.statistical.tokens import Token

# L1 0.1 and L2 0.05 after 80 steps: chosen on bc5cdr.dev and maccrobat2020.dev; more steps gain under 0.2 F1.
_TRAINING = {"c1": 0.1, "c2": 0.05, "max_iterations": 80, "feature.possible_transitions": False}


class CrfTagger:
    """Labels the tokens of a sentence and joins them to spans."""

    def __init__(self, data: bytes) -> None:
        self._data = data  # CRFsuite reads from these bytes and keeps no copy of them
        self._tagger = pycrfsuite.Tagger()
        try:
            self._tagger.open_inmemory(data)
        except ValueError:
            raise ExtractorUnavailable(
                "A model file is damaged.", remedy="Install hctap-nlp again, or train the model again."
            ) from None

    def spans(self, sentence: Sequence[Token], features: list[list[str]]) -> list[ScoredSpan]:
        """The spans of a sentence, in order, none overlapping another; scored by the least sure of their tokens."""
        found: list[ScoredSpan] = []
        label, begin, end, score = "", 0, 0, 1.0
        for place, (token, tag) in enumerate(zip(sentence, self._tagger.tag(features), strict=True)):
            if label and (tag[0] != "I" or tag[2:] != label):
                found.append(ScoredSpan(begin, end, label, score))
                label = ""
            if tag[0] != "O":
                if not label:
                    label, begin, score = tag[2:], token.begin, 1.0
                end = token.end
                score = min(score, self._tagger.marginal(tag, place))
        if label:
            found.append(ScoredSpan(begin, end, label, score))
        return found


def labels_of(sentence: Sequence[Token], spans: Iterable[Span]) -> list[str]:
    """BIO labels of a sentence's tokens; a token belongs to the first span that holds all of it."""
    labels = ["O"] * len(sentence)
    for span in spans:
        prefix = "B-"
        for i, token in enumerate(sentence):
            if token.begin >= span.begin and token.end <= span.end and labels[i] == "O":
                labels[i] = prefix + span.label
                prefix = "I-"
    return labels


def train_crf(examples: Iterable[tuple[list[list[str]], list[str]]], path: Path) -> None:
    """Train a model on (features, labels) of sentences and write it; the same examples give the same bytes."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for features, labels in examples:
        trainer.append(features, labels)
    trainer.set_params(_TRAINING)
    trainer.train(str(path))
