"""Metrics for Prometheus: how many requests, how long, what failed; pool, cache, engine, queue, runs.

Labels are routes, methods, states: never an id, an address that a caller wrote, or a text.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# A caller may name a method of any kind, and each would be a series of its own.
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class Metrics:
    """What is counted while the API runs; `folder` is where the processes of a host count together, if they do."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "hctap_http_requests", "Requests by what became of them.", ("method", "route", "status"),
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "hctap_http_request_seconds", "How long requests took.", ("method", "route"),
            registry=self._registry, buckets=_BUCKETS,
        )  # fmt: skip
        self._cache = Counter(
            "hctap_cache_answers", "Answers that the cache had, had not, or was not there for.", ("result",),
            registry=self._registry,
        )  # fmt: skip
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count_request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count a request that is over, by its route's own path and not by its address."""
        key = (method if method in _METHODS else "other", route or "unmatched", status)
        series = self._series.get(key)
        if series is None:
            series = self._requests.labels(*map(str, key)), self._seconds.labels(*key[:2])
            self._series[key] = series
        series[0].inc()
        series[1].observe(seconds)

    def count_cached(self, result: str) -> None:
        """Count an answer for which the cache was asked: `hit`, `miss` or `away`."""
        self._cache.labels(result).inc()

    def render(self, now: Mapping[str, tuple[str, float]]) -> bytes:
        """All that was counted, and gauges of now by name with what each says, in Prometheus's text format."""
        counted = self._registry
        if self._folder is not None:
            counted = CollectorRegistry()
            MultiProcessCollector(counted, str(self._folder))  # type: ignore[no-untyped-call]  # theirs
        gauges = CollectorRegistry()
        for name, (says, value) in now.items():
            # Of now and of the whole installation: nothing to add up over processes, so not kept with the others.
            gauges.register(_Now(name, says, value))
        return generate_latest(counted) + generate_latest(gauges)


class _Now(Collector):
    """One gauge with one value."""

    def __init__(self, name: str, says: str, value: float) -> None:
        self._metric = GaugeMetricFamily(name, says, value=value)

    def collect(self) -> list[Metric]:
        """The gauge."""
        return [self._metric]
