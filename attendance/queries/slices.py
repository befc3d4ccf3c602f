"""A stretch out of very many rows."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def rows_between(rows: QuerySet[Row], begin: int, end: int) -> list[Row]:
    """Return the rows from one place in their order up to another; 2 queries.

    The places are found among the keys alone, often in an index, and only those rows are read with all that is joined
    and computed for them.
    """
    keys = list(rows.values_list("pk", flat=True)[begin:end])
    found = rows.in_bulk(keys)
    return [found[key] for key in keys if key in found]
