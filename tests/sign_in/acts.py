"""What tests of getting in do again and again: give passwords, log in, act at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from time_machine import TimeMachineFixture

from attendance import clock
from attendance.models import User
from tests.cast import PASSWORD

Result = TypeVar("Result")


def with_password(person: User) -> User:
    """Let a person log in with the password that everybody here has."""
    person.set_password(PASSWORD)
    person.save()
    return person


def log_in(client: Client, name: str, password: str = PASSWORD, **more: Any) -> HttpResponse:
    """Send the login form."""
    headers = more.pop("headers", None)
    return client.post("/login/", {"username": name, "password": password, **more}, headers=headers)


def browser_of(person: User) -> Client:
    """Return a browser in which the person has just logged in by the form."""
    client = Client()
    assert log_in(client, person.username).status_code == 302
    return client


def wait(time_machine: TimeMachineFixture, time: timedelta) -> None:
    """Let that much time pass."""
    time_machine.move_to(clock.now() + time)


def at_once(number: int, act: Callable[[int], Result]) -> list[Result]:
    """Let that many threads act at the same moment, each on a connection of its own, and return what came of it."""
    start = threading.Barrier(number)

    def one(position: int) -> Result:
        start.wait()
        try:
            return act(position)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(one, range(number)))
