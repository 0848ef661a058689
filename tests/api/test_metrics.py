"""What Prometheus is told."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.clinic import LATEST_RUN, serve, settings_of

from hctap_api.main import create_app
from hctap_api.metrics import Metrics
from hctap_embedded.stack import Stack

_CHILD = """
import sys
from pathlib import Path
from hctap_api.metrics import Metrics
metrics = Metrics(Path(sys.argv[1]))
for _ in range(3):
    metrics.count_request("GET", "/health", 200, 0.01)
sys.stdout.buffer.write(metrics.render({}))
"""


@pytest.mark.stack
def test_metrics_tell_of_requests_stores_and_runs(api_url: str) -> None:
    httpx.get(f"{api_url}/v1/notes/cardiology-1").raise_for_status()
    httpx.get(f"{api_url}/v1/notes/nobody-knows-me")
    httpx.request("PROPFIND", f"{api_url}/pot/of/coffee")
    answer = httpx.get(f"{api_url}/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    said = answer.text
    assert 'hctap_http_requests_total{method="GET",route="/v1/notes/{note_id}",status="404"}' in said
    assert 'hctap_http_requests_total{method="other",route="unmatched",status="404"}' in said
    assert 'hctap_http_request_seconds_bucket{le="0.5",method="GET",route="/v1/notes/{note_id}"}' in said
    for name in ("hctap_run_age_seconds", "hctap_queue_waiting", "hctap_database_pool_connections"):
        assert f"\n{name} " in said
    assert "\nhctap_database_up 1.0" in said
    counts = httpx.get(f"{api_url}/v1/runs/{LATEST_RUN}").json()["counts"]
    assert f"\nhctap_notes {float(counts['notes'])}" in said
    assert f"\nhctap_entities {float(counts['entities'])}" in said
    assert "cardiology-1" not in said
    assert "nobody" not in said
    assert "coffee" not in said


@pytest.mark.stack
def test_metrics_say_that_the_database_is_away(stack: Stack, clinic_database: str) -> None:
    more = {"HCTAP_DATABASE_URL": "postgresql://127.0.0.1:9/nowhere"}
    with serve(create_app(settings_of(stack, clinic_database, **more))) as url:
        assert "\nhctap_database_up 0.0" in httpx.get(f"{url}/metrics", timeout=30).text


def test_processes_count_together(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    command = [sys.executable, "-c", _CHILD, str(tmp_path)]
    said = [subprocess.run(command, env=environment, check=True, capture_output=True).stdout for _ in range(2)]
    series = b'hctap_http_requests_total{method="GET",route="/health",status="200"}'
    assert series + b" 3.0" in said[0]
    assert series + b" 6.0" in said[1]


def test_what_the_cache_did_is_counted() -> None:
    metrics = Metrics()
    metrics.count_cached("hit")
    assert b'hctap_cache_answers_total{result="hit"} 1.0' in metrics.render({})
