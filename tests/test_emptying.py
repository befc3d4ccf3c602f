"""Each test that commits finds the database as the migrations left it, whatever the one before did to it."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.utils import DatabaseError

from attendance.caching import schema
from attendance.caching.models import Horizon
from attendance.models import AttendanceEvent, Organisation
from attendance.services.attendance_sessions import open_session
from tests.cast import Campus
from tests.emptying import STANDING, Emptying
from tests.test_migrations import APPEND_ONLY, triggers

pytestmark = pytest.mark.django_db(transaction=True)


def rows_of(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return cursor.fetchall()


def filled() -> set[str]:
    """The tables of models that have rows, those aside that the cache keeps for itself."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return {name for name in names if rows_of(name)} - STANDING.keys()


def test_rows_go_although_triggers_refuse_it_and_the_triggers_stay(campus: Campus) -> None:
    emptying = Emptying()
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    with pytest.raises(DatabaseError), transaction.atomic():
        AttendanceEvent.objects.all()._raw_delete("default")
    standing = {table: rows_of(table) for table in STANDING}
    assert len(filled()) > 10
    emptying.empty()
    assert filled() == set()
    assert {table: rows_of(table) for table in STANDING} == standing and all(standing.values())
    assert APPEND_ONLY[connection.vendor] <= triggers()


def test_what_is_written_after_it_is_guarded_and_told(campus: Campus) -> None:
    emptying = Emptying()
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    emptying.empty()
    told = len(rows_of("caching_outbox"))
    Organisation.objects.create(slug="lund", name="Lund")
    assert len(rows_of("caching_outbox")) > told


def test_a_trigger_that_went_is_back() -> None:
    emptying = Emptying()
    complete = triggers_of_rules()
    with connection.cursor() as cursor:
        cursor.execute(schema._drop_installed()[0])
    assert len(triggers_of_rules()) == len(complete) - 1
    emptying.empty()
    assert triggers_of_rules() == complete


def triggers_of_rules() -> set[str]:
    return set(schema._drop_installed())


def test_rows_of_migrations_that_were_changed_are_made_again() -> None:
    emptying = Emptying()
    names = set(Permission.objects.values_list("codename"))
    Permission.objects.filter(pk__in=Permission.objects.values("pk")[:1]).delete()
    emptying.empty()
    assert set(Permission.objects.values_list("codename")) == names


def test_a_fingerprint_that_was_lost_is_noted_again() -> None:
    emptying = Emptying()
    Horizon.objects.update(triggers="")
    emptying.empty()
    assert Horizon.objects.get().triggers == schema.fingerprint()


def test_tables_that_have_grown_are_truncated() -> None:
    """Only PostgreSQL keeps the room of rows that are gone."""
    emptying = Emptying()
    Organisation.objects.bulk_create(Organisation(slug=f"o{n}", name="x" * 80) for n in range(5000))
    emptying.empty()
    assert filled() == set()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size('attendance_organisation')")
            assert cursor.fetchall() == [(0,)]
