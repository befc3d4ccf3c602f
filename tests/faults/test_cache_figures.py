"""What command, metrics and log say of a site of two processes is what readers saw, through every fault of Redis."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attendance.caching.reports import SILENT_AFTER
from attendance.models import User
from tests.cast import Campus
from tests.faults.cache_servers import RedisServer, redis_of_its_own
from tests.faults.site import Site, cookie_of, running_site


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that may be killed, frozen and set back."""
    with redis_of_its_own(tmp_path / "redis") as running:
        yield running


@pytest.fixture
def site(process_environment: dict[str, str], campus: Campus, server: RedisServer, tmp_path: Path) -> Iterator[Site]:
    """Two processes that serve a campus."""
    with running_site(process_environment, server.url, tmp_path / "site") as running:
        yield running


@pytest.fixture
def cookies(campus: Campus) -> list[str]:
    """Three people who are told why an answer was a hit or not."""
    return [cookie_of(person) for person in (campus.ines, campus.kwame, campus.auditor)]


def rename(campus: Campus, name: str) -> None:
    """Write something that these pages show, as another program would."""
    User.objects.filter(pk=campus.kwame.pk).update(family_name=name)


def is_well(status: dict[str, Any]) -> bool:
    return status["backend"] == "redis" and status["troubles"] == [] and len(status["processes"]) == 2


def is_away(status: dict[str, Any]) -> bool:
    return status["backend"] == "memory" and status["troubles"] == ["silent"] and not status["answers"]


def test_figures_are_what_readers_counted_and_none_is_lost_at_the_end(
    site: Site, campus: Campus, cookies: list[str]
) -> None:
    for name in ("Mensah", "Osei", "Boateng", "Addo", "Owusu", "Asante"):
        site.read([*cookies, ""], 40)
        rename(campus, name)
    site.settles()
    assert site.counted.total() == 960 and site.answers == {200: 720, 302: 240 - 60, 401: 60}
    assert min(site.counted[said] for said in ("hit", "fwd=miss", "fwd=bypass")) >= 12
    site.read(cookies, 25)
    site.end()
    assert site.figures() == site.counted == site.noted()
    assert site.status()["processes"] == []


def test_a_redis_that_is_killed_and_comes_back_empty(site: Site, server: RedisServer, cookies: list[str]) -> None:
    site.read(cookies, 10)
    assert is_well(site.soon(is_well))
    server.kill()
    status = site.soon(is_away)
    assert status["reason"].startswith("Redis does not answer (ConnectionError)")
    assert "start Redis" in site.ask("--status").stdout
    assert site.ask("--fail-on-degraded").returncode == 3
    site.read(cookies, 10)
    assert "Redis connection failed (" in site.lines() and "verify REDIS_URL" in site.lines()
    server.start()
    status = site.soon(lambda status: is_well(status) and "set back to an older copy" in status["reason"])
    assert status["degraded"] == ""
    assert "Redis answers again" in site.lines()
    assert "Redis has lost what it was told" in site.lines()
    assert site.answers == {200: 80}


def test_a_redis_that_freezes_loses_no_figure_and_counts_none_twice(
    site: Site, server: RedisServer, campus: Campus, cookies: list[str]
) -> None:
    for name in ("Mensah", "Osei"):
        site.read(cookies, 10)
        server.freeze()
        site.read(cookies, 10)
        status = site.soon(is_away)
        assert status["reason"].startswith("Redis does not answer (TimeoutError)")
        assert "(TimeoutError): pages come from the database; verify REDIS_URL" in site.lines()
        server.thaw()
        site.soon(is_well)
        assert "set back" not in site.status()["reason"]
        rename(campus, name)
    site.settles()
    assert site.answers == {200: 160}


def test_a_redis_that_comes_back_with_an_old_file_says_so(
    site: Site, server: RedisServer, campus: Campus, cookies: list[str]
) -> None:
    site.read(cookies, 10)
    site.settles()
    server.client.save()
    saved = site.counted.copy()
    site.read(cookies, 10)
    rename(campus, "Mensah")
    site.settles()
    server.kill()
    server.start()
    site.soon(
        lambda status: (
            is_well(status)
            and "set back to an older copy" in status["reason"]
            and site.lines().count("Redis has lost what it was told") == 2
        )  # Each process notices, with its next report.
    )
    after = site.figures()
    assert all(saved[said] <= after[said] <= site.counted[said] for said in saved), "what came in between is gone"
    page = site.get("/teachers/", cookies[0]).body  # type: ignore[attr-defined]
    assert "Mensah" in page.decode()


def test_a_process_that_is_killed_is_missed(site: Site, cookies: list[str]) -> None:
    site.read(cookies, 5)
    victim = int(site.soon(is_well)["processes"][0]["name"].rpartition(":")[2])
    os.kill(victim, signal.SIGKILL)
    time.sleep(SILENT_AFTER)  # A report is late by then, which is what makes it missed.
    status = site.soon(lambda status: status["troubles"] == ["lost process"])
    assert "fell silent" in status["degraded"]
