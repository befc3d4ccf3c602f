"""The history of the tables is one line, each step says what it does, and it leads to the models as they are."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


@pytest.fixture(scope="module")
def history() -> list[tuple[str, list[str]]]:
    """Each migration of ours with those of ours that it follows, in order of names."""
    loader = MigrationLoader(connection=None)
    return [
        (name, [other for app, other in loader.disk_migrations["attendance", name].dependencies if app == "attendance"])
        for app, name in sorted(loader.disk_migrations)
        if app == "attendance"
    ]


def test_the_history_is_one_line(history: list[tuple[str, list[str]]]) -> None:
    names = [name for name, _ in history]

    assert [followed for _, followed in history] == [[], *([name] for name in names[:-1])]


def test_every_step_is_named_for_what_it_does(history: list[tuple[str, list[str]]]) -> None:
    names = [name for name, _ in history]

    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", name)] == []
    assert [name for name in names if re.search(r"_auto|_initial$|_alter_|_and_more", name)] == []


@pytest.mark.django_db
def test_the_models_need_no_further_step() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def triggers() -> set[str]:
    """Return the names of the triggers on the table of events, as the database itself lists them."""
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor], ["attendance_attendanceevent"])
        return {name for (name,) in cursor.fetchall()}


APPEND_ONLY = {
    "sqlite": {
        "attendance_event_refuses_update",
        "attendance_event_refuses_delete",
        "attendance_event_refuses_insert",
    },
    "postgresql": {"attendance_event_refuses_change", "attendance_event_refuses_insert"},
}


@pytest.mark.django_db
def test_the_database_guards_the_events() -> None:
    assert APPEND_ONLY[connection.vendor] <= triggers()


@pytest.mark.django_db(transaction=True)
def test_the_guard_can_be_taken_back_and_put_up_again() -> None:
    call_command("migrate", "attendance", "0001", verbosity=0)
    assert triggers() == set()

    call_command("migrate", "attendance", verbosity=0)
    assert APPEND_ONLY[connection.vendor] <= triggers()


@pytest.mark.django_db(transaction=True)
def test_the_guard_stands_again_after_a_test_emptied_the_tables() -> None:
    call_command("flush", interactive=False, verbosity=0)

    assert APPEND_ONLY[connection.vendor] <= triggers()
