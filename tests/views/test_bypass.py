"""A write that Redis did not hear of: its writer reads the database until everybody knows."""

import time
from collections.abc import Iterator

import pytest
from django.urls import reverse

from attendance.caching import bypass, rounds
from attendance.caching.breaker import redis_breaker
from attendance.queries.figures import organisation_figures
from tests.cast import Campus, signed_in


@pytest.fixture
def silent_redis(transactional_db: None, campus: Campus) -> Iterator[None]:
    """A process whose breaker is open, as after a time-out of Redis."""
    assert rounds.run_now()
    redis_breaker.open, redis_breaker._try_again_at = True, time.monotonic() + 60
    yield
    redis_breaker.open = False
    bypass.end()


def open_check_in(campus: Campus, client) -> object:
    return client.post(reverse("session_open", args=[campus.lecture.pk]), {"minutes": "15"})


def test_the_writer_gets_the_cookie_and_it_is_short(silent_redis: None, campus: Campus) -> None:
    cookie = open_check_in(campus, signed_in(campus.ines)).cookies["bypass"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (3, True, "Lax")


def test_who_writes_nothing_gets_none(silent_redis: None, campus: Campus) -> None:
    client = signed_in(campus.ines)
    assert "bypass" not in client.get(reverse("dashboard")).cookies


def test_a_confirmed_write_needs_none(transactional_db: None, campus: Campus) -> None:
    assert rounds.run_now()
    assert "bypass" not in open_check_in(campus, signed_in(campus.ines)).cookies


def test_with_the_cookie_an_old_entry_is_not_served(silent_redis: None, campus: Campus) -> None:
    admin, name = signed_in(campus.admin), campus.organisation.pk.hex
    redis_breaker.open = False
    bypass.end()  # The login was not confirmed either.
    assert organisation_figures(organisation=name)["open_check_ins"] == 0
    redis_breaker.open = True
    admin.cookies["bypass"] = open_check_in(campus, admin).cookies["bypass"].value
    redis_breaker.open = False  # Redis answers again, and holds the entry from before the write.
    bypass.end()
    assert organisation_figures(organisation=name)["open_check_ins"] == 0
    assert admin.get(reverse("dashboard")).context["figures"]["open_check_ins"] == 1
