"""The model that ships with the engine: a folder of CRFsuite files and a card that says what they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Any

from hctap_nlp.extraction import ScoredSpan
from hctap_nlp.sentences import Sentences
from hctap_nlp.statistical.card import read_card, shipped_folder
from hctap_nlp.statistical.consistency import spread
from hctap_nlp.statistical.crf import CrfTagger
from hctap_nlp.statistical.features import VocabularyTags, features_of
from hctap_nlp.statistical.genre import Genre, GenreClassifier
from hctap_nlp.statistical.names import Named, Names
from hctap_nlp.statistical.tokens import sentences_of
from hctap_nlp.vocabulary.variants import key_of


@dataclass(frozen=True)
class Model:
    """Taggers and wordings by genre, loaded when a text of the genre comes."""

    folder: Traversable
    card: Mapping[str, Any]
    hash: str
    _taggers: dict[str, CrfTagger] = field(default_factory=dict)

    @cached_property
    def genres(self) -> GenreClassifier:
        """The genre classifier."""
        return GenreClassifier(self.folder.joinpath(self.card["genre"]).read_bytes())

    @cached_property
    def _names(self) -> dict[str, Names]:
        files: Mapping[str, str] = self.card.get("names", {})
        return {genre: Names(self.folder.joinpath(name).read_text(encoding="utf-8")) for genre, name in files.items()}

    def named(self, genre: Genre, kind: str, said: str) -> Named | None:
        """What annotators of the genre's texts called an entity of this type and wording, where they did."""
        names = self._names.get(genre.value)
        return names.find(kind, key_of(said)) if names else None

    def reads(self, genre: Genre) -> bool:
        """Whether there is a tagger for the genre."""
        return genre.value in self.card["taggers"]

    def labels(self, genre: Genre) -> frozenset[str]:
        """The labels that the genre's taggers know."""
        return frozenset(
            label for plan in self.card["plans"] if plan["genre"] == genre.value for label in plan["labels"]
        )

    def spans(self, text: str, genre: Genre, sentences: Sentences, tags: VocabularyTags) -> list[ScoredSpan]:
        """The spans that the genre's taggers find, labelled by entity or attribute type, in text order."""
        taggers = [self._tagger(name) for name in self.card["taggers"][genre.value]]
        found: list[ScoredSpan] = []
        for sentence in sentences_of(text, sentences):
            features = features_of(sentence, tags)
            for tagger in taggers:
                found += tagger.spans(sentence, features)
        return spread(text, found)

    def _tagger(self, name: str) -> CrfTagger:
        if name not in self._taggers:
            self._taggers[name] = CrfTagger(self.folder.joinpath(name).read_bytes())
        return self._taggers[name]


def load_model(folder: Traversable | None = None) -> Model:
    """The model in a folder, by default the one that ships with the package.

    Raises:
        ExtractorUnavailable: Where the folder has no card or lacks a file that the card names.
    """
    folder = folder or shipped_folder()
    card = read_card(folder)
    return Model(folder, card.content, card.hash)
