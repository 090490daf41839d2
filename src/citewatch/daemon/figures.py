"""Figures for Prometheus, in a registry of our own. Nothing else knows prometheus-client."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from citewatch.daemon.vitals import Vitals
from citewatch.domain.papers import Instant
from citewatch.services.desk import PassResult

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_OUTCOMES = ("found", "missing", "failed")


class Figures:
    """Counts what passes did, and reads the rest off at the moment of asking."""

    def __init__(
        self,
        vitals: Vitals,
        *,
        now: Callable[[], Instant],
        version: str,
        database_bytes: Callable[[], int | None],
        outbox_depth: Callable[[], int | None],
    ) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._readings = self._counter(
            "citewatch_readings",
            "Papers answered about, by source and outcome",
            "source",
            "outcome",
        )
        self._requests = self._counter("citewatch_requests", "Requests sent", "source")
        self._passes = self._counter("citewatch_passes", "Passes over a source", "source", "status")
        self._registry.register(_Now(vitals, now, version, database_bytes, outbox_depth))

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self._registry)

    def count(self, result: PassResult) -> None:
        """Add what a pass did."""
        for source in result.sources:
            for outcome in _OUTCOMES:
                number = int(getattr(source, outcome))
                self._readings.labels(source.name, outcome).inc(number)
            self._requests.labels(source.name).inc(source.requests)
            self._passes.labels(source.name, source.status).inc()

    def know(self, names: Iterable[str]) -> None:
        """Let counters of these sources stand at 0: what is absent cannot be seen to rise."""
        for name in names:
            for outcome in _OUTCOMES:
                self._readings.labels(name, outcome)
            self._requests.labels(name)

    def page(self) -> bytes:
        """All figures, in the format of Prometheus."""
        return generate_latest(self._registry)


class _Now(Collector):
    """What stands in the vitals at the moment of asking."""

    def __init__(
        self,
        vitals: Vitals,
        now: Callable[[], Instant],
        version: str,
        database_bytes: Callable[[], int | None],
        outbox_depth: Callable[[], int | None],
    ) -> None:
        self._vitals = vitals
        self._now = now
        self._version = version
        self._database_bytes = database_bytes
        self._outbox_depth = outbox_depth

    def collect(self) -> Iterable[Metric]:
        """Every figure that is not counted."""
        vitals = self._vitals
        yield InfoMetricFamily(
            "citewatch_build", "What runs",
            value={"version": self._version, "python": platform.python_version()},
        )  # fmt: skip
        yield _single("citewatch_start_time_seconds", "When it began", vitals.started_at)
        yield _single(
            "citewatch_lag_seconds", "By how much the oldest question is overdue",
            vitals.overdue_s(self._now()),
        )  # fmt: skip
        yield _single(
            "citewatch_last_good_pass_timestamp_seconds",
            "End of the last pass in which a source answered", vitals.good_at(),
        )  # fmt: skip
        yield _single("citewatch_troubles", "What is wrong at the moment", len(vitals.troubles))
        yield _single(
            "citewatch_database_bytes", "Size of the database with its log", self._database_bytes()
        )
        yield _single(
            "citewatch_outbox_depth", "Changes that people are still to be told",
            self._outbox_depth(),
        )  # fmt: skip
        yield from self._by_source()

    def _by_source(self) -> Iterable[Metric]:
        outlooks = self._vitals.outlooks
        agendas = {o.schedule.name: o.agenda for o in outlooks}
        yield _labelled(
            "citewatch_papers", "Papers that are watched", {n: a.papers for n, a in agendas.items()}
        )
        yield _labelled(
            "citewatch_held_papers", "Papers whose newest count is not believed yet",
            {n: a.held for n, a in agendas.items()},
        )  # fmt: skip
        yield _labelled(
            "citewatch_last_success_timestamp_seconds", "When the source last answered",
            {n: a.good_at for n, a in agendas.items()},
        )  # fmt: skip
        parked = {o.schedule.name: o.parked_until for o in outlooks}
        yield _labelled(
            "citewatch_source_parked", "Whether the source is left alone for now",
            {n: int(until is not None) for n, until in parked.items()},
        )  # fmt: skip
        yield _labelled(
            "citewatch_source_parked_until_timestamp_seconds", "Until when it is left alone", parked
        )


def _single(name: str, about: str, value: float | None) -> Metric:
    """One figure; one that is unknown is left out, since 0 would say something."""
    family = GaugeMetricFamily(name, about)
    if value is not None:
        family.add_metric([], value)
    return family


def _labelled(name: str, about: str, values: dict[str, Instant | None] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=["source"])
    for source, value in values.items():
        if value is not None:
            family.add_metric([source], value)
    return family
