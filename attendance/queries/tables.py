"""Every table of the installation, row by row, as values that JSON can hold."""

import base64
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, Model
from django.utils.duration import duration_string

from attendance.caching.models import Horizon, OutboxRow
from attendance.models import LoginSession, Throttle

LEFT_OUT: tuple[type[Model], ...] = (LoginSession, Throttle, OutboxRow, Horizon)
"""What belongs to the running installation and not to what it keeps: who is signed in, failed attempts, the cache."""
ROWS_AT_ONCE = 2000


def tables_kept() -> list[type[Model]]:
    """Return the models whose rows make up the installation: all that Django knows, but for those left out."""
    return [model for model in tables() if model not in LEFT_OUT]


def tables() -> list[type[Model]]:
    """Return all models with a table of their own, those behind many-to-many fields included."""
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def columns_of(model: type[Model]) -> Sequence[Field[Any, Any]]:
    """Return the fields that a row is stored by, those aside that the database works out by itself."""
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def rows_of(model: type[Model]) -> Iterator[list[Any]]:
    """Yield every row of a model by its key, as values that JSON can hold, with little memory however many there are.

    Raises:
        TypeError: a column holds something that this does not know how to write.
    """
    names = [field.attname for field in columns_of(model)]
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield [plain(value) for value in row]


def plain(value: Any) -> Any:
    """Return a column's value as JSON can hold it, so that the column's `to_python` makes the same value of it."""
    match value:
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return duration_string(value)
        case UUID() | Decimal():
            return str(value)
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
    raise TypeError(f"A backup cannot hold a {type(value).__name__} yet; say in {__name__} how it is written.")


def migrations_applied() -> list[str]:
    """Return the migrations that the database has, of apps that are installed, each as `<app>.<name>`."""
    installed = {app.label for app in apps.get_app_configs()}
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in installed)


def migrations_known() -> list[str]:
    """Return the migrations that this version of the code knows, each as `<app>.<name>`."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations)
