"""Rounds carry over what others committed, however early they began and however late they ended."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from attendance.caching import keys, outbox, rounds, stamps
from attendance.models import Room
from tests.caching.conftest import Rooms, plain_connection

RENAME = "UPDATE attendance_room SET name = 'Late' WHERE name = 'A'"


@pytest.fixture
def late(rooms: Rooms, make_room: Callable[[str], Room]) -> Iterator[Any]:
    """A transaction of another program that began before all others and renames room A when it ends."""
    make_room("A")
    assert rooms.now() == ["A"]
    with closing(plain_connection()) as plain:
        if connection.vendor == "postgresql":
            plain.execute(RENAME)  # On SQLite nobody else could write from here on.
        yield plain


def end(late: Any) -> None:
    if connection.vendor == "sqlite":
        late.execute(RENAME)
    late.commit()


def test_a_transaction_that_began_early_and_ended_late_is_seen(
    rooms: Rooms, make_room: Callable[[str], Room], late: Any
) -> None:
    make_room("B")
    assert rounds.run_now()
    assert rooms.now() == ["A", "B"]
    end(late)
    assert rounds.run_now()
    assert rooms.now() == ["B", "Late"]


def test_a_purge_takes_nothing_away_from_it(rooms: Rooms, make_room: Callable[[str], Room], late: Any) -> None:
    make_room("B")
    assert rounds.run_now()
    with transaction.atomic():
        outbox.purge(kept=timedelta(seconds=-1))
    rooms.now()
    end(late)
    assert rounds.run_now()
    assert rooms.now() == ["B", "Late"]


def test_a_purge_after_its_end_makes_older_positions_lost(
    rooms: Rooms, make_room: Callable[[str], Room], late: Any
) -> None:
    make_room("B")
    assert rounds.run_now()
    rooms.now()
    end(late)
    make_room("C")
    with transaction.atomic():
        outbox.purge(kept=timedelta(seconds=-1))
    assert rounds.run_now()
    assert rooms.now() == ["B", "C", "Late"]


def test_a_round_that_was_overtaken_leaves_position_and_fence_alone(rooms: Rooms) -> None:
    seconds, _microseconds, known = rounds._begin()
    news = outbox.changes_since(known.decode())
    stamps.client().set(keys.position(), "set by a faster round")
    stamps.client().delete(keys.fence())
    assert not rounds._apply(known, news, fence_until=seconds * 1000 + 2000)
    assert stamps.client().get(keys.position()) == b"set by a faster round"
    assert not stamps.client().exists(keys.fence())


def test_a_round_that_was_frozen_sets_a_fence_that_is_over(rooms: Rooms) -> None:
    seconds, _microseconds, known = rounds._begin()
    assert rounds._apply(known, outbox.changes_since(known.decode()), fence_until=seconds * 1000 - 1)
    assert not stamps.client().exists(keys.fence())


def test_a_round_replaces_stamps_and_makes_none(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    room = make_room("A")
    rooms.now()
    before = stamps.client().get(keys.stamps(["room"])[0])
    with closing(plain_connection()) as plain, plain:
        plain.execute("UPDATE attendance_room SET name = 'B'")
    assert rounds.run_now()
    assert stamps.client().get(keys.stamps(["room"])[0]) == before, "a fine tag was enough"
    assert not stamps.client().exists(keys.stamps([f"room.id={room.pk}"])[0]), "no entry lists this one"
    assert rooms.now() == ["B"]


def test_a_purge_leaves_what_is_young(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    make_room("A")
    rooms.now()
    before = outbox.position()
    with closing(plain_connection()) as plain, plain:
        plain.execute("UPDATE attendance_room SET name = 'B'")
    outbox.purge_now()
    assert not outbox.changes_since(before).lost
    assert rounds.run_now()
    assert rooms.now() == ["B"]


def test_a_purge_never_moves_the_horizon_back(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    before = outbox.position()
    make_room("A")
    for kept in (-1, 600):
        with transaction.atomic():
            outbox.purge(kept=timedelta(seconds=kept))
    make_room("B")
    assert outbox.changes_since(before).lost
