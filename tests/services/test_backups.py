"""Backing up: whole, of one moment, for its owner's eyes, and never in the way of those who work."""

import stat
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from attendance.archives.backups import Backup
from attendance.models import Lecture, LoginSession, Room, Throttle
from attendance.queries.tables import migrations_known, tables_kept
from attendance.services.backups import ROWS_BETWEEN_LINES, back_up, followed
from attendance.services.refusals import Refusal
from tests.cast import Campus, signed_in
from tests.services.kept_rows import all_that_is_kept, contents_of, fill_tables, silent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


def made(path: Path) -> Path:
    back_up(path=path, overwrite=False, progress=silent)
    return path


def test_every_table_is_in_it_with_all_its_rows(campus: Campus, path: Path) -> None:
    fill_tables(campus)
    numbers = {model._meta.db_table: model._base_manager.count() for model in tables_kept()}

    assert {table.name: table.rows for table in contents_of(made(path))} == numbers
    assert len([number for number in numbers.values() if number]) > 25


def test_who_is_signed_in_what_failed_and_the_cache_are_not_in_it(campus: Campus, path: Path) -> None:
    signed_in(campus.ines)
    assert LoginSession.objects.exists()
    content = made(path)
    absent = {LoginSession._meta.db_table, Throttle._meta.db_table, "caching_outbox", "caching_horizon"}

    assert absent.isdisjoint(table.name for table in contents_of(content))


def test_it_says_when_by_whom_and_of_what_it_was_made(campus: Campus, path: Path) -> None:
    with Backup(made(path)) as backup:
        assert backup.description.database == connection.vendor
        assert backup.description.migrations == migrations_known()
        assert backup.description.made_at[:4].isdigit()
        assert len(backup.description.code_version) == 12


def test_two_of_the_same_rows_hold_the_same(campus: Campus, path: Path, tmp_path: Path) -> None:
    fill_tables(campus)

    assert contents_of(made(path)) == contents_of(made(tmp_path / "again.zip"))


def test_only_its_owner_may_read_it(campus: Campus, path: Path) -> None:
    assert stat.S_IMODE(made(path).stat().st_mode) == 0o600


def test_a_file_that_is_there_is_left_alone_unless_told_otherwise(campus: Campus, path: Path) -> None:
    path.write_text("precious")
    path.chmod(0o644)
    with pytest.raises(Refusal, match=r"backup\.zip is there already\. Add --force to overwrite it\.$"):
        made(path)
    assert path.read_text() == "precious"
    back_up(path=path, overwrite=True, progress=silent)
    assert contents_of(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_fails_leaves_no_file(campus: Campus, path: Path) -> None:
    def fail(_table: str, _rows: int) -> None:
        raise RuntimeError("told to fail")

    path.write_text("precious")
    with pytest.raises(RuntimeError, match="told to fail"):
        back_up(path=path, overwrite=True, progress=fail)
    assert [file.name for file in path.parent.iterdir()] == ["backup.zip"]
    assert path.read_text() == "precious"
    assert not connection.in_atomic_block
    Room.objects.create(organisation=campus.organisation, name="The connection is as good as before")


def test_a_folder_that_is_not_there_is_told_in_a_sentence(campus: Campus, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"away/backup\.zip cannot be written: No such file or directory\.$"):
        made(tmp_path / "away" / "backup.zip")


def test_a_database_of_another_version_is_refused(campus: Campus, path: Path) -> None:
    last = MigrationRecorder(connection).migration_qs.filter(app="attendance").order_by("name").last()
    assert last is not None
    last.delete()
    try:
        with pytest.raises(Refusal, match="Run migrate first"):
            made(path)
    finally:
        last.save()
    assert not path.exists()


def test_it_is_of_one_moment_and_nobody_waits_for_it(campus: Campus, path: Path) -> None:
    """Somebody writes to the first and to the last tables after it has begun: neither is in it."""
    before = all_that_is_kept()
    numbers = {model._meta.db_table: len(before[model._meta.label]) for model in tables_kept()}

    def write_in_between(table: str, _rows: int) -> None:
        if table == "attendance_organisation":
            writer.start()
            writer.join(timeout=15)

    def write() -> None:
        Room.objects.create(organisation=campus.organisation, name="New")
        Lecture.objects.filter(pk=campus.lecture.pk).update(topic="Changed")
        Lecture.objects.bulk_create([Lecture(**shape_of(campus.lecture)) for _ in range(3)])
        connection.close()

    writer = threading.Thread(target=write)
    back_up(path=path, overwrite=False, progress=write_in_between)

    assert not writer.is_alive()
    assert Room.objects.filter(name="New").exists(), "the writer did not have to wait"
    assert {table.name: table.rows for table in contents_of(path)} == numbers
    with Backup(path) as backup:
        lectures = next(table for table in backup.tables if table.name == "attendance_lecture")
        topic = lectures.columns.index("topic")
        assert [row[topic] for row in backup.rows(lectures)] == [""]


def shape_of(lecture: Lecture) -> dict[str, object]:
    columns = ("organisation_id", "offering_id", "starts_at", "ends_at")
    return {column: getattr(lecture, column) for column in columns}


def test_progress_is_told_now_and_then_and_at_the_end() -> None:
    told: list[int] = []

    def say(_table: str, rows: int) -> None:
        told.append(rows)

    for number in (0, 1, ROWS_BETWEEN_LINES, 2 * ROWS_BETWEEN_LINES + 7):
        assert sum(1 for _ in followed(range(number), "x", say)) == number
    line = ROWS_BETWEEN_LINES
    assert told == [0, 1, line, line, 2 * line, 2 * line + 7]
