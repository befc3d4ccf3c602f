"""A cache that works behind Django's ORM: the program reads and writes as if there were none."""

from typing import Any

from django.db.models import Model, QuerySet

from benchmarks.stale.toys.models import Book

Answer = list[list[int | str]]


def read(kind: str, number: int) -> Answer:
    """Return id, title and pages of the books on a shelf, or, through a join, in a room."""
    books = Book.objects.filter(**{"shelf": number} if kind == "shelf" else {"shelf__room": number})
    return [list(book) for book in books.order_by("pk").values_list("pk", "title", "pages")]


def update(rows: QuerySet[Any], **values: object) -> None:
    """Change many rows in one statement."""
    rows.update(**values)


def after_raw_sql(model: type[Model]) -> None:
    """Do what has to be done after SQL on the table of a model: nothing."""
