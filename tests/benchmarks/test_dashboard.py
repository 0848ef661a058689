"""What a page asks of the API, read from the API's own metrics."""

import pytest
from benchmarks.dashboard.calls import Calls, read_calls, summarise

from hctap_api.metrics import Metrics


def read(metrics: Metrics) -> Calls:
    return read_calls(metrics.render({}).decode())


def test_requests_of_a_page_are_counted_and_those_of_probes_are_not() -> None:
    metrics = Metrics()
    metrics.count_request("GET", "/v1/runs", 200, 0.5)
    before = read(metrics)
    metrics.count_request("GET", "/v1/runs/{run_id}", 200, 0.020)
    metrics.count_request("POST", "/v1/entities/search", 422, 0.005)
    for route in ("/metrics", "/health", "/ready"):
        metrics.count_request("GET", route, 200, 9.0)
    asked = read(metrics) - before
    assert asked.count == 2
    assert asked.duration_ms == pytest.approx(25)


def test_what_only_the_first_look_computes_counts() -> None:
    asked = summarise([Calls(4, 5700), Calls(4, 11), Calls(5, 13), Calls(4, 12)])
    assert (asked.count, asked.first_ms, asked.later_ms) == (5, 5700, 12)
    assert not asked.is_little
    assert summarise([Calls(5, 300), Calls(5, 12)]).is_little
    assert not summarise([Calls(6, 30), Calls(5, 12)]).is_little
