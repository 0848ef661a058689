"""A compiled vocabulary for the tests that start the engine's program."""

from pathlib import Path

import pytest

from hctap_nlp.vocabulary.build import ensure


@pytest.fixture(scope="session")
def vocabulary_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vocabulary")
    ensure(folder)
    return folder
