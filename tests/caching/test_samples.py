"""Single entries: what they hang on, whether they hold, which write ended them; and ending them by hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from pytest_django import Settings

from attendance import clock
from attendance.cache_utils import CacheManager
from attendance.caching import figures, keys, rounds, stamps
from attendance.caching.breaker import redis_breaker
from attendance.models import Organisation, Room
from tests.caching.conftest import Rooms, Trips, by_hand


@pytest.fixture(params=["redis", "memory"])
def kept(request: pytest.FixtureRequest, settings: Settings, rooms: Rooms) -> Rooms:
    """The rooms of an organisation, kept in Redis or in the memory of this process."""
    if request.param == "memory":
        settings.REDIS_URL = ""
    return rooms


def name_of(rooms: Rooms) -> str:
    return rooms.accessor().lookup(organisation=rooms.organisation.pk.hex).name


def test_an_entry_says_that_it_holds_and_how_long(kept: Rooms) -> None:
    kept.now()
    found = figures.explain(name_of(kept))
    assert found is not None
    assert (found.resource, found.state, found.killed_by) == ("rooms", "valid", "")
    assert timedelta(seconds=53) < found.ends_at - clock.now() <= timedelta(seconds=60)
    assert figures.samples(resource="rooms", organisation=None) == [found]
    assert figures.samples(resource="rooms", organisation=kept.organisation.pk.hex) == [found]
    assert figures.samples(resource="rooms", organisation="f" * 32) == []
    assert figures.samples(resource="others", organisation=None) == []


def test_the_write_that_ended_an_entry_is_named(kept: Rooms, make_room: Callable[[str], Room]) -> None:
    room = make_room("A")
    kept.now()
    Room.objects.update(name="B")
    found = figures.explain(name_of(kept))
    assert found is not None and found.state == "killed"
    what, _comma, ago = found.killed_by.partition(", ")
    assert what == f"room:{room.pk}:update"
    assert ago == ("0 s ago" if redis_breaker.configured else "")


def test_of_several_writes_the_first_one_is_named(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    rooms.now()
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False):
        room = make_room("A")
    with time_machine.travel(clock.now() + timedelta(seconds=2), tick=False):
        Organisation.objects.filter(pk=rooms.organisation.pk).update(name="Another")
        figures.clear(resource="rooms", organisation=None, actor="a test")
    found = figures.explain(name_of(rooms))
    assert found is not None and found.killed_by.startswith(f"room:{room.pk}:insert")


def test_a_write_by_hand_is_named_after_the_round_that_found_it(rooms: Rooms, make_room: Callable[[str], Room]) -> None:
    room = make_room("A")
    rooms.now()
    with by_hand() as plain:
        plain.execute("UPDATE attendance_room SET name = 'B'")
    assert rounds.run_now()
    found = figures.explain(name_of(rooms))
    assert found is not None and found.killed_by.startswith(f"room:{room.pk}:update, ")


def test_the_end_of_everything_is_told_apart_from_a_write(rooms: Rooms) -> None:
    rooms.now()
    CacheManager.clear_all()
    found = figures.explain(name_of(rooms))
    assert found is not None and found.killed_by == "everything was ended, 0 s ago"


def test_an_entry_whose_time_is_over_is_still_spoken_of(kept: Rooms) -> None:
    kept.now()
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        for key in stamps.client().scan_iter(match=f"{keys.entry('rooms')}:*"):
            stamps.client().delete(key)  # As Redis does by its own clock, which does not travel.
        found = figures.explain(name_of(kept))
        assert found is not None and found.state == "expired"


def test_an_entry_that_redis_let_go_is_said_to_be_lost(rooms: Rooms) -> None:
    rooms.now()
    stamps.client().delete(keys.entry(name_of(rooms)))
    found = figures.explain(name_of(rooms))
    assert found is not None and (found.state, found.killed_by) == ("killed", "Redis lost it, or what it hangs on")


def test_a_value_of_a_script_is_found_under_its_own_key(kept: Rooms) -> None:
    CacheManager.set_cached("rooms:org1:search:Amira", [1])
    found = figures.explain("rooms:org1:search:Amira")
    assert found is not None and (found.resource, found.state) == ("rooms", "valid")
    CacheManager.delete("rooms:org1:search:Amira")
    ended = figures.explain("rooms:org1:search:Amira")
    assert ended is not None and ended.killed_by.startswith("manual:rooms:delete on request")


@pytest.mark.parametrize("key", ["nothing", "rooms:org1:nothing", "", "a*b"])
def test_of_what_nobody_kept_nothing_is_known(kept: Rooms, key: str) -> None:
    assert figures.explain(key) is None


def test_many_samples_cost_three_trips(rooms: Rooms, trips: Trips) -> None:
    for number in range(30):
        CacheManager.set_cached(f"rooms:org{number}", number)
    trips.clear()
    assert len(figures.samples(resource="rooms", organisation=None, most=20)) == 20
    assert len(trips) == 4


# --- Clearing ---------------------------------------------------------------------------------------------------------


def test_clearing_ends_what_is_asked_for_and_nothing_else(kept: Rooms) -> None:
    own, other = kept.organisation, Organisation.objects.create(slug="other", name="Other")
    everybody = [own.pk.hex, other.pk.hex]

    def read() -> None:
        for organisation in everybody:
            kept.accessor()(organisation=organisation)

    def loaded_by(**asked: str | None) -> list[str]:
        read()
        figures.clear(**{"resource": None, "organisation": None, "actor": "a test", **asked})  # type: ignore[arg-type]
        kept.loads.clear()
        read()
        return kept.loads

    assert loaded_by(resource="rooms") == everybody
    assert loaded_by(organisation=own.pk.hex) == [own.pk.hex]
    assert loaded_by(resource="rooms", organisation=other.pk.hex) == [other.pk.hex]
    assert loaded_by(resource="other") == []
    assert loaded_by() == everybody


def test_clearing_says_how_many_entries_were_known(kept: Rooms) -> None:
    kept.now()
    CacheManager.set_cached("doors:org1", [1])
    assert figures.clear(resource="rooms", organisation=None, actor="a test") == 1
    assert figures.clear(resource=None, organisation="org1", actor="a test") == 1
    assert CacheManager.get_cached("doors:org1") is None
    assert figures.clear(resource=None, organisation=None, actor="a test") >= 2


def test_clearing_leaves_other_keys_of_redis_alone(rooms: Rooms) -> None:
    stamps.client().set("somebody:else", "1", px=60_000)
    rooms.now()
    figures.clear(resource=None, organisation=None, actor="a test")
    assert stamps.client().get("somebody:else") == b"1"


def test_clearing_reaches_every_resource_of_an_organisation(rooms: Rooms) -> None:
    assert {"course_list", "dashboard", "dashboard_figures", "lecture_grant"} <= set(figures.resources())
