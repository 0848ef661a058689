from hctap_etl.pipeline import pipeline_of
from hctap_nlp.extractors import Extractor


def test_the_pipeline_is_the_same_until_something_changes(extractor: Extractor) -> None:
    one = pipeline_of(extractor)
    assert one == pipeline_of(extractor)
    assert (one.extractor, one.vocabulary) == ("rules", extractor.vocabulary_hash)
    assert one.code_version.startswith(f"{extractor.version}+")
    assert one.hash != one.model_copy(update={"code_version": "other"}).hash
