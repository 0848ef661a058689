"""What the engine knows and which models it ships: the records of the API."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hctap_core.entities import CodeSystem, EntityType

MAX_TERM_CHARACTERS: Final = 200
MAX_TERMS: Final = 200


def _check_words(words: str) -> str:
    if not words.strip():
        raise ValueError("The words are empty.")
    return words


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VocabularySource(_Record):
    """One source of the vocabulary."""

    name: str
    release: str
    licence: str
    rows: int
    concepts: int


class VocabularyInfo(_Record):
    """The vocabulary that is installed; `hash` is the name under which results refer to it."""

    hash: str
    terms: int
    concepts: int
    by_type: dict[str, int]
    sources: tuple[VocabularySource, ...]
    own_rows: int
    own_hash: str | None = None


class ConceptCode(_Record):
    """A code of a concept."""

    system: CodeSystem
    code: str
    display: str
    release: str


class TermFound(_Record):
    """A term and what it means."""

    term: str
    entity_type: EntityType
    name: str
    source: str
    codes: tuple[ConceptCode, ...]


class TermsFound(_Record):
    """Terms that hold the words asked for, those that begin with them first."""

    terms: tuple[TermFound, ...]


class TermSearch(_Record):
    """Words to look for among the terms."""

    words: Annotated[str, Field(min_length=1, max_length=MAX_TERM_CHARACTERS), AfterValidator(_check_words)]
    entity_type: EntityType | None = None
    limit: int = Field(default=20, ge=1, le=MAX_TERMS)


class CodedConcept(_Record):
    """A concept that carries a code, with the terms that name it (at most 50)."""

    entity_type: EntityType
    name: str
    source: str
    codes: tuple[ConceptCode, ...]
    terms: tuple[str, ...]


class CodeFound(_Record):
    """A code with its title and edition, and the concepts of the vocabulary that carry it."""

    system: CodeSystem
    code: str
    display: str
    release: str
    concepts: tuple[CodedConcept, ...]


class Corpus(_Record):
    """A corpus that the models were trained on."""

    name: str
    genre: str
    licence: str
    documents: int
    spans: int


class ModelFile(_Record):
    """A file of the models."""

    name: str
    bytes: int
    sha256: str


class ModelInfo(_Record):
    """A tagger: what it reads, what it finds, on which corpora it was trained."""

    name: str
    genre: str
    labels: tuple[str, ...]
    corpora: tuple[str, ...]


class ModelsInfo(_Record):
    """The extractors that can be asked for, and the models and their files that ship with the engine."""

    extractors: tuple[str, ...]
    default_extractor: str
    version: str
    hash: str
    models: tuple[ModelInfo, ...]
    corpora: tuple[Corpus, ...]
    files: tuple[ModelFile, ...]
