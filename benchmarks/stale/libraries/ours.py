"""The engine of this project: two accessors; the rules stand with the app (`toys.apps.RuledToysConfig`)."""

from datetime import timedelta

from attendance.caching.accessors import cached
from benchmarks.stale.libraries import orm
from benchmarks.stale.libraries.orm import Answer, after_raw_sql, update

__all__ = ["after_raw_sql", "read", "update"]


def read(kind: str, number: int) -> Answer:
    """Return id, title and pages of the books on a shelf, or in a room."""
    return _on_shelf(shelf=number) if kind == "shelf" else _in_room(room=number)


@cached("shelf", timeout=timedelta(hours=1), tags=lambda *, shelf: [f"book.shelf={shelf}"])
def _on_shelf(*, shelf: int) -> Answer:
    return orm.read("shelf", shelf)


@cached("room", timeout=timedelta(hours=1), tags=lambda *, room: [f"book.room={room}", f"shelf.room={room}"])
def _in_room(*, room: int) -> Answer:
    return orm.read("room", room)
