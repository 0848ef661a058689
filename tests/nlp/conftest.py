"""One compiled vocabulary and one extractor for all tests of the engine."""

from pathlib import Path

import pytest

from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.build import ensure


@pytest.fixture(scope="session")
def vocabulary_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vocabulary")


@pytest.fixture(scope="session")
def vocabulary(vocabulary_folder: Path) -> Compiled:
    return ensure(vocabulary_folder)


@pytest.fixture(scope="session")
def extractor(vocabulary: Compiled) -> RulesExtractor:
    return RulesExtractor(vocabulary)
