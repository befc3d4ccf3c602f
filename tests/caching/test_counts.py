"""What reading and writing cost: SQL statements and round trips to Redis, counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from attendance import cache_tags
from attendance.caching import background, rounds, stamps
from attendance.caching.accessors import cached
from attendance.models import Organisation, Room, Throttle
from tests.caching.conftest import Rooms, Trips
from tests.models.institution import MONDAY_NINE


@pytest.fixture
def warm(rooms: Rooms, make_room: Callable[[str], Room], trips: Trips) -> Rooms:
    """One room, shown once, and nothing counted yet."""
    make_room("A")
    assert rooms.now() == ["A"]
    trips.clear()
    return rooms


def test_a_hit_costs_no_statement_and_one_trip(
    warm: Rooms, trips: Trips, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert warm.now() == ["A"]
    assert len(trips) == 1


def test_a_hit_opens_no_connection_to_the_database(warm: Rooms) -> None:
    connection.close()
    assert warm.now() == ["A"]
    assert connection.connection is None


def test_a_miss_costs_its_load_and_six_trips(
    warm: Rooms, trips: Trips, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Room.objects.update(name="B")
    trips.clear()
    with django_assert_num_queries(1):
        assert warm.now() == ["B"]
    assert len(trips) == 6, "a look, the lock, a second look, the vector, the store, the release"


def test_a_hit_without_redis_costs_one_statement(
    warm: Rooms, trips: Trips, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.REDIS_URL = ""
    warm.now()
    with django_assert_num_queries(1):
        assert warm.now() == ["A"]
    assert not trips


def test_a_miss_without_redis_costs_one_statement_beside_its_load(
    warm: Rooms, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.REDIS_URL = ""
    with django_assert_num_queries(2):
        assert warm.now() == ["A"]


@pytest.mark.parametrize("number", [1, 1000])
def test_a_transaction_costs_one_trip_whatever_it_writes(warm: Rooms, trips: Trips, number: int) -> None:
    rows = [Room(organisation=warm.organisation, name=f"R{each}") for each in range(number)]
    with transaction.atomic():
        Room.objects.bulk_create(rows)
        Room.objects.filter(name__startswith="R").update(capacity=5)
        Organisation.objects.update(name="Aldermoor")
    assert len(trips) == 1
    assert warm.now() == warm.truth()


def test_a_transaction_costs_a_statement_beside_its_own_only_where_nobody_tells(warm: Rooms) -> None:
    with CaptureQueriesContext(connection) as statements, transaction.atomic():
        for name in "BCDEF":
            Room.objects.create(organisation=warm.organisation, name=name)
    own = [statement for statement in statements if "caching_outbox" in statement["sql"]]
    assert len(own) == (0 if connection.vendor == "postgresql" else 1)


def test_a_transaction_that_dirties_nothing_costs_no_trip(warm: Rooms, trips: Trips) -> None:
    with transaction.atomic():
        Room.objects.update(name="A")
        Throttle.objects.create(purpose="login", account="amira", address="192.0.2.1", since=MONDAY_NINE)
    Throttle.objects.all().delete()
    assert not trips


def test_reading_statements_cost_nothing_more(
    warm: Rooms, trips: Trips, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4), transaction.atomic():
        assert list(Room.objects.select_for_update().values_list("name", flat=True)) == ["A"]
        assert Room.objects.exists()
    assert not trips


def test_a_write_without_redis_costs_nothing_more(
    warm: Rooms, settings: Settings, trips: Trips, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.REDIS_URL = ""
    with django_assert_num_queries(1):
        Room.objects.update(capacity=9)
    assert not trips


def test_ending_entries_costs_the_same_however_many_there_are(warm: Rooms, trips: Trips) -> None:
    @cached(
        "numbered", timeout=timedelta(seconds=60), tags=lambda *, number: [cache_tags.rooms_of(warm.organisation.pk)]
    )
    def numbered(*, number: int) -> list[str]:
        loads.append(number)
        return []

    loads: list[int] = []
    sizes = []
    commands()  # Its connection is open from here on.
    for entries in (1, 200):
        for number in range(entries):
            numbered(number=number)
        trips.clear()
        before = commands()
        Room.objects.update(capacity=entries)
        sizes.append((len(trips), commands() - before))
    assert sizes[0] == sizes[1]
    loads.clear()
    assert [numbered(number=number) for number in range(200)] == [[]] * 200
    assert len(loads) == 200, "all of them ended"


def commands() -> int:
    """How many commands the Redis has carried out, those in scripts included."""
    by_name: dict[str, dict[str, Any]] = stamps.client().info("commandstats")  # type: ignore[assignment]
    return sum(command["calls"] for name, command in by_name.items() if name != "cmdstat_info")


def test_a_round_costs_two_trips_and_one_statement(
    warm: Rooms, trips: Trips, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Room.objects.update(capacity=3)
    trips.clear()
    with django_assert_num_queries(1):
        assert rounds.run_now()
    assert len(trips) == 2


def test_a_round_is_spared_while_the_fence_is_young(
    warm: Rooms, trips: Trips, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert rounds.run_now()
    trips.clear()
    with django_assert_num_queries(0):
        background._one_round()
    assert len(trips) == 1
