"""Cached pages at university scale: a hit beside a constant page of a new Django project, and beside no cache."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test import override_settings
from django.urls import reverse
from redis.connection import Connection

from attendance.caching import rounds
from attendance.models import User
from attendance.sign_in.sessions import SessionStore
from benchmarks.requests import Browser
from benchmarks.table import Row
from benchmarks.university import University, university
from tests.servers.environment import PROJECT

_PAIRS, _CALLS = 15, 200
_UNCACHED, _HITS = 5, 200
WANTED = "at most 0.35, goal 0.25"
STAFF = ("admin", "teacher")


def rows() -> list[Row]:
    """Measure every cached page of each role that sees it."""
    campus = university()
    browsers = {who: _browser(getattr(campus, who)) for who in (*STAFF, "student")}
    cases = [(who, name, address) for who, name, address in _addresses(campus)]
    with _stock() as stock:
        compared = [_beside_stock(stock, browsers[who], f"{name}, {who}", address) for who, name, address in cases]
    return [*compared, *(_beside_uncached(browsers[who], f"{name}, {who}", address) for who, name, address in cases)]


def _addresses(campus: University) -> Iterator[tuple[str, str, str]]:
    course, lecture = {"offering_id": campus.large.pk}, {"lecture_id": campus.lecture.pk}
    for who in (*STAFF, "student"):
        for name in ("dashboard", "course_list", "teacher_list", "teacher_list_json"):
            yield who, name, reverse(name)
        yield who, "course_show", reverse("course_show", kwargs=course)
        yield who, "lecture_show", reverse("lecture_show", kwargs=lecture)
    for who in STAFF:
        yield who, "student_list", reverse("student_list")
    yield "admin", "course_list_json", reverse("course_list_json")
    yield "admin", "student_list_json", reverse("student_list_json")


def _browser(user: User) -> Browser:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return Browser(f"sessionid={session.session_key}; csrftoken={_get_new_csrf_string()}")


# --- A hit beside a constant page -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stock:
    """The process with the constant page."""

    process: "subprocess.Popen[str]"

    def cpu_seconds(self, size: int, number: int) -> float:
        """Return the CPU time of that many requests for a page of that size."""
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: S101 -- they were asked for
        self.process.stdin.write(json.dumps([size, number]) + "\n")
        self.process.stdin.flush()
        return float(json.loads(self.process.stdout.readline()))


@contextmanager
def _stock() -> Iterator[Stock]:
    """Start the process on tables of its own in the database of the measurement."""
    url = os.environ["DATABASE_URL"]
    if connection.vendor == "sqlite":
        url += "-stock"
    else:
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE stock")
        url = url.rpartition("/")[0] + "/stock"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "benchmarks.stock.settings"}
    run: dict[str, Any] = {"cwd": PROJECT, "env": environment, "text": True}
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], check=True, **run)
    command = [sys.executable, "-m", "benchmarks.stock.worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **run) as process:  # noqa: S603
        yield Stock(process)
        assert process.stdin is not None  # noqa: S101 -- it was asked for
        process.stdin.close()


def _beside_stock(stock: Stock, browser: Browser, what: str, address: str) -> Row:
    size = _made_a_hit(browser, address)
    queries, trips = _costs(browser, address)
    pairs = []
    for number in range(_PAIRS):
        rounds.run_now()
        first = stock.cpu_seconds(size, _CALLS) if number % 2 else 0.0
        ours = browser.cpu_seconds(address, _CALLS)
        pairs.append((ours / _CALLS, (first or stock.cpu_seconds(size, _CALLS)) / _CALLS))
    ratios = [ours / theirs for ours, theirs in pairs]
    low, _, high = quantiles(ratios, n=4)
    return Row(
        f"Hit ÷ constant page, {what}, {connection.vendor}, {size / 1000:.0f} kB",
        f"{median(ratios):.2f}",
        f"{low:.2f} to {high:.2f}, {_PAIRS} pairs",
        WANTED,
        f"{median(each for each, _ in pairs) * 1e6:.0f} µs / {median(each for _, each in pairs) * 1e6:.0f} µs CPU, "
        f"{queries} queries, {trips} trips",
    )


def _made_a_hit(browser: Browser, address: str) -> int:
    """Let the page be a hit, and return its size in bytes."""
    for _time in range(3):
        rounds.run_now()
        answer = browser.get(address)
        if not answer.status.startswith("200"):
            raise RuntimeError(f"{address} answered {answer.status}.")
    return len(answer.body)


def _costs(browser: Browser, address: str) -> tuple[int, int]:
    """Return the queries and the round trips of a hit."""
    queries: list[str] = []
    trips: list[Any] = []
    send = Connection.send_packed_command
    Connection.send_packed_command = lambda *all_: (trips.append(1), send(*all_))[1]  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(lambda execute, sql, *rest: (queries.append(sql), execute(sql, *rest))[1]):
            browser.get(address)
    finally:
        Connection.send_packed_command = send  # type: ignore[method-assign]
    if len(queries) or len(trips) > 2:
        raise RuntimeError(f"{address} is no hit: {len(queries)} queries, {len(trips)} trips.")
    return len(queries), len(trips)


# --- A page without the cache beside a hit ----------------------------------------------------------------------------


def _beside_uncached(browser: Browser, what: str, address: str) -> Row:
    with override_settings(CACHE_ENABLED=False):
        browser.get(address)
        uncached = browser.seconds(address, _UNCACHED)
    _made_a_hit(browser, address)
    hits = browser.seconds(address, _HITS)
    tail = quantiles(hits, n=100)[98]
    return Row(
        f"Without the cache ÷ hit, {what}, {connection.vendor}",
        f"{median(uncached) / median(hits):.0f}",
        f"hit p99 ÷ p50 {tail / median(hits):.1f}",
        "100 where over 50 ms" if median(uncached) >= 0.05 else "",
        f"{median(uncached) * 1000:.1f} ms / {median(hits) * 1e6:.0f} µs",
    )
