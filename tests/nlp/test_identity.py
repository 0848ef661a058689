from pathlib import Path

import pytest

from hctap_core.errors import ExtractorUnavailable, UnknownExtractor
from hctap_nlp.extractors import EXTRACTORS, load_extractor
from hctap_nlp.extractors.identity import Identity, foresee
from hctap_nlp.vocabulary import artefact
from hctap_nlp.vocabulary.build import path_of


@pytest.mark.parametrize("name", EXTRACTORS)
def test_what_is_foreseen_is_what_the_loaded_extractor_says(name: str, vocabulary_folder: Path) -> None:
    loaded = load_extractor(name, vocabulary_folder)
    expected = Identity(loaded.name, loaded.version, loaded.vocabulary_hash, loaded.model_hash)
    assert foresee(name, vocabulary_folder) == expected
    assert (expected.model_hash is None) == (name == "rules")


def test_nothing_is_foreseen_before_the_vocabulary_is_compiled(tmp_path: Path) -> None:
    assert foresee("rules", tmp_path) is None


@pytest.mark.usefixtures("vocabulary")
def test_rows_of_the_users_own_are_for_loading_to_tell(vocabulary_folder: Path, tmp_path: Path) -> None:
    assert foresee("rules", vocabulary_folder, terms=tmp_path) is not None
    (tmp_path / "own.yaml").write_text("- {term: zorblax, type: PROBLEM}\n")
    assert foresee("rules", vocabulary_folder, terms=tmp_path) is None


def test_an_unknown_name_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnknownExtractor, match="magic"):
        foresee("magic", tmp_path)


@pytest.mark.usefixtures("vocabulary")
@pytest.mark.parametrize(("begin", "end"), [(0, 1000), (1000, None), (0, 0)])
def test_a_damaged_vocabulary_is_said_before_a_run_is_named_by_it(
    begin: int, end: int | None, vocabulary_folder: Path, tmp_path: Path
) -> None:
    whole = path_of(vocabulary_folder).read_bytes()
    path_of(tmp_path).write_bytes(whole[begin:end])
    with pytest.raises(ExtractorUnavailable, match="damaged"):
        foresee("rules", tmp_path)


@pytest.mark.usefixtures("vocabulary")
def test_a_vocabulary_is_seen_to_be_whole_once_for_each_content(
    vocabulary_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = path_of(vocabulary_folder).read_bytes()
    path_of(tmp_path).write_bytes(whole)
    first = foresee("rules", tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(artefact, "check", None)
        assert foresee("rules", tmp_path) == first
    path_of(tmp_path).write_bytes(whole[:-1])
    with pytest.raises(ExtractorUnavailable, match="damaged"):
        foresee("rules", tmp_path)
