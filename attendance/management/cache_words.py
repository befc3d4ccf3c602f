"""What `cache_monitor` says: how the cache stands and what its figures are, in words and columns."""

from collections.abc import Iterator, Mapping, Sequence

from attendance.caching.figures import Health, KeySample, ProcessState, ResourceFigures

_BACKENDS = {
    "redis": "entries lie in Redis, shared by all processes",
    "memory": "entries lie in the memory of each process",
    "off": "nothing is cached",
}
_COLUMNS = ("resource", "hits", "misses", "passed", "ratio", "target", "entries", "made in", "size")


def status_lines(health: Health) -> Iterator[str]:
    """Yield how the cache stands, a line for each thing to know."""
    yield f"Backend      {health.backend}: {_BACKENDS[health.backend]}. {health.reason}"
    if health.address:
        yield f"Redis        {health.address}: {_connectivity(health)}"
    yield f"Followed up  {_followed_up(health)}"
    yield f"Outbox       {_outbox(health)}"
    fit = "fit this code" if health.triggers_fit else "are of another version"
    yield f"Triggers     {fit}"
    if health.epoch_seconds is not None:
        yield f"All ended    {duration(health.epoch_seconds)} ago, by hand, a migration or a loss"
    yield from _process_lines(health)


def _connectivity(health: Health) -> str:
    if not health.answers or health.round_trip_ms is None or health.clock_difference_ms is None:
        return "does not answer"
    return f"answers in {health.round_trip_ms:.1f} ms, its clock {health.clock_difference_ms:+.0f} ms from ours"


def _followed_up(health: Health) -> str:
    if health.backend != "redis":
        return "by nobody; there is nothing to follow up"
    if health.fence_age_ms is None:
        return "by nobody now, so the next request looks itself, or reads the database"
    waiting = "" if health.waiting is None else f"; {counted(health.waiting, 'tag')} not carried over yet"
    return f"{health.fence_age_ms:.0f} ms ago (2,000 at most){waiting}"


def _outbox(health: Health) -> str:
    if health.outbox_oldest_seconds is None:
        return "empty"
    oldest = duration(health.outbox_oldest_seconds)
    return f"{counted(health.outbox_rows, 'row')}, the oldest {oldest} old; each is kept for 10 min"


def _process_lines(health: Health) -> Iterator[str]:
    if not health.processes:
        yield "Processes    none has served and said so within a minute"
    for place, process in enumerate(health.processes):
        yield f"{'' if place else 'Processes':12} {process.name}: {_process(process)}"


def _process(process: ProcessState) -> str:
    if process.is_silent:
        return f"silent for {duration(process.seen_seconds_ago)}"
    rounds = "follows the database up" if process.rounds_alive else "runs no rounds"
    breaker = ", holds requests back from Redis" if process.breaker_open else ""
    return f"{rounds}{breaker}, code {process.code_version[:12]}"


def stats_lines(figures: Sequence[ResourceFigures], targets: Mapping[str, float]) -> Iterator[str]:
    """Yield a table of the figures, a row for each resource, and below it why reads were no hits."""
    rows = [_COLUMNS, *(_row(each, targets.get(each.resource)) for each in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        name, *numbers = row
        yield "  ".join([name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])])
    for each in figures:
        yield from _why_lines(each)


def _row(figures: ResourceFigures, target: float | None) -> tuple[str, ...]:
    below = target is not None and figures.ratio is not None and figures.ratio < target
    return (
        figures.resource,
        f"{figures.hits:,}",
        f"{sum(figures.misses.values()):,}",
        f"{sum(figures.bypassed.values()):,}",
        "" if figures.ratio is None else f"{figures.ratio:.1%}",
        "" if target is None else f"{target:.0%}{' missed' if below else ''}",
        f"{figures.entries:,}",
        "" if figures.load_seconds is None else f"{figures.load_seconds * 1000:.1f} ms",
        "" if figures.bytes is None else f"{figures.bytes / 1000:.1f} kB",
    )


def _why_lines(figures: ResourceFigures) -> Iterator[str]:
    for title, numbers in (
        ("misses", figures.misses),
        ("ended by", figures.ended_by),
        ("passed", figures.bypassed),
    ):
        if numbers:
            yield f"{figures.resource}, {title}: " + ", ".join(f"{why} {number:,}" for why, number in numbers.items())


def sample_lines(sample: KeySample) -> Iterator[str]:
    """Yield what is known of one entry."""
    yield f"Entry        {sample.key}"
    yield f"Resource     {sample.resource}"
    if sample.stored_at:
        yield f"Made         {sample.stored_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"Ends         {sample.ends_at:%Y-%m-%d %H:%M:%S} UTC"
    yield (
        "State        "
        + {
            "valid": "valid",
            "killed": f"ended by {sample.killed_by}",
            "expired": "its time is over",
        }[sample.state]
    )


def duration(seconds: float) -> str:
    """Return a length of time in the unit that says it best."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def counted(number: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun; `nouns` is the plural where that is more than an s."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"
