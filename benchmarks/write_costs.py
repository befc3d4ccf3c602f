"""Writes with the engine beside the same writes without it: no triggers, nobody who watches the connection."""

from collections.abc import Callable

from django.db import connection
from django.db.models import F

from attendance.caching import rounds
from attendance.models import Organisation, Room
from benchmarks import engine_switch, sample
from benchmarks.table import Row
from benchmarks.timing import Comparison, Side, in_turn

MANY = 10_000
WANTED = "at most 1.4"


def rows() -> list[Row]:
    """Compare `save`, `update` and `bulk_create` on the database of this process."""
    rounds.run_now()
    return [
        _save().row(f"save() of one row with ÷ without the engine, {connection.vendor}", WANTED),
        *_save_without_waiting(),
        _update().row(f"update() of {MANY:,} rows with ÷ without, {connection.vendor}", WANTED),
        _bulk_create().row(f"bulk_create() of {MANY:,} rows with ÷ without, {connection.vendor}", WANTED),
    ]


def _compared(write: Callable[[], object], prepare: Callable[[], object], *, batches: int, calls: int) -> Comparison:
    """Time a write with and without the engine; `prepare` runs before each batch, and is not timed."""

    def with_engine() -> None:
        engine_switch.on()
        prepare()

    def without_engine() -> None:
        engine_switch.off()
        prepare()

    return in_turn(Side(write, with_engine), Side(lambda: write(), without_engine), batches=batches, calls=calls)


def _save() -> Comparison:
    room = Room.objects.get(organisation=sample.organisation_with_rooms(1))

    def save() -> None:
        room.capacity = (room.capacity or 0) + 1
        room.save()

    return _compared(save, save, batches=25, calls=60)


def _save_without_waiting() -> list[Row]:
    """Compare `save` once more on PostgreSQL, where nobody waits until the disk has it; SQLite never does."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        row = _save().row("save() with ÷ without, postgresql, synchronous_commit off")
        cursor.execute("RESET synchronous_commit")
    return [row]


def _update() -> Comparison:
    owner = sample.organisation_with_rooms(MANY)

    def update() -> None:
        Room.objects.filter(organisation=owner).update(capacity=F("capacity") + 1)

    return _compared(update, lambda: _warm_up(owner), batches=9, calls=1)


def _bulk_create() -> Comparison:
    owner, fresh = sample.organisation(), list[Room]()

    def prepare() -> None:
        Room.objects.filter(organisation=owner).delete()
        fresh[:] = sample.unsaved_rooms(owner, MANY)
        _warm_up(owner)

    return _compared(lambda: Room.objects.bulk_create(fresh), prepare, batches=9, calls=1)


def _warm_up(owner: Organisation) -> None:
    """Write one row, so that no batch pays for triggers that the connection meets for the first time."""
    warm_up = Room.objects.create(organisation=owner, name="Warming up")
    Room.objects.filter(pk=warm_up.pk).update(capacity=1)
    warm_up.delete()
