"""Without Redis: a hit in memory, which asks the database one question, beside the query it stands for."""

from django.db import connection

from benchmarks import sample
from benchmarks.table import Row
from benchmarks.timing import Side, in_turn


def rows() -> list[Row]:
    """Compare for a short and a long list on the database of this process."""
    return [_row(number) for number in (20, 1000)]


def _row(number: int) -> Row:
    owner = sample.organisation_with_rooms(number).pk.hex
    load = sample.rooms.lookup(organisation=owner).load
    sample.rooms.serialised(organisation=owner)
    comparison = in_turn(
        Side(lambda: sample.rooms.serialised(organisation=owner)), Side(lambda: load()), batches=25, calls=40
    )
    return comparison.row(f"Hit in memory ÷ the query itself, {number:,} rows, {connection.vendor}", "under 1")
