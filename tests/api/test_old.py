"""HC-TAP's own addresses, in its own shapes."""

from typing import Any

import httpx
import pytest
from tests.clinic import CARDIOLOGY_TEXT, LATEST_RUN, TEXTS, find_entities, serve, settings_of

from hctap_api.main import create_app
from hctap_core.notes import md5_of
from hctap_embedded.stack import Stack

pytestmark = pytest.mark.stack

NINE = {"note_id", "run_id", "entity_type", "text", "norm_text", "begin", "end", "score", "section"}


def get(url: str, path: str, **query: Any) -> Any:
    response = httpx.get(url + path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_note_has_its_four_fields_and_nine_keys_an_entity(api_url: str) -> None:
    note = get(api_url, "/notes/cardiology-1")
    assert set(note) == {"note_id", "specialty", "text", "checksum", "entities"}
    assert (note["text"], note["checksum"]) == (CARDIOLOGY_TEXT, md5_of(CARDIOLOGY_TEXT))
    found = find_entities(CARDIOLOGY_TEXT)
    assert [entity["text"] for entity in note["entities"]] == [
        entity["text"] for entity in found if entity["entity_type"] in {"PROBLEM", "MEDICATION"}
    ]
    assert all(set(entity) == NINE for entity in note["entities"])
    assert len(get(api_url, "/notes/cardiology-1", all=1)["entities"]) == len(found)


def test_search_gives_a_bare_list(api_url: str) -> None:
    found = get(api_url, "/search", q="PNEUM")
    assert [(entity["text"], set(entity)) for entity in found] == [("pneumonia", NINE)]
    assert {entity["entity_type"] for entity in get(api_url, "/search", limit=200)} == {"PROBLEM", "MEDICATION"}
    assert [entity["text"] for entity in get(api_url, "/search", type="MEDICATION")] == ["aspirin"]
    assert "ANATOMY" in {entity["entity_type"] for entity in get(api_url, "/search", all=1, limit=200)}
    assert get(api_url, "/search", q="%") == []
    assert len(get(api_url, "/search")) == 50


def test_stats_are_of_the_latest_run_or_of_one(api_url: str) -> None:
    latest = get(api_url, "/stats/latest")
    assert latest == get(api_url, f"/stats/run/{LATEST_RUN}")
    assert {"run_id", "note_count", "entity_count", "f1_exact_micro", "f1_relaxed_micro", "ts"} <= set(latest)
    assert (latest["run_id"], latest["note_count"]) == (LATEST_RUN, len(TEXTS) + 1)
    assert 0 < latest["f1_exact_micro"] <= 1


def test_config_says_where_the_data_lie(api_url: str) -> None:
    config = get(api_url, "/config")
    assert set(config) == {"RUN_ID", "NOTES_DIR", "ENRICHED_FILE", "RUN_MANIFEST", "ENRICHED_BUCKET"}
    assert (config["RUN_ID"], config["ENRICHED_BUCKET"]) == (LATEST_RUN, "clinic-enriched")


def test_extract_gives_nine_keys_of_the_two_old_types(engine_url: str) -> None:
    text = "Chest x-ray showed pneumonia. Aspirin 81 mg daily."
    answer = httpx.post(f"{engine_url}/extract", json={"text": text, "note_id": "n1", "more": 1}, timeout=30).json()
    assert set(answer) == {"entities"}
    assert [entity["text"] for entity in answer["entities"]] == ["pneumonia", "Aspirin"]
    assert all(set(entity) == NINE and entity["note_id"] == "n1" for entity in answer["entities"])
    every = httpx.post(f"{engine_url}/extract?all=1", json={"text": text}, timeout=30).json()
    assert "TEST" in {entity["entity_type"] for entity in every["entities"]}


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/notes/nobody", 404, "not_found"),
        ("/search?limit=0", 400, "bad_request"),
        ("/search?limit=201", 400, "bad_request"),
        ("/search?type=LAB", 422, "unprocessable_entity"),
        ("/stats/run/nobody", 404, "not_found"),
    ],
)
def test_errors_say_so_in_old_words_too(api_url: str, path: str, status: int, error: str) -> None:
    response = httpx.get(api_url + path)
    problem = response.json()
    assert (response.status_code, problem["status"]) == (status, status)
    assert problem["error"].startswith(error[:13])
    assert problem["message"]


def test_the_old_addresses_can_be_switched_off(stack: Stack, clinic_database: str, api_url: str) -> None:
    assert api_url
    with serve(create_app(settings_of(stack, clinic_database, HCTAP_API_OLD_PATHS="0"))) as url:
        assert httpx.get(f"{url}/search?q=pain").status_code == 404
        assert httpx.get(f"{url}/v1/notes").status_code == 200
