"""A backup or a restore that is killed at any step leaves the old state or the new one, and nobody sees a third."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from attendance.archives.backups import Backup, UnreadableError
from attendance.caching.rounds import L
from attendance.models import Room, User
from attendance.queries.snapshots import one_snapshot
from attendance.queries.tables import migrations_applied, tables_kept
from attendance.services.backups import back_up
from attendance.services.restore import restore
from tests.caching.conftest import plain_connection
from tests.caching.outbox_rows import changes_after, last_row
from tests.cast import Campus
from tests.faults.cache_servers import wait_until
from tests.servers.environment import PROJECT
from tests.servers.product import run_python
from tests.services.kept_rows import all_that_is_kept, fill_tables, silent, spoil

IN_THE_TRANSACTION = ["tables-emptied", "half-full", "numbered", "before-the-commit"]


@pytest.fixture
def saved(process_environment: dict[str, str], campus: Campus, tmp_path: Path) -> Path:
    """A backup of a campus with rows in most tables."""
    fill_tables(campus)
    path = tmp_path / "backup.zip"
    back_up(path=path, overwrite=False, progress=silent)
    return path


def killed(step: str, path: Path, environment: dict[str, str]) -> None:
    """Run a backup or restore that kills itself at that step."""
    command = [sys.executable, "-m", "tests.faults.killed_restore", step, str(path)]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert answer.returncode == -signal.SIGKILL, answer.stderr


def assert_as_good_as_new(campus: Campus) -> None:
    """Events are guarded, writes reach the cache, and the next row gets a number of its own."""
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM attendance_attendanceevent")
    last = last_row()
    added = Room.objects.create(organisation=campus.organisation, name="One more")
    assert f"room.id={added.pk}" in {change.tag for change in changes_after(last)}


@pytest.mark.parametrize("step", IN_THE_TRANSACTION)
def test_a_restore_killed_before_its_end_changed_nothing(
    process_environment: dict[str, str], campus: Campus, saved: Path, step: str
) -> None:
    spoil(campus)
    before = all_that_is_kept()
    killed(step, saved, process_environment)

    assert all_that_is_kept() == before
    assert_as_good_as_new(campus)


def test_a_restore_killed_after_its_end_is_done(
    process_environment: dict[str, str], campus: Campus, saved: Path
) -> None:
    before = all_that_is_kept()
    spoil(campus)
    killed("before-the-epoch", saved, process_environment)

    assert all_that_is_kept() == before
    assert_as_good_as_new(campus)


def test_what_a_killed_restore_left_can_be_restored(
    process_environment: dict[str, str], campus: Campus, saved: Path
) -> None:
    before = all_that_is_kept()
    spoil(campus)
    killed("half-full", saved, process_environment)
    with Backup(saved) as backup:
        restore(backup=backup, replace=True, progress=silent)

    assert all_that_is_kept() == before


def test_a_backup_that_is_killed_leaves_no_file_that_looks_whole(
    process_environment: dict[str, str], campus: Campus, saved: Path
) -> None:
    whole = saved.read_bytes()
    killed("while-writing", saved, process_environment)
    [left] = [file for file in saved.parent.iterdir() if file != saved]

    assert saved.read_bytes() == whole
    assert left.name.startswith(".backup.zip.")
    assert left.suffix == ".part"
    assert left.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UnreadableError):
        Backup(left)


def test_a_backup_during_which_somebody_restores_is_of_the_moment_before(
    process_environment: dict[str, str], campus: Campus, saved: Path
) -> None:
    """Emptying a table pays no heed to snapshots on PostgreSQL, so the restore has to wait there."""
    spoil(campus)
    before = all_that_is_kept()
    command = [sys.executable, "manage.py", "restore", "--replace", str(saved)]
    with one_snapshot(tables_kept()):
        assert migrations_applied(), "from the first query on, the moment stands"
        restoring = subprocess.Popen(command, env=process_environment, cwd=PROJECT, stdout=subprocess.DEVNULL)
        wait_until(lambda: restoring.poll() is not None or somebody_waits())
        seen = all_that_is_kept()
    assert restoring.wait(timeout=60) == 0
    assert seen == before != all_that_is_kept()


def somebody_waits() -> bool:
    """Say whether a process waits for a lock; on SQLite, where a restore waits for nobody who reads, none does."""
    if connection.vendor == "sqlite":
        return False
    with closing(plain_connection()) as plain:
        return bool(plain.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0])


# --- Other processes --------------------------------------------------------------------------------------------------


class Reader:
    """Another process, in which somebody looks at the list of teachers."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def look(self) -> dict[str, Any]:
        """Return what the page and the list say now."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def reading(person: User, environment: dict[str, str], queries: int = 0) -> Iterator[Reader]:
    """Run the other process for as long as the block lasts, once it is served from the cache by that many queries."""
    cached = {"status": 200, "queries": queries, "page": True, "rows": True}
    command = [sys.executable, "-m", "tests.faults.page_reader", str(person.pk)]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        reader = Reader(process)
        wait_until(lambda: reader.look() == cached)
        yield reader
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.fixture
def changed(campus: Campus, saved: Path) -> Path:
    """The backup of a campus in which a teacher has another name since."""
    User.objects.filter(pk=campus.ines.pk).update(family_name="Changed")
    return saved


@pytest.mark.parametrize("redis", ["shared", ""], ids=["with Redis", "in memory"])
def test_another_process_is_served_nothing_from_before(
    process_environment: dict[str, str], campus: Campus, changed: Path, redis: str
) -> None:
    environment = process_environment if redis else {**process_environment, "REDIS_URL": ""}
    queries = 0 if redis else 2  # In memory each hit asks the database whether it still holds.
    with reading(campus.kwame, environment, queries) as reader:
        answer = run_python("manage.py", "restore", "--replace", str(changed), environment=environment)
        seen = reader.look()
    assert answer.returncode == 0, answer.stderr
    assert "The cache begins anew" in answer.stdout
    assert (seen["status"], seen["page"], seen["rows"]) == (302, False, False), "signed out, and the list is restored"


def test_other_processes_find_out_by_themselves_when_the_restoring_one_is_killed(
    process_environment: dict[str, str], campus: Campus, changed: Path
) -> None:
    with reading(campus.kwame, process_environment) as reader:
        killed("before-the-epoch", changed, process_environment)
        committed = time.monotonic()
        wait_until(lambda: reader.look()["status"] == 302, patience=L.total_seconds() + 1)
        assert reader.look()["rows"] is False
        assert time.monotonic() - committed < L.total_seconds() + 1
