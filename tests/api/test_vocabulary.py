"""What the engine knows, asked of a real worker process."""

import httpx
import pytest

from hctap_core.vocabularies import CodeFound, ModelsInfo, TermsFound, VocabularyInfo

pytestmark = pytest.mark.stack


def test_sources_have_releases_and_licences(engine_url: str) -> None:
    info = VocabularyInfo.model_validate_json(httpx.get(f"{engine_url}/v1/vocabulary").content)
    assert {"curated", "icd10cm", "hpo"} <= {source.name for source in info.sources}
    assert all(source.licence for source in info.sources)
    assert sum(info.by_type.values()) == info.concepts
    assert info.own_rows == 1
    entity = httpx.post(f"{engine_url}/v1/extract", json={"text": "asthma"}).json()["entities"][0]
    assert entity["codes"][0]["release"] in {source.release for source in info.sources}


def test_models_name_their_files_by_hash(engine_url: str) -> None:
    info = ModelsInfo.model_validate_json(httpx.get(f"{engine_url}/v1/models").content)
    assert info.extractors == ("hybrid", "rules", "model")
    assert info.default_extractor in info.extractors
    assert {corpus for model in info.models for corpus in model.corpora} <= {corpus.name for corpus in info.corpora}
    assert all(len(file.sha256) == 64 and file.bytes > 0 for file in info.files)


@pytest.mark.parametrize(
    ("system", "code", "title", "term"),
    [
        ("ICD-10-CM", "I10", "Essential (primary) hypertension", "hypertension"),
        ("ICD-10-CM", "W55.21XA", "Bitten by cow, initial encounter", None),
    ],
)
def test_a_code_has_its_title_and_its_terms(
    engine_url: str, system: str, code: str, title: str, term: str | None
) -> None:
    # The titles are read from the library on first use.
    response = httpx.get(f"{engine_url}/v1/vocabulary/codes/{system}/{code}", timeout=60)
    found = CodeFound.model_validate_json(response.content)
    assert (found.display, bool(found.release)) == (title, True)
    assert term is None or any(term in concept.terms for concept in found.concepts)


@pytest.mark.parametrize(("path", "status"), [("ICD-10-CM/Q99.99", 404), ("HPO/HP:1", 404), ("NDC/1", 422)])
def test_a_code_that_is_not_known_is_said(engine_url: str, path: str, status: int) -> None:
    assert httpx.get(f"{engine_url}/v1/vocabulary/codes/{path}").status_code == status


def test_terms_are_found_by_words(engine_url: str) -> None:
    def search(**body: object) -> TermsFound:
        return TermsFound.model_validate_json(httpx.post(f"{engine_url}/v1/vocabulary/terms/search", json=body).content)

    found = search(words="Chest Pain", entity_type="PROBLEM", limit=5).terms
    assert len(found) == 5
    assert all("chest pain" in one.term and one.entity_type == "PROBLEM" for one in found)
    assert found[0].term.startswith("chest pain")
    assert search(words="zorbli").terms[0].codes[0].code == "R69"
    assert search(words="!!").terms == ()
    assert search(words="qqqqqq").terms == ()
