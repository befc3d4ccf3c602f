"""The cache's log: lines of one shape, none lost between processes, and none for hits where they are off."""

import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from attendance.cache_utils import CacheManager
from attendance.caching import journal, rounds
from tests.servers.environment import PROJECT
from tests.servers.product import bare_environment, run_python

PRODUCTION = {"LUMINA_ENVIRONMENT": "production", "ALLOWED_HOSTS": "attendance.example.org"}
START = "import django\ndjango.setup()\nfrom attendance.caching import journal\n"
EVERY_KIND = """
from datetime import timedelta
journal.miss("course_list")
journal.stored("student_list", timedelta(seconds=300))
journal.hit("course_list")
journal.invalidated("course (ID: 123)")
"""
OWN_FILE = """
import logging, os, sys
from pathlib import Path
handler = journal.QueuedFile(Path(sys.argv[1]), most_bytes=2_000, kept_files=400)
handler.setFormatter(logging.Formatter("%(message)s"))
log = logging.getLogger("lumina_learn.cache")
log.handlers = [handler]
"""
MANY_LINES = 1500


def run(script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script to its end as a process of its own, which writes its log where the variables say."""
    answer = run_python("-c", START + script, *arguments, environment=bare_environment(**variables))
    assert answer.returncode == 0, answer.stderr
    return answer


def lines_in(folder: Path) -> list[str]:
    """Return the lines of the log and of the files that it was renamed to."""
    return [line for file in folder.glob("cache.log*") for line in file.read_text("utf-8").splitlines()]


# --- Lines ------------------------------------------------------------------------------------------------------------


def test_each_line_has_its_time_level_and_logger(tmp_path: Path) -> None:
    run(EVERY_KIND, LOG_DIR=str(tmp_path))

    start = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[INFO\] lumina_learn\.cache: ")
    lines = lines_in(tmp_path)
    assert [start.sub("", line) for line in lines] == [
        "Cache MISS: course_list",
        "Cache SET: student_list (timeout: 300s)",
        "Cache HIT: course_list",
        "Invalidated cache for course (ID: 123)",
    ]
    assert all(start.match(line) for line in lines)


@pytest.mark.parametrize(
    ("variables", "noted"),
    [
        ({}, True),
        ({"CACHE_LOG_HITS": "false"}, False),
        (PRODUCTION, False),
        ({**PRODUCTION, "CACHE_LOG_HITS": "true"}, True),
    ],
)
def test_hits_are_noted_in_development_or_where_they_are_asked_for(
    tmp_path: Path, variables: dict[str, str], noted: bool
) -> None:
    run(EVERY_KIND, LOG_DIR=str(tmp_path), **variables)

    lines = lines_in(tmp_path)
    assert any("Cache HIT" in line for line in lines) is noted
    assert len(lines) == 3 + noted


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What the cache's log says from here on."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    listener = Listener()
    journal.log.addHandler(listener)
    yield said
    journal.log.removeHandler(listener)


def test_a_write_has_a_line_for_each_row_whose_values_ended(lines: list[str]) -> None:
    journal.written(["course:7:update", "course:5:update", "course:5:update", "room:12 rows:delete", "user::truncate"])

    assert lines == [
        "Invalidated cache for course (ID: 5)",
        "Invalidated cache for course (ID: 7)",
        "Invalidated cache for room (12 rows)",
        "Invalidated cache for user (all rows)",
    ]


def test_a_write_of_very_many_rows_has_one_line(lines: list[str]) -> None:
    journal.written(f"course:{number}:update" for number in range(11))

    assert lines == ["Invalidated cache for course (11 rows)"]


def test_what_somebody_asked_for_is_not_noted_as_a_write_again(lines: list[str]) -> None:
    journal.written([f"course:5:update{journal.ON_REQUEST}"])

    assert lines == []


@pytest.fixture
def followed(transactional_db: None, calm: None) -> None:
    """Stamps that follow the database."""
    assert rounds.run_now()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: CacheManager.get_cached("missing"), ["Cache MISS: missing"]),
        (lambda: CacheManager.set_cached("student_list", [], timeout=300), ["Cache SET: student_list (timeout: 300s)"]),
        (lambda: CacheManager.get_cached("course_list"), ["Cache HIT: course_list"]),
        (lambda: CacheManager.get("rooms", "org1", search="Amira"), ["Cache MISS: rooms"]),
        (lambda: CacheManager.delete("rooms:org1:search:Amira"), ["Invalidated cache for rooms"]),
        (lambda: CacheManager.invalidate("rooms", "org1"), ["Invalidated cache for rooms:org1"]),
        (lambda: CacheManager.invalidate_pattern("rooms:*"), ["Invalidated cache for rooms"]),
        (
            lambda: CacheManager.invalidate_related_cache("course", 123, "update"),
            ["Invalidated cache for course (ID: 123)"],
        ),
        (CacheManager.clear_all, ["Invalidated cache for everything"]),
    ],
)
def test_what_is_done_by_hand_is_noted_without_its_parameters(
    followed: None, lines: list[str], act: Callable[[], object], said: list[str]
) -> None:
    CacheManager.set_cached("course_list", [])
    lines.clear()
    act()

    assert lines == said


def test_what_a_transaction_took_back_is_not_noted(followed: None, lines: list[str]) -> None:
    with transaction.atomic():
        CacheManager.invalidate_related_cache("course", 123, "update")
        transaction.set_rollback(True)

    assert lines == []


def test_a_hit_that_is_not_noted_makes_no_record(settings: Settings, lines: list[str]) -> None:
    settings.CACHE_LOG_HITS = False
    journal.hit("course_list")
    journal.stored("course_list", timedelta(minutes=10))

    assert lines == ["Cache SET: course_list (timeout: 600s)"]


# --- The file ---------------------------------------------------------------------------------------------------------


def test_nothing_is_opened_before_the_first_line(tmp_path: Path) -> None:
    run("", LOG_DIR=str(tmp_path / "logs"))

    assert list((tmp_path / "logs").iterdir()) == []


def test_a_folder_that_cannot_be_made_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    answer = run_python("manage.py", "check", environment=bare_environment(LOG_DIR=str(tmp_path / "taken")))

    assert answer.returncode != 0
    assert answer.stderr == f"Configuration: LOG_DIR is '{tmp_path}/taken': File exists; name another folder.\n"


def test_a_failed_redis_is_told_on_the_console_and_in_the_file_and_hits_are_not(tmp_path: Path) -> None:
    failure = "from attendance.caching.breaker import redis_breaker\nredis_breaker.failed(ConnectionError())"
    answer = run(EVERY_KIND + failure, LOG_DIR=str(tmp_path))

    (line,) = answer.stderr.splitlines()
    assert line.endswith("Redis connection failed (ConnectionError): pages come from the database; verify REDIS_URL")
    assert lines_in(tmp_path)[-1] == line
    assert len(lines_in(tmp_path)) == 5


def let_go(processes: list[subprocess.Popen[bytes]]) -> None:
    """Wait until all are ready, and start them at once."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()


def test_several_processes_lose_no_line_while_files_are_renamed(tmp_path: Path) -> None:
    script = f"""
print("ready", flush=True)
sys.stdin.read()
for number in range({MANY_LINES}): log.info("%s wrote line %d", sys.argv[2], number)
"""
    names = ["Amira", "Bilal", "Ines", "Kwame"]
    command = [sys.executable, "-c", START + OWN_FILE + script, str(tmp_path / "cache.log")]

    def start(name: str) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen([*command, name], cwd=PROJECT, env=bare_environment(), stdin=pipe, stdout=pipe)

    with ExitStack() as running:
        processes = [running.enter_context(start(name)) for name in names]
        let_go(processes)
    assert [process.returncode for process in processes] == [0] * len(names)

    wanted = [f"{name} wrote line {number}" for name in names for number in range(MANY_LINES)]
    assert sorted(lines_in(tmp_path)) == sorted(wanted)
    sizes = [file.stat().st_size for file in tmp_path.glob("cache.log*")]
    assert len(sizes) > 10
    longest = max(map(len, wanted)) + 1
    assert max(sizes) < 2_000 + journal.MOST_AT_ONCE * longest, "a file ends with the lines that fill it"


def test_a_process_that_was_forked_writes_its_own_lines_and_none_of_its_parent(tmp_path: Path) -> None:
    fork = f"""
for number in range({MANY_LINES}): log.info("parent before %d", number)
for name in ("one", "two", "three"):
    if os.fork() == 0:
        for number in range({MANY_LINES}): log.info("%s %d", name, number)
        sys.exit()
for number in range({MANY_LINES}): log.info("parent after %d", number)
assert [os.wait()[1] for _ in range(3)] == [0, 0, 0]
"""
    run(OWN_FILE + fork, str(tmp_path / "cache.log"))

    writers = ("parent before", "one", "two", "three", "parent after")
    assert sorted(lines_in(tmp_path)) == sorted(
        f"{writer} {number}" for writer in writers for number in range(MANY_LINES)
    )


def test_a_line_after_the_end_opens_the_file_again(tmp_path: Path) -> None:
    run(OWN_FILE + "log.info('one')\nhandler.close()\nlog.info('two')", str(tmp_path / "cache.log"))

    assert lines_in(tmp_path) == ["one", "two"]
