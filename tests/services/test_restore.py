"""Restoring: all rows are what they were, on either database, and whatever goes wrong changes nothing."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from attendance.archives.backups import Backup, TableContent, UnreadableError, write
from attendance.ledger.commitment import commitment
from attendance.models import AttendanceEvent, LoginSession, Organisation, Room, Throttle, User
from attendance.queries.directories import teacher_list
from attendance.queries.export_zip import export_zip
from attendance.services.backups import back_up
from attendance.services.refusals import Refusal
from attendance.services.register import Mark, mark_register
from attendance.services.restore import restore
from attendance.services.restore_tables import tables_to_oneself
from attendance.services.sealing import seal
from tests.caching.conftest import calm
from tests.caching.outbox_rows import changes_after, last_row
from tests.cast import PASSWORD, Campus, signed_in
from tests.ledger.stage import erase, mark, sealed_block
from tests.servers.product import run_python
from tests.services.kept_rows import all_that_is_kept, contents_of, fill_tables, silent, spoil
from tests.sign_in.acts import browser_of, log_in, with_password

__all__ = ["calm"]

pytestmark = pytest.mark.django_db(transaction=True)

Tables = dict[str, list[list[Any]]]


@pytest.fixture
def saved(campus: Campus, tmp_path: Path) -> Path:
    """A backup of a campus with rows in most tables."""
    fill_tables(campus)
    path = tmp_path / "backup.zip"
    back_up(path=path, overwrite=False, progress=silent)
    return path


def restored(path: Path, *, replace: bool = True) -> int:
    with Backup(path) as backup:
        return restore(backup=backup, replace=replace, progress=silent)


def changed(saved: Path, change: Callable[[Tables], object]) -> Path:
    """Return another backup, whose tables somebody changed on the way."""
    path = saved.with_name("changed.zip")
    with Backup(saved) as backup, path.open("w+b") as file:
        rows = {table.name: list(backup.rows(table)) for table in backup.tables}
        change(rows)
        tables = [TableContent(table.name, table.columns, rows[table.name]) for table in backup.tables]
        write(file, backup.description, tables)
    return path


def assert_append_only() -> None:
    """The guard of the events is where it was."""
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM attendance_attendanceevent")


# --- Round trips ------------------------------------------------------------------------------------------------------


def test_every_row_is_what_it_was(campus: Campus, saved: Path) -> None:
    before = all_that_is_kept()
    spoil(campus)
    assert all_that_is_kept() != before

    number = restored(saved)

    assert all_that_is_kept() == before
    assert number == sum(len(rows) for rows in before.values())


def test_an_empty_database_needs_no_permission(campus: Campus, saved: Path, tmp_path: Path) -> None:
    before = contents_of(saved)
    restored(changed(saved, lambda tables: [rows.clear() for rows in tables.values()]))
    assert not Organisation.objects.exists()

    restored(saved, replace=False)

    again = tmp_path / "again.zip"
    back_up(path=again, overwrite=False, progress=silent)
    assert contents_of(again) == before


def test_a_database_with_an_organisation_is_left_alone(campus: Campus, saved: Path) -> None:
    spoil(campus)
    before = all_that_is_kept()
    with pytest.raises(Refusal, match="Add --replace to lose all that is stored now"):
        restored(saved, replace=False)
    assert all_that_is_kept() == before


def run_on_sqlite(tmp_path: Path, *commands: Sequence[object]) -> None:
    """Run commands one after the other, each in a process of its own, on an SQLite file."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'there.sqlite3'}", "REDIS_URL": ""}
    for command in commands:
        answer = run_python("manage.py", *map(str, command), environment=environment)
        assert answer.returncode == 0, answer.stderr


def test_it_goes_through_sqlite_and_back(campus: Campus, saved: Path, tmp_path: Path) -> None:
    """Another process puts it into SQLite and makes a backup there, which goes back into the database of this run."""
    there = tmp_path / "there.zip"
    run_on_sqlite(tmp_path, ["migrate"], ["restore", saved], ["backup", there])
    before = all_that_is_kept()
    spoil(campus)
    with Backup(there) as backup:
        assert backup.description.database == "sqlite"
        restore(backup=backup, replace=True, progress=silent)

    assert contents_of(there) == contents_of(saved)
    assert all_that_is_kept() == before


