"""cacheops with `invalidated_update` in place of `update`, and `invalidate_model` after SQL and `bulk_update`."""

from typing import Any

from cacheops import invalidate_model
from django.db.models import Model, QuerySet

from benchmarks.stale.libraries.orm import read

__all__ = ["after_raw_sql", "read", "update"]


def update(rows: QuerySet[Any], **values: object) -> None:
    """Change many rows, which are fetched before and after."""
    rows.invalidated_update(**values)  # type: ignore[attr-defined]


def after_raw_sql(model: type[Model]) -> None:
    """End all queries of a model."""
    invalidate_model(model)
