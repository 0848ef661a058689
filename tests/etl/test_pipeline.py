from pathlib import Path

from hctap_embedded.stack import Stack
from hctap_etl.pipeline import pipeline_of
from hctap_nlp.extractors import Extractor, load_extractor


def test_the_pipeline_is_the_same_until_something_changes(extractor: Extractor) -> None:
    one = pipeline_of(extractor)
    assert one == pipeline_of(extractor)
    assert (one.extractor, one.vocabulary) == ("rules", extractor.vocabulary_hash)
    assert one.code_version.startswith(f"{extractor.version}+")
    assert one.hash != one.model_copy(update={"code_version": "other"}).hash


def test_a_row_of_the_users_own_is_another_pipeline(extractor: Extractor, stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("- {term: zorblax, type: PROBLEM}\n")
    own = load_extractor("rules", stack.home / "vocabulary", terms=tmp_path)
    assert pipeline_of(own).hash != pipeline_of(extractor).hash
