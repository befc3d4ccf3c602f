"""What it costs to end entries while Redis holds ever more of them: the same, however many there are."""

import secrets
from itertools import pairwise

from django.conf import settings
from redis import Redis

from attendance.caching import keys, rounds, stamps
from attendance.caching.outbox import Change
from benchmarks import sample
from benchmarks.table import Row
from benchmarks.timing import Comparison, Side, in_turn

_POPULATIONS = (100, 10_000, 1_000_000)
_AT_ONCE = 10_000
_TEN_ENTRIES_PER_TAG = 10
# Entries as `entries.fill` writes them: a vector, two moments and the value, under tags that have stamps of their own.
_FILL = """
for number = tonumber(ARGV[1]), tonumber(ARGV[2]) do
    redis.call('SET', KEYS[1] .. number, ARGV[3], 'PX', 600000)
    if number % tonumber(ARGV[4]) == 0 then
        redis.call('SET', KEYS[2] .. number, ARGV[5], 'PX', 90000000)
    end
end
"""


def rows() -> list[Row]:
    """Measure at each population, and set the largest against the smallest."""
    owner = sample.organisation_with_rooms(20).pk.hex
    found = [_at(before, population, owner) for before, population in pairwise((0, *_POPULATIONS))]
    return [
        *(
            comparison.row(f"New stamps of one write ÷ plain SET, at {population:,} entries")
            for population, comparison in zip(_POPULATIONS, found, strict=True)
        ),
        _growth(found),
    ]


def _growth(found: list[Comparison]) -> Row:
    """Return the cost at the largest population over that at the smallest, both in units of a plain SET."""
    figures = [float(comparison.row("").figure) for comparison in found]
    return Row(
        f"Invalidation at {_POPULATIONS[-1]:,} ÷ at {_POPULATIONS[0]:,} entries",
        f"{figures[-1] / figures[0]:.2f}",
        wanted="1: flat",
    )


def _at(before: int, population: int, owner: str) -> Comparison:
    _fill(before, population)
    rounds.run_now()
    tags = sample.rooms.lookup(organisation=owner).tags
    sample.rooms.serialised(organisation=owner)
    changes = [Change(tag, "room:1:update") for tag in tags]
    client, plain_key = stamps.client(), keys.entry("plain")
    return in_turn(
        Side(lambda: stamps.replace(changes)),
        Side(lambda: client.set(plain_key, "value", px=600_000)),
        batches=31,
        calls=200,
    )


def _fill(before: int, population: int) -> None:
    """Add entries; through a client of its own, since the product's gives up after a quarter of a second."""
    value = f"{secrets.token_hex(32)} 1900000000000 0\n" + '{"id":1,"name":"Room 00001","capacity":30}' * 3
    names = [keys.entry("fake:"), *keys.stamps(["fake.organisation="])]
    with Redis.from_url(settings.REDIS_URL) as client:
        for first in range(before, population, _AT_ONCE):
            last = min(first + _AT_ONCE, population) - 1
            client.eval(_FILL, 2, *names, first, last, value, _TEN_ENTRIES_PER_TAG, stamps.new_stamp("missing"))
