"""What `/metrics` tells: the cache's figures and its health, none of them about a person."""

from collections.abc import Iterator

from attendance.caching import counters, figures, reports
from attendance.caching.counters import Numbers
from attendance.caching.exposition import Metric, Sample
from attendance.caching.figures import Health
from attendance.queries.cache_targets import TARGETS

_PREFIX = "lumina_cache_"


def cache_metrics() -> Iterator[Metric]:
    """Yield the metrics of the cache, as they are now."""
    yield from _counted(reports.totals())
    yield from _of_resources()
    yield from _of_health(figures.health())


def _counted(totals: Numbers) -> Iterator[Metric]:
    for name, kind, meaning in (
        ("hits_total", counters.HIT, "Reads that the cache answered."),
        ("stored_total", counters.STORED, "Entries that were made."),
    ):
        yield Metric(_PREFIX + name, meaning, "counter", _by_resource(totals, kind))
    for name, kind, meaning in (
        ("misses_total", counters.MISS, "Reads for which there was no valid entry."),
        ("bypassed_total", counters.BYPASS, "Reads that did not ask the cache."),
        ("ended_total", counters.ENDED_BY, "Misses due to a write, by rule and verb."),
    ):
        yield Metric(_PREFIX + name, meaning, "counter", _by_cause(totals, kind))
    yield _mean(totals, "load_seconds", counters.MICROSECONDS, 1_000_000, "How long entries took to make.")
    yield _mean(totals, "entry_bytes", counters.SIZE, 1, "How large entries were when they were made.")


def _by_resource(totals: Numbers, kind: str) -> list[Sample]:
    found = sorted((counted.resource, number) for counted, number in totals.items() if counted.kind == kind)
    return [Sample(number, {"resource": resource}) for resource, number in found]


def _by_cause(totals: Numbers, kind: str) -> list[Sample]:
    found = sorted((each.resource, each.why, number) for each, number in totals.items() if each.kind == kind)
    return [Sample(number, {"resource": resource, "cause": why}) for resource, why, number in found]


def _mean(totals: Numbers, name: str, kind: str, per: int, meaning: str) -> Metric:
    sums = [Sample(each.value / per, each.labels, "_sum") for each in _by_resource(totals, kind)]
    numbers = [Sample(each.value, each.labels, "_count") for each in _by_resource(totals, counters.STORED)]
    return Metric(_PREFIX + name, meaning, "summary", [*sums, *numbers])


def _of_resources() -> Iterator[Metric]:
    present = sorted(figures.entries(organisation=None).items())
    entries = [Sample(number, {"resource": resource}) for resource, number in present]
    yield Metric(f"{_PREFIX}entries", "Entries whose time is not over.", "gauge", entries)
    targets = [Sample(target, {"resource": resource}) for resource, target in TARGETS.items()]
    yield Metric(f"{_PREFIX}target_ratio", "The share of reads that are meant to be hits.", "gauge", targets)


def _of_health(health: Health) -> Iterator[Metric]:
    silent = sum(process.is_silent for process in health.processes)
    gauges: tuple[tuple[str, float | None, str], ...] = (
        ("redis_up", health.answers, "Whether Redis answers."),
        ("shared", health.backend == "redis", "Whether entries and figures are those of all processes."),
        ("degraded", bool(health.troubles), "Whether somebody has to do something."),
        ("redis_round_trip_seconds", _seconds(health.round_trip_ms), "How long Redis took to answer."),
        (
            "fence_age_seconds",
            _seconds(health.fence_age_ms),
            "How long ago the database was followed up; 2 at most.",
        ),
        ("waiting_tags", health.waiting, "Changes that Redis does not know of yet."),
        ("outbox_rows", health.outbox_rows, "Changes that the database keeps for who comes late."),
        ("outbox_oldest_seconds", health.outbox_oldest_seconds, "The age of the oldest of them."),
        ("clock_difference_seconds", _seconds(health.clock_difference_ms), "How far Redis's clock is ahead of ours."),
        ("triggers_fit", health.triggers_fit, "Whether the database notes changes as this code wants it."),
        ("processes", len(health.processes) - silent, "Serving processes that reported within five seconds."),
        ("processes_silent", silent, "Serving processes that did not."),
    )
    for name, value, meaning in gauges:
        yield Metric(_PREFIX + name, meaning, "gauge", [] if value is None else [Sample(value, {})])
    troubles = [Sample(code in health.troubles, {"cause": code}) for code in figures.TROUBLES]
    yield Metric(f"{_PREFIX}trouble", "What is wrong.", "gauge", troubles)


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
