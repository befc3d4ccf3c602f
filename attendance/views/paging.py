"""Turning pages of lists that may be very long."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from attendance.queries.slices import rows_between


class PagesOfKeys(Paginator[Any]):
    """Pages of a query whose rows cost more than their keys: the last of a million rows is found among keys."""

    object_list: QuerySet[Any]

    def page(self, number: int | str) -> Page[Any]:
        """Return one page; raises as its parent does."""
        valid = self.validate_number(number)
        begin = (valid - 1) * self.per_page
        return Page(rows_between(self.object_list, begin, begin + self.per_page), valid, self)


def page_asked_for(rows: QuerySet[Any], per_page: int, asked: str | None) -> Page[Any]:
    """Return the page of a list that an address asks for, the nearest one where there is no such page.

    Most lists are one page, and are counted by reading it; only of a longer one is the number asked for apart.
    """
    pages: Paginator[Any] = Paginator(rows, per_page)
    if asked not in (None, "", "1"):
        return pages.get_page(asked)
    first = list(rows[: per_page + 1])
    if len(first) <= per_page:
        pages.count = len(first)
    return Page(first[:per_page], 1, pages)
