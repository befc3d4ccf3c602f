"""Triggers through migrations: coarse while tables change, fine afterwards, and a new epoch."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate

from attendance.caching import keys, rounds, schema, stamps, triggers
from attendance.caching.models import Horizon
from attendance.caching.rules import Rule, registry
from attendance.models import Lecture, Room, Throttle
from tests.caching.conftest import Rooms, by_hand
from tests.caching.outbox_rows import changes_after, last_row


@pytest.fixture
def shown(rooms: Rooms, make_room: Callable[[str], Room]) -> Iterator[Rooms]:
    """Room A, shown; afterwards the triggers are those of the rules again, whatever the test did."""
    make_room("A")
    assert rooms.now() == ["A"]
    yield rooms
    schema._refine()


@contextmanager
def during_migrate(act: Callable[[], object]) -> Iterator[None]:
    """Do something in the middle of each `migrate` of the block, after the engine was told of it."""

    def receiver(**_: Any) -> None:
        act()

    product = apps.get_app_config("attendance")
    pre_migrate.connect(receiver, sender=product)
    yield
    pre_migrate.disconnect(receiver, sender=product)


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def rename_by_hand(name: str) -> None:
    """Rename room A as another program would; migrations themselves are not watched."""
    with by_hand() as plain:
        plain.execute(f"UPDATE attendance_room SET name = '{name}'")


def last_tags() -> set[str]:
    return {change.tag for change in changes_after(last_row() - 1)}


def test_during_a_migration_a_write_names_the_table(shown: Rooms) -> None:
    tags: list[set[str]] = []
    with during_migrate(lambda: (rename_by_hand("B"), tags.append(last_tags()))):
        migrate()
    assert tags == [{"room"}]


def test_during_a_migration_columns_that_no_entry_shows_count_as_well(shown: Rooms) -> None:
    schema._coarsen()
    last = last_row()
    with by_hand() as plain:
        plain.execute("UPDATE attendance_organisation SET slug = 'renamed'")
    assert {change.tag for change in changes_after(last)} == {"organisation", "organisations"}


def test_a_write_during_a_migration_is_seen_after_one_round(shown: Rooms) -> None:
    seen: list[list[str]] = []

    def rename_and_read() -> None:
        rename_by_hand("B")
        assert rounds.run_now()
        seen.append(shown.now())

    with during_migrate(rename_and_read):
        migrate()
    assert seen == [["B"]]
    assert shown.now() == ["B"]


def test_after_a_migration_a_write_names_its_paths_again(shown: Rooms) -> None:
    migrate()
    rename_by_hand("B")
    room = Room.objects.get()
    assert last_tags() == {f"room.id={room.pk}", f"room.organisation={room.organisation_id.hex}"}


def test_a_migration_ends_every_entry(shown: Rooms) -> None:
    before = stamps.client().get(keys.epoch())
    migrate()
    assert stamps.client().get(keys.epoch()) not in {before, None}
    assert shown.now() == ["A"]
    assert len(shown.loads) == 2


def test_a_migration_is_watched_again_when_it_is_over(shown: Rooms) -> None:
    migrate()
    shown.now()
    Room.objects.update(name="B")
    assert shown.now() == ["B"]


def test_the_triggers_installed_are_recorded_and_coarse_ones_are_not_those_of_the_rules(shown: Rooms) -> None:
    assert Horizon.objects.get().triggers == schema.fingerprint()
    schema._coarsen()
    assert Horizon.objects.get().triggers == ""
    schema._refine()
    assert Horizon.objects.get().triggers == schema.fingerprint()


def test_other_rules_have_another_fingerprint() -> None:
    here = schema.fingerprint()
    room = next(rule for rule in registry.rules if rule.name == "room")
    fewer = Rule(room.model, room.name, room.paths, room.columns[:-1])
    with registry.swapped(tuple(fewer if rule is room else rule for rule in registry.rules)):
        assert schema.fingerprint() != here
    assert schema.fingerprint() == here


def test_code_whose_rules_are_not_installed_reads_the_database_until_migrate_ran(shown: Rooms) -> None:
    newer = (*registry.rules, Rule(Throttle, "throttle", {"account": "account"}, ("failures",)))
    with registry.swapped(newer):
        shown.now()
        shown.now()
        assert len(shown.loads) == 3, "not cached"
        migrate()
        shown.now()
        shown.now()
        assert len(shown.loads) == 4, "cached"
    with connection.cursor() as cursor:
        for statement in dropped("throttle"):
            cursor.execute(statement)


def dropped(name: str) -> list[str]:
    """The statements that take away the triggers of a rule that is gone."""
    on = f' ON "{Throttle._meta.db_table}"' if connection.vendor == "postgresql" else ""
    verbs = ["insert", "update", "delete", *(["truncate"] if on else [])]
    return [f"DROP TRIGGER {triggers.PREFIX}{name}_{verb}{on}" for verb in verbs]


def test_triggers_of_a_rule_that_is_gone_go_with_the_next_migration(shown: Rooms) -> None:
    newer = (*registry.rules, Rule(Throttle, "throttle", {"account": "account"}, ("failures",)))
    with registry.swapped(newer):
        migrate()
    migrate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'caching_throttle%'"
            if connection.vendor == "postgresql"
            else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'caching_throttle%'"
        )
        left = cursor.fetchall()
        for statement in dropped("throttle") if left else []:
            cursor.execute(statement)
    assert left == []


def test_installing_twice_changes_nothing(shown: Rooms) -> None:
    schema.install()
    schema.install()
    last = last_row()
    rename_by_hand("B")
    assert len(changes_after(last)) == 2, "the tag of the room and that of its organisation, once each"


def test_after_a_bulk_load_nothing_stale_is_served(shown: Rooms, make_room: Callable[[str], Room]) -> None:
    with schema.bulk_load():
        make_room("B")
    assert shown.now() == ["A", "B"]


def test_another_process_sees_a_bulk_load_after_one_round(shown: Rooms) -> None:
    last = last_row()
    with schema.bulk_load():
        Room.objects.update(name="B")
    tags = {change.tag.partition(".")[0] for change in changes_after(last)}
    assert "room" in tags
    assert rounds.run_now()
    assert shown.now() == ["B"]


def test_after_a_bulk_load_a_write_names_its_paths_again(shown: Rooms) -> None:
    before = installed_triggers()
    with schema.bulk_load():
        pass
    assert installed_triggers() == before
    rename_by_hand("B")
    assert {tag.partition("=")[0] for tag in last_tags()} == {"room.id", "room.organisation"}


def test_a_bulk_load_that_fails_leaves_everything_as_it_was(shown: Rooms) -> None:
    before = installed_triggers()
    with pytest.raises(RuntimeError, match="full"), schema.bulk_load():
        Room.objects.update(name="B")
        raise RuntimeError("the disk is full")
    assert installed_triggers() == before
    assert Horizon.objects.get().triggers == schema.fingerprint()
    assert shown.now() == ["A"]
    rename_by_hand("C")
    assert rounds.run_now()
    assert shown.now() == ["C"]


def installed_triggers() -> set[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            if connection.vendor == "postgresql"
            else "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        )
        return set(cursor.fetchall())


def test_every_ruled_table_has_its_triggers(transactional_db: None) -> None:
    on_lectures = 4 if connection.vendor == "postgresql" else 3
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'caching_%'"
            if connection.vendor == "postgresql"
            else "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'caching_%'"
        )
        tables = [table for (table,) in cursor.fetchall()]
    assert Counter(tables) == Counter(rule.table for rule in registry.rules for _event in range(on_lectures))
    assert Lecture._meta.db_table in tables
