"""What the processes under load do: ask for the seats of a room through the cache, add one seat, and write down both.

Every act goes through the product's own middleware as a request would, and is written to a journal with the machine's
monotonic clock, which all processes share. `cache_checker` reads the journals.
"""

import json
import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.core.signals import request_finished, request_started
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from attendance import cache_tags
from attendance.caching.accessors import cached
from attendance.caching.breaker import redis_breaker
from attendance.middleware import BYPASS_COOKIE, bypass_after_unconfirmed_write
from attendance.models import Room

LONGEST_LOAD = 0.01
"""Seconds: a load takes up to this long after its query, so that writes overtake it often."""
loads: list[str] = []


@cached("seats", timeout=timedelta(seconds=60), tags=lambda *, organisation: [cache_tags.rooms_of(organisation)])
def seats(*, organisation: str) -> int:
    """Return the seats of the only room of an organisation."""
    found = Room.objects.values_list("capacity", flat=True).get(organisation=UUID(organisation))
    loads.append(organisation)
    linger()
    return found or 0


def linger() -> None:
    """Let a load take its time after its query."""
    time.sleep(random.uniform(0, LONGEST_LOAD))


class Journal:
    """A file of one JSON line per event; a line that was written outlives its process."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1, encoding="utf-8")

    def note(self, kind: str, **facts: object) -> None:
        self._file.write(json.dumps({"kind": kind, **facts}) + "\n")


class Browser:
    """Somebody who asks; keeps the bypass cookie for as long as it lives, as a browser does."""

    def __init__(self) -> None:
        self._bypass_until = 0.0

    def ask(self, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
        """Send one request through the middleware to a view."""
        request = HttpRequest()
        if time.monotonic() < self._bypass_until:
            request.COOKIES[BYPASS_COOKIE] = "1"
        request_started.send(sender=None)
        response = bypass_after_unconfirmed_write(view)(request)
        request_finished.send(sender=None)
        if BYPASS_COOKIE in response.cookies:
            self._bypass_until = time.monotonic() + int(response.cookies[BYPASS_COOKIE]["max-age"])
        return response


def read(browser: Browser, journal: Journal, organisation: str, own: int = 0) -> None:
    """Ask for the seats; `own` is what this browser was told that it wrote, if it wrote."""
    before, asked = len(loads), time.monotonic()
    response = browser.ask(lambda _request: HttpResponse(str(seats(organisation=organisation))))
    answered = time.monotonic()
    source = "database" if len(loads) > before else "memory" if redis_breaker.open else "redis"
    value = int(response.content)
    journal.note("read", room=organisation, value=value, asked=asked, answered=answered, source=source, own=own)


def write(browser: Browser, journal: Journal, organisation: str) -> int:
    """Add one seat and return how many there are now."""
    asked = time.monotonic()
    response = browser.ask(lambda _request: HttpResponse(str(add_seat(journal, organisation))))
    value, confirmed = int(response.content), BYPASS_COOKIE not in response.cookies
    journal.note("write", room=organisation, value=value, asked=asked, answered=time.monotonic(), confirmed=confirmed)
    return value


@transaction.atomic
def add_seat(journal: Journal, organisation: str) -> int:
    """Add one seat; the moment after the commit is noted before the engine hears of it."""
    rooms = Room.objects.filter(organisation=UUID(organisation))
    transaction.on_commit(lambda: journal.note("commit", room=organisation, value=value, at=time.monotonic()))
    rooms.update(capacity=F("capacity") + 1)
    value = rooms.values_list("capacity", flat=True).get() or 0
    return value
