"""Ordering lists by the column that an address names."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet

Row = TypeVar("Row", bound=Model)
Columns = Mapping[str, tuple[str, ...]]
"""By the name of a column: the fields that it is ordered by, the last one telling all rows apart."""


def sort_named(columns: Columns, asked: str, default: str) -> str:
    """Return the order an address asks for, or the default where it names no column of the list.

    A minus in front turns the order around.
    """
    return asked if asked.removeprefix("-") in columns else default


def ordered(rows: QuerySet[Row], columns: Columns, sort: str) -> QuerySet[Row]:
    """Return the rows in the order that `sort_named` answered; rows without a value come last both ways."""
    fields = columns[sort.removeprefix("-")]
    # Saying where the empty ones go keeps PostgreSQL from reading an index backwards, so it is said of no other field.
    nulls_last = [True if _may_be_empty(rows.model, field) else None for field in fields]
    named = zip(map(F, fields), nulls_last, strict=True)
    if sort.startswith("-"):
        return rows.order_by(*(field.desc(nulls_last=last) for field, last in named))
    return rows.order_by(*(field.asc(nulls_last=last) for field, last in named))


def _may_be_empty(model: type[Model], path: str) -> bool:
    """Say whether a field at the end of a path has no value in some rows, or a step on the way leads nowhere."""
    first, _, rest = path.partition("__")
    if first == "pk" or first not in {field.name for field in model._meta.get_fields()}:
        return False
    field: Any = model._meta.get_field(first)
    return field.null or bool(rest and _may_be_empty(field.related_model, rest))
