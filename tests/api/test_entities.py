"""The search among entities, on the real database."""

import csv
import io
import json
from typing import Any

import httpx
import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN, TEXTS, find_entities

from hctap_core.searches import EntityHit, EntityPage

pytestmark = pytest.mark.stack

ALL = [(note_id, entity) for note_id, text in TEXTS.items() for entity in find_entities(text)]
# Two notes have one text: its entities are found once.
DISTINCT = [(note_id, entity) for note_id, entity in ALL if note_id != "cardiology-2"]


def post(url: str, accept: str = "application/json", **body: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/entities/search", json=body, headers={"Accept": accept}, timeout=20)


def search(url: str, **body: Any) -> EntityPage:
    response = post(url, **body)
    assert response.status_code == 200, response.text
    return EntityPage.model_validate_json(response.content)


def texts_of(page: EntityPage) -> set[str]:
    return {entity.text for entity in page.entities}


def test_all_pages_together_are_all_entities_once(api_url: str) -> None:
    for order in ("note", "text", "score"):
        seen: list[EntityHit] = []
        cursor = None
        while not seen or cursor:
            page = search(api_url, order=order, limit=7, cursor=cursor)
            assert len(page.entities) <= 7
            seen += page.entities
            cursor = page.next_cursor
        assert sorted((hit.note_id, hit.begin, hit.text) for hit in seen) == sorted(
            (note_id, entity["begin"], entity["text"]) for note_id, entity in DISTINCT
        )
    assert [hit.norm_text for hit in search(api_url, order="text", limit=500).entities] == sorted(
        hit.norm_text for hit in search(api_url, limit=500).entities
    )


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        ({"text": "chest pain"}, {"chest pain"}),
        ({"text": "CHEST pains"}, {"chest pain"}),
        ({"text": "pain"}, {"chest pain"}),
        ({"text": "hest", "match": "part"}, {"chest pain"}),
        ({"text": "pneumnia", "match": "similar"}, {"pneumonia"}),
        ({"text": "hest"}, set()),
        ({"text": "%", "match": "part"}, set()),
        ({"text": "ast_ma", "match": "part"}, set()),
        ({"text": "'; DROP TABLE runs; --"}, set()),
        ({"text": "\\"}, set()),
        ({"entity_types": ["MEDICATION"]}, {"aspirin"}),
        ({"code": {"system": "ICD-10-CM", "code": "R07.9"}}, {"chest pain"}),
        ({"code": {"system": "ICD-10-CM", "prefix": "R0"}}, {"chest pain"}),
        ({"code": {"system": "ICD-10-CM", "prefix": "R_"}}, set()),
        ({"code": {"system": "ICD-10-CM"}}, {"chest pain"}),
        ({"code": {"system": "HPO"}}, set()),
        ({"assertion": {"negated": True}}, {"chest pain"}),
        ({"assertion": {"family": True}}, {"breast cancer", "breast"}),
        ({"assertion": {"family": True, "negated": True}}, set()),
        ({"sections": ["medications"]}, {"aspirin"}),
        ({"specialties": ["Changed"]}, {"asthma"}),
        ({"note_id": "changed-1"}, {"asthma"}),
        ({"note_id": "changed-1", "run_id": FIRST_RUN}, {"gout"}),
        ({"note_id": "nobody"}, set()),
        ({"min_score": 0.95}, set()),
    ],
)
def test_filters_narrow_the_search(api_url: str, asked: dict[str, Any], texts: set[str]) -> None:
    assert texts_of(search(api_url, **asked)) == texts


def test_a_shared_text_is_found_once_for_all_its_notes(api_url: str) -> None:
    hit = search(api_url, text="chest pain").entities[0]
    assert (hit.note_id, hit.also_in) == ("cardiology-1", ("cardiology-2",))
    assert search(api_url, note_id="cardiology-2", text="chest pain").entities[0].note_id == "cardiology-1"
    assert hit.codes[0].code == "R07.9"


def test_counts_and_facets_are_of_all_pages(api_url: str) -> None:
    page = search(api_url, limit=1, count=True, facets=["entity_type", "assertion", "code", "specialty", "section"])
    assert (page.total, page.total_is_exact, len(page.entities)) == (len(DISTINCT), True, 1)
    assert page.facets is not None
    facets = {facet.value: {one.value: one.entities for one in counts} for facet, counts in page.facets.items()}
    assert sum(facets["entity_type"].values()) == len(DISTINCT)
    assert facets["entity_type"]["MEDICATION"] == 1
    assert facets["assertion"]["negated"] == 1
    assert facets["code"] == {"ICD-10-CM R07.9": 1}
    assert facets["specialty"]["Changed"] == 1
    assert search(api_url, text="asthma", facets=["norm_text"]).facets


def test_a_cursor_is_good_for_its_own_search_only(api_url: str) -> None:
    cursor = search(api_url, limit=2).next_cursor
    assert cursor is not None
    assert search(api_url, limit=3, cursor=cursor, count=True).entities
    for body in (
        {"cursor": cursor, "order": "text"},
        {"cursor": cursor, "entity_types": ["PROBLEM"]},
        {"cursor": cursor[:-4]},
        {"cursor": "W10"},
        {"cursor": "é"},
        {"cursor": "-"},
        {"cursor": "bnVsbA"},
    ):
        response = post(api_url, **body)
        assert response.status_code == 400, response.text
        assert response.json()["type"] == "urn:hctap:problem:bad-input"


def test_a_run_that_does_not_exist_is_not_found(api_url: str) -> None:
    for accept in ("application/json", "text/csv"):
        response = post(api_url, accept, run_id="nothing")
        assert (response.status_code, response.json()["type"]) == (404, "urn:hctap:problem:run-not-found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "a\x00"}, "text"),
        ({"limit": 501}, "limit"),
        ({"limit": 10**30}, "limit"),
        ({"order": "begin"}, "order"),
        ({"run_id": "a b"}, "run_id"),
        ({"note_id": "a/b"}, "note_id"),
        ({"code": {"system": "X"}}, "code.system"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_cannot_be_searched_is_refused_by_field(api_url: str, body: dict[str, Any], field: str) -> None:
    response = post(api_url, **body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field


def test_lines_and_tables_hold_everything_the_pages_hold(api_url: str) -> None:
    lines = post(api_url, "application/x-ndjson", limit=1)
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    found = [EntityHit.model_validate_json(line) for line in lines.text.splitlines()]
    assert found == list(search(api_url, limit=500).entities)
    table = post(api_url, "text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert [row["text"].removeprefix("'") for row in rows] == [hit.text for hit in found]
    assert {row["run_id"] for row in rows} == {LATEST_RUN}
    assert rows[0]["negated"] in {"true", "false"}
    empty = post(api_url, "text/csv", text="nothing at all")
    assert len(empty.text.splitlines()) == 1
    assert json.loads(post(api_url, text="nothing at all").text)["entities"] == []
