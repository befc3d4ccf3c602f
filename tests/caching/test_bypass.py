"""Who reads the database: whoever wrote what Redis did not confirm, and whoever could see what others cannot."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings
from redis.exceptions import RedisError

from attendance.caching import bypass, outbox, rounds, schema, writes
from attendance.caching.accessors import reason_to_bypass
from attendance.caching.breaker import redis_breaker
from attendance.caching.rules import Rule, registry
from attendance.models import Organisation, Room, Throttle
from tests.caching.conftest import Rooms
from tests.models.institution import MONDAY_NINE


@pytest.fixture
def shown(rooms: Rooms, make_room: Callable[[str], Room]) -> Rooms:
    make_room("A")
    assert rooms.now() == ["A"]
    return rooms


@pytest.fixture
def unconfirmed(shown: Rooms) -> Iterator[Rooms]:
    """Room A became B, and Redis did not hear of it; it answers again."""
    redis_breaker.failed(RedisError())
    Room.objects.update(name="B")
    redis_breaker.succeeded()
    yield shown


def test_an_unconfirmed_write_sends_its_writer_to_the_database(unconfirmed: Rooms) -> None:
    assert reason_to_bypass() == "Redis did not confirm a write of this reader"
    assert unconfirmed.now() == ["B"]
    assert bypass.has_begun_here()


def test_others_see_it_after_one_round(unconfirmed: Rooms) -> None:
    bypass.end()
    assert rounds.run_now()
    assert unconfirmed.now() == ["B"]


def test_the_next_confirmed_write_makes_up_for_it(unconfirmed: Rooms) -> None:
    Organisation.objects.update(name="Aldermoor")
    bypass.end()
    assert unconfirmed.now() == ["B"]


def test_a_bypass_stores_nothing(unconfirmed: Rooms) -> None:
    loads = len(unconfirmed.loads)
    unconfirmed.now()
    unconfirmed.now()
    assert len(unconfirmed.loads) == loads + 2


def test_a_write_that_dirtied_nothing_needs_no_confirmation(shown: Rooms) -> None:
    redis_breaker.failed(RedisError())
    Throttle.objects.create(purpose="login", account="amira", address="192.0.2.1", since=MONDAY_NINE)
    assert not bypass.is_on()


def test_what_was_rolled_back_needs_no_confirmation(shown: Rooms) -> None:
    redis_breaker.failed(RedisError())
    with transaction.atomic():
        Room.objects.update(name="B")
        transaction.set_rollback(True)
    assert not bypass.is_on()


def test_reading_needs_no_confirmation_even_while_something_is_unconfirmed(unconfirmed: Rooms) -> None:
    bypass.end()
    redis_breaker.failed(RedisError())
    unconfirmed.now()
    outbox.changes_since(outbox.position())
    assert not bypass.is_on()


def test_a_bypass_brought_along_is_not_begun_anew(shown: Rooms) -> None:
    bypass.bring()
    assert bypass.is_on() and not bypass.has_begun_here()
    bypass.end()
    assert not bypass.is_on()


def test_a_database_that_cannot_be_asked_after_the_commit_sends_the_writer_there(shown: Rooms) -> None:
    """PostgreSQL is not asked: it told before the commit."""

    def fail(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if "FROM caching_outbox" in sql:
            raise DatabaseError("the connection broke")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        Room.objects.update(name="B")
    assert bypass.has_begun_here() == (connection.vendor == "sqlite")
    assert shown.now() == ["B"]


# --- Other reasons ----------------------------------------------------------------------------------------------------


def test_inside_a_transaction(shown: Rooms) -> None:
    with transaction.atomic():
        assert reason_to_bypass() == "inside a transaction"
    assert reason_to_bypass() == ""


def test_with_the_cache_switched_off(shown: Rooms, settings: Settings) -> None:
    settings.CACHE_ENABLED = False
    assert reason_to_bypass() == "the cache is switched off"
    Room.objects.update(name="B")
    assert shown.now() == ["B"]


def test_a_write_while_the_cache_is_switched_off_ends_entries_all_the_same(shown: Rooms, settings: Settings) -> None:
    settings.CACHE_ENABLED = False
    Room.objects.update(name="B")
    settings.CACHE_ENABLED = True
    assert shown.now() == ["B"]


def test_with_triggers_that_are_not_those_of_the_rules(shown: Rooms) -> None:
    with registry.swapped((*registry.rules[1:], Rule(Throttle, "throttle", {}, ("failures",)))):
        assert not schema.follows_the_rules()
        assert reason_to_bypass() == "the triggers are not those of the rules"
    assert reason_to_bypass() == ""


# --- Watching every connection ----------------------------------------------------------------------------------------


def test_transactions_managed_by_hand_are_not_disturbed(shown: Rooms) -> None:
    transaction.set_autocommit(False)
    try:
        assert reason_to_bypass() == "inside a transaction"
        Room.objects.update(name="B")
        transaction.commit()
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)
    assert rounds.run_now()
    assert shown.now() == ["B"]


def test_a_connection_opened_under_somebody_elses_wrapper_is_watched_afterwards(shown: Rooms) -> None:
    def passing(execute: Callable[..., object], *rest: object) -> object:
        return execute(*rest)

    connection.close()
    connection.execute_wrappers.clear()  # As in a thread that has no connection yet.
    with connection.execute_wrapper(passing):
        assert Room.objects.exists()
    assert connection.execute_wrappers == [writes._watch]
    Room.objects.update(name="B")
    assert shown.now() == ["B"]


def test_a_statement_that_fails_disturbs_nothing(shown: Rooms) -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE attendance_room SET floor = 1")
    assert shown.now() == ["A"]


def test_an_earlier_callback_that_fails_costs_no_more_than_a_round(shown: Rooms) -> None:
    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic():
        transaction.on_commit(fail)
        Room.objects.update(name="B")
    assert rounds.run_now()
    assert shown.now() == ["B"]


def test_a_worker_without_requests_returns_to_the_cache(shown: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    bypass.begin()
    assert bypass.is_on()
    later = time.monotonic() + bypass.LASTS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not bypass.is_on()
