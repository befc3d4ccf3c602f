"""A hit, which is one MGET of the entry, the fence and the stamps, beside a plain GET of as many bytes."""

from attendance.caching import keys, rounds, stamps
from benchmarks import sample
from benchmarks.table import Row
from benchmarks.timing import Side, in_turn


def rows() -> list[Row]:
    """Compare for a short, a middling and a long value."""
    return [_row(number) for number in (1, 50, 1000)]


def _row(number: int) -> Row:
    owner = sample.organisation_with_rooms(number).pk.hex
    rounds.run_now()
    client, plain_key = stamps.client(), keys.entry(f"plain:{owner}")
    value = sample.rooms.serialised(organisation=owner)
    client.set(plain_key, value)
    comparison = in_turn(
        Side(lambda: sample.rooms.serialised(organisation=owner), before=rounds.run_now),
        Side(lambda: client.get(plain_key), before=rounds.run_now),
        batches=41,
        calls=200,
    )
    return comparison.row(f"Hit ÷ plain GET through the same client, {len(value) / 1000:.1f} kB")
