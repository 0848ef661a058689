"""What need not be sent twice, or is sent small."""

import httpx
import pytest
from tests.clinic import FIRST_RUN, LATEST_RUN

pytestmark = pytest.mark.stack


def test_who_has_an_answer_is_told_so(api_url: str) -> None:
    first = httpx.get(f"{api_url}/v1/runs")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    again = httpx.get(f"{api_url}/v1/runs", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert httpx.get(f"{api_url}/v1/runs?limit=1", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/notes/cardiology-1", "/notes/cardiology-1", "/search?q=pain", "/v1/audit"])
def test_what_may_hold_text_is_kept_by_nobody(api_url: str, path: str) -> None:
    answer = httpx.get(f"{api_url}{path}")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_large_answers_come_small(api_url: str) -> None:
    large = httpx.get(f"{api_url}/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert large.headers["content-encoding"] == "gzip"
    assert large.headers["vary"] == "Accept-Encoding"
    as_it_is = httpx.get(f"{api_url}/openapi.json", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in as_it_is.headers
    assert as_it_is.content == large.content
    assert large.json()["info"]
    assert "content-encoding" not in httpx.get(f"{api_url}/health", headers={"Accept-Encoding": "gzip"}).headers


def test_a_comparison_of_finished_runs_is_made_once(api_url: str) -> None:
    def hits() -> float:
        lines = httpx.get(f"{api_url}/metrics").text.splitlines()
        name = 'hctap_cache_answers_total{result="hit"}'
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    path = f"{api_url}/v1/runs/{FIRST_RUN}/compare/{LATEST_RUN}"
    first, before = httpx.get(path), hits()
    assert httpx.get(path).content == first.content
    assert hits() == before + 1
