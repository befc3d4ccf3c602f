"""Every way to write, to every ruled table: at once through Django, within one round by hand.

The table is kept as an entry under each tag of the row that changes, so one path that a trigger forgot shows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from attendance.cache_rules import RULES
from attendance.caching import rounds
from attendance.caching.accessors import CachedAccessor, cached
from attendance.models import Course, Enrolment, Lecture, Room, Section, User
from tests.caching.conftest import by_hand
from tests.caching.ruled_rows import ROWS
from tests.cast import signed_in
from tests.models.institution import Institution, found_institution, person

BY_NAME = {rule.name: rule for rule in RULES}
numbers = count()
Statement = tuple[str, list[Any]]


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let these tests commit, and empty the tables once at the end: each test founds institutions of its own."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", interactive=False, verbosity=0)


@dataclass
class Table:
    """One row of a table, and the whole table as entries under each of the row's tags show it."""

    name: str
    folder: Path
    here: Institution
    there: Institution
    tags: list[str] = field(default_factory=list)
    loads: int = 0

    def __post_init__(self) -> None:
        self.row: Any = ROWS[self.name].make(self.here)
        self.row.save()
        self.model: Any = BY_NAME[self.name].model
        self.tags = sorted(ROWS[self.name].tags(self.row))
        # The last change in the list moves no row to another institution.
        self.change = list(ROWS[self.name].watched(self.here, self.there).values())[-1]

    def accessor(self) -> CachedAccessor[..., list[str]]:
        @cached(self.name, timeout=timedelta(seconds=60), tags=lambda *, tag: [tag])
        def rows(*, tag: str) -> list[str]:
            self.loads += 1
            columns = self.model._default_manager.order_by("pk").values_list("pk", *BY_NAME[self.name].columns)
            return [str(row) for row in columns]

        return rows

    def shown(self) -> list[list[str]]:
        return [self.accessor()(tag=tag) for tag in self.tags]

    def truth(self) -> list[list[str]]:
        return [self.accessor().uncached(tag=tag) for tag in self.tags]

    @property
    def rows(self) -> Any:
        return self.model._default_manager.filter(pk=self.row.pk)

    def changed(self) -> Any:
        for column, value in self.change.items():
            setattr(self.row, column, value)
        return self.row

    def prepared(self, column: str, value: Any) -> Any:
        return self.model._meta.get_field(column).get_db_prep_save(getattr(value, "pk", value), connection)

    @property
    def key(self) -> str:
        """The column of the primary key."""
        return BY_NAME[self.name].key

    @property
    def key_value(self) -> Any:
        return self.prepared(self.model._meta.pk.name, self.row.pk)

    def update(self) -> Statement:
        columns = [f'"{self.model._meta.get_field(column).column}" = %s' for column in self.change]
        values = [*(self.prepared(column, value) for column, value in self.change.items()), self.key_value]
        return f"UPDATE {self.model._meta.db_table} SET {', '.join(columns)} WHERE {self.key} = %s", values


@pytest.fixture
def table(request: pytest.FixtureRequest, transactional_db: None, calm: None, tmp_path: Path) -> Table:
    with transaction.atomic():
        here, there = found_institution(f"here-{next(numbers)}"), found_institution(f"there-{next(numbers)}")
    made = Table(request.param, tmp_path, here, there)
    assert rounds.run_now()
    return made


every_table = pytest.mark.parametrize("table", ROWS, indirect=True)


def taken_away(table: Table) -> None:
    """Delete the row and have every entry show so, for an act that puts it back."""
    table.rows.delete()
    assert table.shown() == table.truth()


def bulk_create(table: Table) -> None:
    taken_away(table)
    table.model._default_manager.bulk_create([table.row])


def create(table: Table) -> None:
    taken_away(table)
    table.row.save(force_insert=True)


def load_data(table: Table) -> None:
    file = table.folder / "row.json"
    file.write_text(serializers.serialize("json", [table.row]))
    taken_away(table)
    call_command("loaddata", file, verbosity=0)


def raw_sql(table: Table) -> None:
    with connection.cursor() as cursor:
        cursor.execute(*table.update())


def raw_sql_many(table: Table) -> None:
    sql, values = table.update()
    with connection.cursor() as cursor:
        cursor.executemany(sql, [values])


def locked_first(table: Table) -> None:
    with transaction.atomic():
        table.row = table.rows.select_for_update().get()
        table.changed().save()


def in_a_savepoint_after_one_that_was_rolled_back(table: Table) -> None:
    with transaction.atomic():
        first = transaction.savepoint()
        table.rows.delete()
        transaction.savepoint_rollback(first)
        with transaction.atomic():
            table.rows.update(**table.change)


def upsert(table: Table) -> None:
    conflicts = {"update_conflicts": True, "unique_fields": ["pk"], "update_fields": list(table.change)}
    table.model._default_manager.bulk_create([table.changed()], **conflicts)


THROUGH_DJANGO: dict[str, Callable[[Table], object]] = {
    "create": create,
    "save": lambda table: table.changed().save(),
    "delete": lambda table: table.row.delete(),
    "queryset delete": lambda table: table.rows.delete(),
    "update": lambda table: table.rows.update(**table.change),
    "bulk_create": bulk_create,
    "bulk_update": lambda table: table.model._default_manager.bulk_update([table.changed()], list(table.change)),
    "upsert": upsert,
    "loaddata": load_data,
    "raw SQL": raw_sql,
    "raw SQL, many": raw_sql_many,
    "select_for_update": locked_first,
    "savepoints": in_a_savepoint_after_one_that_was_rolled_back,
}


