"""Ordering lists by the column that an address names."""

from collections.abc import Mapping
from typing import TypeVar

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
    fields = [F(field) for field in columns[sort.removeprefix("-")]]
    if sort.startswith("-"):
        return rows.order_by(*(field.desc(nulls_last=True) for field in fields))
    return rows.order_by(*(field.asc(nulls_last=True) for field in fields))
