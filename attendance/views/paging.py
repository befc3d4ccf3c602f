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
