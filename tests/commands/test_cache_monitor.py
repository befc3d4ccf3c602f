"""`cache_monitor`: what it says in each state, in words and as JSON, and how it ends."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from attendance.caching import background, counters, figures, reports
from attendance.models import Room
from attendance.queries.directories import course_list, teacher_list
from tests.caching.conftest import Rooms, calm, own_redis, rooms
from tests.servers.environment import PROJECT
from tests.servers.redis_server import RunningRedis

__all__ = ["calm", "own_redis", "rooms"]

FIVE = ["--status", "--stats", "--test", "--clear", "--warmup"]


@pytest.fixture
def site(rooms: Rooms) -> Rooms:
    """An organisation, and a process that serves it."""
    background._one_round()
    reports.report.tell()
    return rooms


def run(*arguments: str) -> str:
    """Run the command here and return what it said."""
    said = StringIO()
    call_command("cache_monitor", *arguments, stdout=said, no_color=True)
    return said.getvalue()


def value(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def refused(*arguments: str) -> tuple[int, str]:
    """Run the command and return its exit code with the sentence."""
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return caught.value.returncode, str(caught.value)


# --- Without Redis's help ---------------------------------------------------------------------------------------------


def test_without_a_flag_it_lists_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("cache_monitor")
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines() if line.startswith("  --")][:5] == FIVE
    assert "Exit codes: 0 done; 1" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--status", "--resource", "rooms"], "--resource goes with --stats or --clear."),
        (["--stats", "--resource", "romos"], "There is no resource romos. There are: "),
    ],
)
def test_what_makes_no_sense_is_one_sentence(site: Rooms, arguments: list[str], sentence: str) -> None:
    code, said = refused(*arguments)
    assert code == 2 and said.startswith(sentence)


# --- Status -----------------------------------------------------------------------------------------------------------


def test_status_says_how_the_cache_stands(site: Rooms) -> None:
    said = run("--status")
    assert "Backend      redis: entries lie in Redis, shared by all processes. Redis answers.\n" in said
    assert "follows the database up, code " in said
    assert "0 tags not carried over yet" in said
    assert said.endswith("All is well; there is nothing to do.\n")
    assert reports.report.name.rpartition(":")[0] in said
    health = value("--status")
    assert (health["backend"], health["degraded"], len(health["processes"])) == ("redis", "", 1)


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
def test_status_says_that_redis_is_away_and_what_to_do(
    own_redis: RunningRedis, rooms: Rooms, fault: signal.Signals
) -> None:
    own_redis.process.send_signal(fault)
    started = time.monotonic()
    said = run("--status")
    assert time.monotonic() - started < 2
    assert "Backend      memory: entries lie in the memory of each process. Redis does not answer (" in said
    assert "start Redis, or verify REDIS_URL" in said
    assert "Nothing has to be cleared afterwards." in said
    code, sentence = refused("--fail-on-degraded")
    assert code == 3 and sentence.startswith("Redis does not answer")
    assert value("--status")["troubles"] == ["silent"]


def test_without_a_redis_in_the_settings_nothing_is_to_be_done(site: Rooms, settings: Settings) -> None:
    settings.REDIS_URL = ""
    said = run("--status", "--fail-on-degraded")
    assert "No Redis is set (REDIS_URL)" in said
    assert said.endswith("nothing to do.\n")


def test_a_password_is_never_shown(site: Rooms, settings: Settings) -> None:
    assert "@" in settings.REDIS_URL
    assert settings.REDIS_URL.split("@")[0].split(":")[-1] not in run("--status") + json.dumps(value("--status"))


# --- Stats ------------------------------------------------------------------------------------------------------------


def test_stats_are_the_reads_of_the_last_hour_with_their_causes(site: Rooms) -> None:
    for _time in range(4):
        site.now()
    Room.objects.create(organisation=site.organisation, name="A")
    site.now()
    lines = run("--stats").splitlines()
    assert " ".join(lines[0].split()) == "resource hits misses passed ratio target entries made in size"
    assert lines[1].split()[:5] == ["rooms", "3", "2", "0", "60.0%"]
    assert "rooms, misses: cold 1, invalidated 1" in lines
    assert "rooms, ended by: room:insert 1" in lines
    assert lines[-1] == "Of the last hour and all processes."
    [row] = value("--stats", "--resource", "rooms")
    assert (row["hits"], row["misses"], row["ratio"]) == (3, {"cold": 1, "invalidated": 1}, 0.6)
    assert value("--stats", "--resource", "course_list") == []


def test_a_target_that_was_missed_is_marked(site: Rooms) -> None:
    counters.hit("offering_timetable", "")
    counters.missed("offering_timetable", "", counters.Missed("cold"))
    counters.hit("teacher_list", "")
    said = run("--stats")
    assert "85% missed" in said and "75%\n" not in said
    assert [line.split()[5] for line in said.splitlines() if line.startswith("teacher_list ")] == ["75%"]


def test_stats_without_reads_say_so(site: Rooms) -> None:
    assert run("--stats") == "Nothing was read through the cache in the last hour.\n"


def test_stats_without_redis_say_whose_they_are(site: Rooms, settings: Settings) -> None:
    settings.REDIS_URL = ""
    site.now()
    assert "these are the figures of this command alone" in run("--stats")


# --- Test, clear, warm up, explain ------------------------------------------------------------------------------------


def test_the_self_test_says_each_step(site: Rooms) -> None:
    said = run("--test").splitlines()
    assert said[-1] == f"All {len(said) - 1} steps came out as they should."
    assert all(" ... done (" in line for line in said[:-1])
    assert {step["failure"] for step in value("--test")} == {""}


def test_a_self_test_that_fails_ends_with_one(own_redis: RunningRedis, rooms: Rooms) -> None:
    own_redis.process.kill()
    own_redis.process.wait()
    code, said = refused("--test")
    assert (code, said) == (1, "The cache does not work as it should; --status says more.")


def test_clearing_one_resource_leaves_the_others(site: Rooms) -> None:
    organisation = site.organisation.pk.hex
    site.now()
    teacher_list(organisation=organisation)
    assert run("--clear", "--resource", "rooms", "--yes") == "Ended all entries of rooms: 1 was known.\n"
    site.now()
    teacher_list(organisation=organisation)
    found = figures.resource_figures(organisation=None)
    reads = {each.resource: (each.hits, sum(each.misses.values())) for each in found}
    assert reads == {"rooms": (0, 2), "teacher_rows": (1, 1)}
    assert value("--clear", "--yes") == {"resource": None, "ended": 2}
    assert len(site.loads) == 2
    site.now()
    assert len(site.loads) == 3


def test_clearing_is_noted_in_the_log(site: Rooms, caplog: pytest.LogCaptureFixture) -> None:
    reports.log.addHandler(caplog.handler)
    run("--clear", "--resource", "rooms", "--yes")
    run("--clear", "--yes")
    reports.log.removeHandler(caplog.handler)
    lines = [record.getMessage() for record in caplog.records if "Invalidated" in record.getMessage()]
    assert lines == [
        "Invalidated cache for rooms (asked for by cache_monitor)",
        "Invalidated cache for everything (asked for by cache_monitor)",
    ]


def test_clearing_works_while_redis_is_away(own_redis: RunningRedis, rooms: Rooms) -> None:
    rooms.now()
    own_redis.process.send_signal(signal.SIGSTOP)
    assert "Ended all entries" in run("--clear", "--yes")
    own_redis.process.send_signal(signal.SIGCONT)
    background._one_round()
    assert rooms.now() == [] and len(rooms.loads) == 2, "made up for when it was back"


def test_a_warm_up_says_how_far_it_is(site: Rooms) -> None:
    said = run("--warmup").splitlines()
    assert said == [
        f"University of Aldermoor, {number} of 4: {resource}, warmed"
        for number, resource in enumerate(["dashboard_figures", "course_rows", "student_rows", "teacher_rows"], 1)
    ]
    assert set(value("--warmup")["aldermoor"].values()) == {"there already"}


def test_an_entry_is_explained_by_its_name(site: Rooms) -> None:
    organisation = site.organisation.pk.hex
    course_list(organisation=organisation)
    name = course_list.lookup(organisation=organisation).name
    assert "State        valid" in run("--explain", name)
    figures.clear(resource="course_rows", organisation=organisation, actor="a test")
    assert f"ended by course_rows:{organisation}:clear on request, " in run("--explain", name)
    assert value("--explain", name)["state"] == "killed"
    assert refused("--explain", "nothing") == (1, "Nothing is known of 'nothing'.")


# --- As a process -----------------------------------------------------------------------------------------------------


def process(environment: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "cache_monitor", *arguments],
        cwd=PROJECT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_exit_codes_are_those_of_the_help(process_environment: dict[str, str]) -> None:
    nowhere = {**process_environment, "REDIS_URL": "redis://127.0.0.1:1/0"}
    lost = {**process_environment, "DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}
    answers = [
        process(process_environment),
        process(process_environment, "--status", "--fail-on-degraded"),
        process(nowhere, "--status"),
        process(nowhere, "--test"),
        process(lost, "--status"),
        process(process_environment, "--clear"),
        process(process_environment, "--stats", "--clear"),
        process(nowhere, "--fail-on-degraded"),
    ]
    assert [answer.returncode for answer in answers] == [0, 0, 0, 1, 1, 2, 2, 3]
    assert answers[4].stderr.startswith("CommandError: The database does not answer: ")
    assert answers[5].stderr == "CommandError: There is no terminal to ask on. Add --yes.\n"
    assert "Traceback" not in "".join(answer.stderr for answer in answers)
    assert "\x1b" not in "".join(answer.stdout for answer in answers), "colours are for terminals"


@pytest.mark.parametrize(("typed", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_at_a_terminal_it_asks_before_it_ends_everything(
    process_environment: dict[str, str], typed: str, code: int
) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(PROJECT)
        os.execve(sys.executable, [sys.executable, "manage.py", "cache_monitor", "--clear"], process_environment)
    shown = b""
    while not shown.endswith(b"[y/N] "):
        shown += os.read(terminal, 1)
    os.write(terminal, f"{typed}\n".encode())
    _child, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == code
    assert b"This ends all entries of all organisations." in shown
