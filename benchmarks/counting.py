"""A hit with the counters beside the same hit without them: what figures cost those who are served."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from redis.connection import Connection

from attendance.caching import counters, rounds
from benchmarks import sample
from benchmarks.table import Row
from benchmarks.timing import Side, in_turn

_COUNT = counters.Tally.hit


def rows() -> list[Row]:
    """Compare a hit with itself, and counting with a call that does nothing."""
    owner = sample.organisation_with_rooms(50).pk.hex
    sample.rooms.serialised(organisation=owner)
    counted = in_turn(
        Side(lambda: sample.rooms.serialised(organisation=owner), before=lambda: _prepare(_COUNT)),
        Side(lambda: sample.rooms.serialised(organisation=owner), before=lambda: _prepare(_nothing)),
        batches=61,
        calls=400,
    )
    with_it, without = (_messages(how, owner) for how in (_COUNT, _nothing))
    _prepare(_COUNT)
    row = counted.row("Hit with its counter ÷ without", "about 1")
    return [replace(row, sides=f"{row.sides}, {with_it} / {without} messages to Redis"), _alone(owner)]


def _alone(owner: str) -> Row:
    alone = in_turn(
        Side(lambda: counters.tally.hit("rooms", owner)),
        Side(lambda: _nothing(counters.tally, "rooms", owner)),
        batches=61,
        calls=20_000,
    )
    nanoseconds = [(first - second) * 1e9 for first, second in zip(alone.first, alone.second, strict=True)]
    nanoseconds.sort()
    middle, quarter = len(nanoseconds) // 2, len(nanoseconds) // 4
    spread = f"{nanoseconds[quarter]:.0f} to {nanoseconds[-quarter - 1]:.0f} ns, {len(nanoseconds)} pairs"
    return Row("Counting one hit", f"{nanoseconds[middle]:.0f} ns", spread, "under 1 µs")


def _prepare(how: Callable[[counters.Tally, str, str], None]) -> None:
    """Let hits be counted in that way from now on."""
    counters.Tally.hit = how  # type: ignore[method-assign]
    rounds.run_now()


def _nothing(_tally: counters.Tally, _resource: str, _organisation: str) -> None:
    pass


def _messages(how: Callable[[counters.Tally, str, str], None], owner: str) -> float:
    """Return how many messages a hit sends to Redis, on average over many."""
    _prepare(how)
    sent: list[Any] = []
    send = Connection.send_packed_command
    Connection.send_packed_command = lambda *all_: (sent.append(1), send(*all_))[1]  # type: ignore[method-assign]
    try:
        for _time in range(100):
            sample.rooms.serialised(organisation=owner)
    finally:
        Connection.send_packed_command = send  # type: ignore[method-assign]
    return len(sent) / 100
