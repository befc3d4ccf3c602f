"""Timing two things in turn, so that whatever else the machine does hits both."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.table import Row


@dataclass(frozen=True)
class Side:
    """One of two things to compare: the call that is timed, and what has to be done before each batch of it."""

    call: Callable[[], object]
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Comparison:
    """Seconds per call of both sides, one pair per batch."""

    first: list[float]
    second: list[float]

    def row(self, measured: str, wanted: str = "") -> Row:
        """Return the median of the ratios of all pairs, the middle half of them, and the median of each side."""
        ratios = [first / second for first, second in zip(self.first, self.second, strict=True)]
        low, _, high = quantiles(ratios, n=4)
        return Row(
            measured=measured,
            figure=f"{median(ratios):.2f}",
            spread=f"{low:.2f} to {high:.2f}, {len(ratios)} pairs",
            wanted=wanted,
            sides=f"{_duration(median(self.first))} / {_duration(median(self.second))}",
        )


def in_turn(first: Side, second: Side, *, batches: int, calls: int) -> Comparison:
    """Time batches of calls of both sides in turn; each pair starts with the other side than the one before it."""
    seconds: dict[Side, list[float]] = {first: [], second: []}
    for number in range(batches):
        for side in (first, second) if number % 2 else (second, first):
            seconds[side].append(_seconds_per_call(side, calls))
    return Comparison(seconds[first], seconds[second])


def _seconds_per_call(side: Side, calls: int) -> float:
    side.before()
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    for _ in range(calls):
        side.call()
    taken = time.perf_counter() - started
    gc.enable()
    return taken / calls


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds >= 0.001 else f"{seconds * 1_000_000:.0f} µs"
