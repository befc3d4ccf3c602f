"""Adding in bulk those rows that are not there yet, told apart by their natural keys."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model

BATCH = 1000

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Count:
    """How many of the rows wanted were made, and how many were there already."""

    made: int
    existing: int


@dataclass(frozen=True)
class Stored(Generic[Key, Row]):
    """The wanted rows of one kind by natural key: all of them, those of them made just now, and their count."""

    rows: Mapping[Key, Row]
    made: Mapping[Key, Row]
    count: Count


def add_missing(model: type[Row], *, wanted: Mapping[Key, Row], existing: Mapping[Key, Row]) -> Stored[Key, Row]:
    """Store the wanted rows whose keys no existing row has, and return all wanted ones as they are stored now.

    To be called in the caller's transaction; `existing` may hold rows that nobody wants, they are left out.
    """
    made = {key: row for key, row in wanted.items() if key not in existing}
    model._default_manager.bulk_create(made.values(), batch_size=BATCH)
    rows = {key: existing.get(key, row) for key, row in wanted.items()}
    return Stored(rows, made, Count(len(made), len(wanted) - len(made)))