def test_both_databases_export_the_same_bytes(campus: Campus, saved: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.csv.zip"
    run_on_sqlite(tmp_path, ["migrate"], ["restore", saved], ["export_csv", "aldermoor", there])

    assert there.read_bytes() == b"".join(export_zip(campus.organisation))


# --- Afterwards -------------------------------------------------------------------------------------------------------


def test_people_log_in_with_their_old_passwords_and_nobody_is_signed_in(campus: Campus, saved: Path) -> None:
    browser = browser_of(campus.ines)
    campus.ines.set_password("another one since then")
    campus.ines.save()
    Throttle.objects.create(
        purpose="login", account="ines", address="127.0.0.1", since="2026-09-14T07:00Z", failures=50
    )
    restored(saved)

    assert browser.get("/dashboard/").url.startswith("/login/")
    assert not LoginSession.objects.exists()
    assert log_in(Client(), "ines", "another one since then").status_code == 422
    assert log_in(Client(), "ines", PASSWORD).status_code == 302


def test_every_event_verifies_and_still_refuses_to_change(campus: Campus, saved: Path) -> None:
    spoil(campus)
    restored(saved)
    events = list(AttendanceEvent.objects.all())

    assert len(events) == 4
    assert [commitment(str(e.body), bytes(e.salt or b"")) for e in events] == [bytes(e.commitment) for e in events]
    assert_append_only()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AttendanceEvent.objects.update(to_status="")


def test_what_was_erased_stays_erased_and_the_audit_finds_it_in_order(campus: Campus, tmp_path: Path) -> None:
    sealed_block(campus, campus.amira, campus.bilal)
    erase(campus, campus.amira)
    assert seal() is not None
    mark(campus, campus.amira)
    erase(campus, campus.amira)
    before, path = all_that_is_kept(), tmp_path / "backup.zip"
    back_up(path=path, overwrite=False, progress=silent)
    restored(path)

    assert all_that_is_kept() == before
    assert AttendanceEvent.objects.filter(body=None, salt=None, erased_by__isnull=False).count() == 2
    call_command("verify_ledger", verbosity=0)
    assert seal() is not None
    call_command("verify_ledger", verbosity=0)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AttendanceEvent.objects.filter(body=None).update(erased_by=None)


def test_the_next_rows_are_numbered_behind_those_that_came_back(campus: Campus, saved: Path) -> None:
    highest = Room.objects.order_by("pk").last()
    assert highest is not None
    for number in range(5):
        Room.objects.create(organisation=campus.organisation, name=f"Room {number}")
    restored(saved)
    assert Room.objects.create(organisation=campus.organisation, name="Next").pk == highest.pk + 1
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 1)])
    with_password(User.objects.create_user("new", organisation=campus.organisation, role="student", family_name="New"))


def test_nothing_that_was_cached_before_is_served(campus: Campus, saved: Path, calm: None) -> None:
    own = {"organisation": campus.organisation.pk.hex}
    before = teacher_list(**own)
    User.objects.filter(pk=campus.ines.pk).update(family_name="Changed")
    assert teacher_list(**own) != before
    restored(saved)

    assert teacher_list(**own) == teacher_list.uncached(**own) == before


def test_triggers_name_what_changes_again(campus: Campus, saved: Path) -> None:
    restored(saved)
    last = last_row()
    Room.objects.filter(pk=campus.room.pk).update(name="Renamed")

    assert f"room.id={campus.room.pk}" in {change.tag for change in changes_after(last)}


def test_content_types_are_looked_up_anew(campus: Campus, saved: Path) -> None:
    def renumber(tables: Tables) -> None:
        kept = tables["django_content_type"]
        other = {row[0]: row[0] + 1000 for row in kept}
        for rows, column in ((kept, 0), (tables["auth_permission"], 2), (tables["django_admin_log"], 3)):
            for row in rows:
                row[column] = other[row[column]]

    known = ContentType.objects.get_for_model(Room).pk
    restored(changed(saved, renumber))
    assert ContentType.objects.get_for_model(Room).pk == known + 1000


# --- What is refused --------------------------------------------------------------------------------------------------


def refused(path: Path) -> str:
    """Return the sentence, after seeing that nothing was changed."""
    before = all_that_is_kept()
    with pytest.raises((Refusal, UnreadableError)) as caught:
        restored(path)
    assert all_that_is_kept() == before
    assert_append_only()
    return str(caught.value)


def nowhere(tables: Tables) -> None:
    """Make a room belong to an organisation that does not exist."""
    tables["attendance_room"][0][1] = "00000000-0000-0000-0000-000000000000"


def twice(tables: Tables) -> None:
    tables["attendance_room"].append(tables["attendance_room"][0])


def out_of_range(tables: Tables) -> None:
    """Store a weight that a constraint forbids."""
    tables["attendance_offering"][0][4] = 101


@pytest.mark.parametrize("change", [nowhere, twice, out_of_range])
def test_rows_that_the_database_does_not_take_change_nothing(
    campus: Campus, saved: Path, change: Callable[[Tables], None]
) -> None:
    path = changed(saved, change)
    spoil(campus)
    sentence = refused(path)

    assert sentence.startswith("Nothing was changed. The database said: ")
    assert "\n" not in sentence


def test_a_file_that_is_damaged_changes_nothing(campus: Campus, saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[len(content) // 2] ^= 1
    saved.write_bytes(content)

    assert refused(saved) == "backup.zip is damaged: its SHA-256 is not the one it ends with."


def other_migrations(saved: Path, migrations: Callable[[Sequence[str]], Sequence[str]]) -> Path:
    path = saved.with_name("other.zip")
    with Backup(saved) as backup, path.open("w+b") as file:
        described = replace(
            backup.description,
            migrations=migrations(backup.description.migrations),
            made_at="2025-01-31T09:00:00+00:00",
            code_version="0123456789ab",
        )
        write(file, described, [])
    return path


def test_a_backup_of_another_version_is_told_in_a_sentence(campus: Campus, saved: Path) -> None:
    path = other_migrations(saved, lambda known: [name for name in known if "0001_foundation" in name])
    sentence = refused(path)

    assert sentence.startswith(
        "The backup of 2025-01-31 was made by version 0123456789ab, whose tables are those of 0001_foundation; here "
    )
    assert sentence.endswith("Restore it with that version, then run migrate with this one.")


def test_a_backup_of_other_tables_is_refused(campus: Campus, saved: Path) -> None:
    path = other_migrations(saved, lambda known: known)

    assert refused(path) == "The backup has other tables or columns than this version."


def test_triggers_never_step_aside_outside_of_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="only inside the transaction of a restore"), tables_to_oneself([Room]):
        pass


def test_who_is_signed_in_stays_so_when_nothing_was_restored(campus: Campus, saved: Path) -> None:
    browser = signed_in(campus.ines)
    refused(changed(saved, nowhere))

    assert browser.get("/dashboard/").status_code == 200
    assert connection.in_atomic_block is False
