"""Every kind of write that goes through Django; each leaves the same rows behind whatever cache is in use."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks.stale.toys.models import Book, Shelf

library: Any = import_module(settings.LIBRARY)


def _save(*, pk: int, shelf: int, pages: int) -> None:
    book = Book.objects.get(pk=pk)
    book.shelf_id, book.pages = shelf, pages
    book.save()


def _create(*, shelf: int, pages: int) -> None:
    Book.objects.create(shelf_id=shelf, title="Created", pages=pages)


def _delete(*, pk: int) -> None:
    Book.objects.get(pk=pk).delete()


def _delete_many(*, pks: list[int]) -> None:
    Book.objects.filter(pk__in=pks).delete()


def _update(*, pks: list[int], pages: int) -> None:
    library.update(Book.objects.filter(pk__in=pks), pages=pages)


def _bulk_create(*, shelf: int, pages: int) -> None:
    Book.objects.bulk_create(Book(shelf_id=shelf, title=f"Bulk {place}", pages=pages) for place in range(3))


def _bulk_update(*, pks: list[int], pages: int) -> None:
    books = list(Book.objects.filter(pk__in=pks))
    for book in books:
        book.pages = pages
    Book.objects.bulk_update(books, ["pages"])
    library.after_raw_sql(Book)


def _raw_sql(*, pks: list[int], pages: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE toys_book SET pages = %s WHERE id = ANY(%s)", [pages, pks])
    library.after_raw_sql(Book)


def _move_shelf(*, shelf: int, room: int) -> None:
    moved = Shelf.objects.get(pk=shelf)
    moved.room = room
    moved.save()


WRITES: Mapping[str, Callable[..., None]] = {
    "save": _save,
    "create": _create,
    "delete": _delete,
    "queryset delete": _delete_many,
    "update": _update,
    "bulk_create": _bulk_create,
    "bulk_update": _bulk_update,
    "raw SQL": _raw_sql,
    "save of a joined row": _move_shelf,
}
