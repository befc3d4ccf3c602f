"""Keeping the triggers what the rules say, through migrations and at the start."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models.signals import post_migrate, pre_migrate

from attendance.caching import stamps, triggers
from attendance.caching.breaker import redis_breaker
from attendance.caching.models import Horizon
from attendance.caching.outbox import Change, written_change
from attendance.caching.rules import Rule, registry

log = logging.getLogger("lumina_learn.cache")
_followed: tuple[Rule, ...] | None = None
migrating = False
"""While this is set, statements are not watched: the tables that would tell about them may not exist."""


def connect() -> None:
    """Make the triggers coarse before migrations and fine after them; once per `migrate`, whichever apps there are."""
    engine = apps.get_app_config("caching")
    pre_migrate.connect(_coarsen, sender=engine, dispatch_uid="caching.coarsen")
    post_migrate.connect(_refine, sender=engine, dispatch_uid="caching.refine")


def _coarsen(**_: Any) -> None:
    """Reduce the triggers of the tables that exist to the table tag: a migration may drop the columns they name."""
    global migrating
    migrating = True
    tables = set(connection.introspection.table_names())
    if "caching_outbox" in tables:
        ruled = [rule for rule in registry.rules if rule.table in tables]
        _execute([*triggers.install_coarse(connection.vendor, ruled), "UPDATE caching_horizon SET triggers = ''"])


def _refine(**_: Any) -> None:
    """Install the fine triggers again, and forget everything that was stored under the coarse ones or before."""
    global migrating
    migrating = False
    install()
    redis_breaker.attempt(stamps.new_epoch)


def install() -> None:
    """Install the triggers of the rules in force on every ruled table that exists."""
    tables = set(connection.introspection.table_names())
    present = [rule for rule in registry.rules if rule.table in tables]
    _execute([*_drop_installed(), *triggers.install(connection.vendor, present)])
    Horizon.objects.update(triggers=fingerprint())


# How much of the database SQLite holds in memory, in KiB; two indexes over random values are written to all over.
_ROOMY, _USUAL = "PRAGMA cache_size = -600000", "PRAGMA cache_size = -2000"


@contextmanager
def bulk_load() -> Iterator[None]:
    """Run a transaction that writes very many rows, whose end names whole tables instead of each row.

    On PostgreSQL a statement of very many rows names its table by itself. On SQLite triggers fire for each row, so they
    are gone within this transaction and back at its end; meanwhile no other connection can write. Whoever is killed in
    it leaves the database as it was, triggers included, because SQLite rolls back changes of its schema too.
    """
    with transaction.atomic():
        if connection.vendor != "sqlite":
            yield
            return
        _execute([*_drop_installed(), _ROOMY])
        yield
        install()
        with connection.cursor() as cursor:
            cursor.execute(_USUAL)
            for rule in registry.rules:
                loaded = written_change(Change(rule.name, f"{rule.name}::load"))
                cursor.execute("INSERT INTO caching_outbox (changes) VALUES (%s)", [loaded])


_INSTALLED = {
    "postgresql": """
        SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE starts_with(tgname, %s) AND NOT tgisinternal AND pg_table_is_visible(pg_class.oid)
    """,
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND instr(name, %s) = 1",
}


def _drop_installed() -> list[str]:
    """Return statements that drop every trigger of ours, those of rules that are gone as well."""
    on_table = ' ON "{}"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED[connection.vendor], [triggers.PREFIX])
        return [f'DROP TRIGGER "{name}"{on_table.format(table)}' for name, table in cursor.fetchall()]


def _execute(statements: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def fingerprint() -> str:
    """Return the hash of the triggers that the rules in force ask for."""
    return hashlib.sha256("".join(triggers.install(connection.vendor, registry.rules)).encode()).hexdigest()


def follows_the_rules() -> bool:
    """Say whether the installed triggers are those of the rules in force; asked until they are, then remembered.

    Code that is newer than the database would miss changes, so until `migrate` ran it reads the database.
    """
    global _followed
    if _followed is not registry.rules:
        installed = Horizon.objects.values_list("triggers", flat=True).get()
        if installed != fingerprint():
            log.error("The cache is off: the triggers in the database are not those of the rules. Run migrate.")
            return False
        _followed = registry.rules
    return True
