"""A cached accessor returns what the database would, after each kind of write and none."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import serializers
from django.db import connection, transaction
from django.db.models import F

from attendance.caching import keys, outbox, rounds, stamps
from attendance.models import Organisation, Room
from tests.caching.conftest import Rooms


def insert(rooms: Rooms, name: str) -> None:
    with connection.cursor() as cursor:
        source = "SELECT organisation_id, %s FROM attendance_room LIMIT 1"
        cursor.execute(f"INSERT INTO attendance_room (organisation_id, name) {source}", [name])


def load_data(rooms: Rooms) -> None:
    room = Room(pk=900, organisation=rooms.organisation, name="Loaded")
    for each in serializers.deserialize("json", serializers.serialize("json", [room])):
        each.save()


def save(rooms: Rooms) -> None:
    room = Room.objects.get(name="A")
    room.name = "Saved"
    room.save()


def rolled_back_savepoint(rooms: Rooms) -> None:
    with transaction.atomic():
        try:
            with transaction.atomic():
                Room.objects.create(organisation=rooms.organisation, name="Never")
                raise LookupError
        except LookupError:
            Room.objects.create(organisation=rooms.organisation, name="After all")


def savepoint_after_a_rolled_back_one(rooms: Rooms) -> None:
    with transaction.atomic():
        sid = transaction.savepoint()
        Room.objects.filter(name="A").update(name="Never")
        transaction.savepoint_rollback(sid)
        with transaction.atomic():
            Room.objects.filter(name="A").update(name="Inner")


WRITES: dict[str, Callable[[Rooms], object]] = {
    "create": lambda rooms: Room.objects.create(organisation=rooms.organisation, name="B"),
    "save": save,
    "delete": lambda rooms: Room.objects.get(name="A").delete(),
    "update": lambda rooms: Room.objects.filter(name="A").update(name="Updated"),
    "update by expression": lambda rooms: Room.objects.update(name=F("capacity")),
    "queryset delete": lambda rooms: Room.objects.all().delete(),
    "bulk_create": lambda rooms: Room.objects.bulk_create(
        [Room(organisation=rooms.organisation, name=f"N{number}") for number in range(250)]
    ),
    "bulk_update": lambda rooms: Room.objects.bulk_update([_renamed(Room.objects.get(name="A"))], ["name"]),
    "get_or_create": lambda rooms: Room.objects.get_or_create(organisation=rooms.organisation, name="C"),
    "upsert": lambda rooms: Room.objects.bulk_create(
        [Room(organisation=rooms.organisation, name="A", capacity=7), Room(organisation=rooms.organisation, name="D")],
        update_conflicts=True,
        unique_fields=["organisation", "name"],
        update_fields=["capacity"],
    ),
    "raw SQL": lambda rooms: insert(rooms, "Raw"),
    "loaddata": load_data,
    "rolled back savepoint": rolled_back_savepoint,
    "savepoint after a rolled back one": savepoint_after_a_rolled_back_one,
}


def _renamed(room: Room) -> Room:
    room.name = "Renamed"
    return room


@pytest.mark.parametrize("write", WRITES)
def test_every_kind_of_write_is_seen_at_once(rooms: Rooms, make_room: Callable[[str], Room], write: str) -> None:
    room = make_room("A")
    Room.objects.filter(pk=room.pk).update(capacity=12)
    assert rooms.now() == ["A"]
    WRITES[write](rooms)
    assert rooms.now() == rooms.truth() != ["A"]


def test_a_second_read_is_a_hit(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    make_room("A")
    assert rooms.now() == rooms.now() == ["A"]
    assert len(rooms.loads) == 1


def test_a_row_that_moves_leaves_one_list_and_enters_the_other(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    other = Rooms(Organisation.objects.create(slug="brackley", name="Brackley College"))
    room = make_room("A")
    assert (rooms.now(), other.now()) == (["A"], [])
    room.organisation = other.organisation
    room.save()
    assert (rooms.now(), other.now()) == ([], ["A"])


def test_writes_that_no_entry_shows_leave_it_a_hit(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    room, other = make_room("A"), Organisation.objects.create(slug="brackley", name="Brackley College")
    rooms.now()
    Room.objects.filter(pk=room.pk).update(name="A")
    Room.objects.create(organisation=other, name="Elsewhere")
    Organisation.objects.filter(pk=other.pk).update(name="Brackley")
    rooms.now()
    assert len(rooms.loads) == 1


def test_inside_a_transaction_the_database_answers_and_nothing_is_stored(
    rooms: Rooms, make_room: Callable[[str], Room]
) -> None:
    make_room("A")
    rooms.now()
    with transaction.atomic():
        make_room("B")
        assert rooms.now() == ["A", "B"]
        transaction.set_rollback(True)
    assert rooms.now() == ["A"]
    assert len(rooms.loads) == 2, "one fill before, one bypass inside, one hit after"


def test_what_was_written_by_hand_is_seen_after_one_round(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    make_room("A")
    rooms.now()
    connection.execute_wrappers.clear()  # As from another program: the engine does not see the statement.
    try:
        Room.objects.filter(name="A").update(name="By hand")
    finally:
        connection.close()
    assert rooms.now() == ["A"]
    assert rounds.run_now()
    assert rooms.now() == ["By hand"]


def test_a_purge_moves_the_horizon_and_older_positions_are_lost(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    before = outbox.position()
    make_room("A")
    assert not outbox.changes_since(before).lost
    with transaction.atomic():
        outbox.purge(kept=timedelta(seconds=-1))
    make_room("B")
    assert outbox.changes_since(before).lost
    assert not outbox.changes_since(outbox.position()).lost


def test_a_lost_position_ends_every_entry(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    make_room("A")
    rooms.now()
    stamps.client().set(keys.position(), outbox.position().replace("/", "other/"))
    assert rounds.run_now()
    rooms.now()
    assert len(rooms.loads) == 2


def test_a_round_that_was_overtaken_changes_nothing(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    seconds, microseconds, known = rounds._begin()
    news = outbox.changes_since(known.decode())
    make_room("A")
    assert rounds.run_now()
    assert not rounds._apply(known, news, fence_until=seconds * 1000 + microseconds // 1000 + 2000)


@pytest.mark.parametrize("planted", ["nonsense", "a/b", "/", "00/1:1:1x", "00/" + "9" * 30, "x" * 5000])
def test_a_position_that_is_none_counts_as_lost(rooms: Rooms, planted: str) -> None:
    stamps.client().set(keys.position(), planted)
    assert rounds.run_now()
    assert not outbox.changes_since(stamps.client().get(keys.position()).decode()).lost