@every_table
@pytest.mark.parametrize("write", THROUGH_DJANGO)
def test_a_write_through_django_is_seen_at_once(table: Table, write: str) -> None:
    before = table.shown()
    THROUGH_DJANGO[write](table)
    assert table.shown() == table.truth()
    assert table.truth() != before or write in {"create", "bulk_create", "loaddata"}, "nothing was written"


@every_table
def test_what_was_rolled_back_leaves_every_entry_a_hit(table: Table) -> None:
    before = table.shown()
    with transaction.atomic():
        table.rows.update(**table.change)
        table.rows.delete()
        transaction.set_rollback(True)
    assert (table.shown(), table.loads) == (before, len(table.tags))


def executed_by_hand(sql: str, values: list[Any]) -> list[Any]:
    with by_hand() as plain:
        cursor = plain.execute(sql.replace("%s", "?") if connection.vendor == "sqlite" else sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def delete_by_hand(table: Table) -> None:
    executed_by_hand(f"DELETE FROM {table.model._meta.db_table} WHERE {table.key} = %s", [table.key_value])


def insert_by_hand(table: Table) -> None:
    """Put a deleted row back with COPY, which is how `psql` and `pg_restore` load; SQLite knows INSERT only."""
    name = table.model._meta.db_table
    [row] = executed_by_hand(f"SELECT * FROM {name} WHERE {table.key} = %s", [table.key_value])
    taken_away(table)
    if connection.vendor == "sqlite":
        executed_by_hand(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(row))})", list(row))
        return
    with by_hand() as plain, plain.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
        copy.write_row(row)


def empty_by_hand(table: Table) -> None:
    emptying = "DELETE FROM {}" if connection.vendor == "sqlite" else "TRUNCATE {} CASCADE"
    executed_by_hand(emptying.format(table.model._meta.db_table), [])


BY_HAND: dict[str, Callable[[Table], object]] = {
    "update": lambda table: executed_by_hand(*table.update()),
    "delete": delete_by_hand,
    "insert": insert_by_hand,
    "empty": empty_by_hand,
}


@every_table
@pytest.mark.parametrize("write", BY_HAND)
def test_a_write_by_hand_is_seen_after_one_round(table: Table, write: str) -> None:
    before = table.shown()
    BY_HAND[write](table)
    assert rounds.run_now()
    assert table.shown() == table.truth()
    assert table.truth() != before or write == "insert", "nothing was written"


@pytest.mark.parametrize("table", ["seat"], indirect=True)
def test_seats_go_with_their_enrolment(table: Table) -> None:
    table.shown()
    table.row.enrolment.delete()
    assert table.shown() == table.truth()


SEATS: dict[str, Callable[[Enrolment, Section, Section], object]] = {
    "remove": lambda enrolment, first, second: enrolment.sections.remove(first),
    "clear": lambda enrolment, first, second: enrolment.sections.clear(),
    "clear the other side": lambda enrolment, first, second: first.enrolments.clear(),
    "set": lambda enrolment, first, second: enrolment.sections.set([second]),
    "add": lambda enrolment, first, second: enrolment.sections.add(first),
}


@pytest.mark.parametrize("table", ["seat"], indirect=True)
@pytest.mark.parametrize("act", SEATS)
def test_seats_change_through_the_field(table: Table, act: str) -> None:
    if act == "add":
        taken_away(table)
    before = table.shown()
    SEATS[act](
        table.row.enrolment, table.row.section, Section.objects.create(offering=table.here.offering, name="Other")
    )
    assert table.shown() == table.truth() != before


@pytest.mark.parametrize("table", ["room"], indirect=True)
def test_a_row_that_others_need_stays_and_so_does_its_entry(table: Table) -> None:
    Lecture.objects.filter(pk=table.here.lecture.pk).update(room=table.row)
    before = table.shown()
    with pytest.raises(ProtectedError):
        table.row.delete()
    assert (table.shown(), table.loads) == (before, len(table.tags))


@pytest.fixture
def operator(table: Table) -> User:
    return person(table.here.organisation, User.Role.ADMIN, f"operator-{next(numbers)}", is_superuser=True)


@pytest.mark.parametrize("table", ["room"], indirect=True)
def test_an_operator_renames_a_room_in_the_admin(table: Table, operator: User) -> None:
    before = table.shown()
    address = reverse("admin:attendance_room_change", args=[table.row.pk])
    fields = {"organisation": table.here.organisation.pk, "name": "Renamed", "capacity": "9"}
    assert signed_in(operator).post(address, fields).status_code == 302
    assert table.shown() == table.truth() != before
    assert Room.objects.get(pk=table.row.pk).name == "Renamed"


@pytest.mark.parametrize("table", ["course"], indirect=True)
def test_an_operator_deletes_chosen_courses_in_the_admin(table: Table, operator: User) -> None:
    before = table.shown()
    fields = {"action": "delete_selected", "_selected_action": [table.row.pk], "post": "yes"}
    assert signed_in(operator).post(reverse("admin:attendance_course_changelist"), fields).status_code == 302
    assert table.shown() == table.truth() != before
    assert not Course.objects.filter(pk=table.row.pk).exists()
