"""Pages of lists: what they hold, and what they cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.models import Room
from attendance.views.paging import page_asked_for
from tests.cast import Campus


def rooms(campus: Campus, number: int) -> list[str]:
    Room.objects.bulk_create(Room(organisation=campus.organisation, name=f"R{each:02}") for each in range(number))
    return [f"R{each:02}" for each in range(number)]


@pytest.mark.parametrize(
    ("there_are", "asked", "first", "last", "number", "queries"),
    [
        (0, None, None, None, 1, 1),
        (9, None, "R00", "R08", 1, 1),
        (10, "1", "R00", "R09", 1, 1),
        (11, "", "R00", "R09", 1, 2),
        (25, "1", "R00", "R09", 1, 2),
        (25, "2", "R10", "R19", 2, 2),
        (25, "99", "R20", "R24", 3, 2),
        (25, "nonsense", "R00", "R09", 1, 2),
        (3, "2", "R00", "R02", 1, 2),
    ],
)
def test_a_page_has_its_rows_and_the_number_of_all(
    campus: Campus, there_are: int, asked: str | None, first: str | None, last: str | None, number: int, queries: int
) -> None:
    names = rooms(campus, there_are)
    found = Room.objects.filter(name__startswith="R").order_by("name")
    with CaptureQueriesContext(connection) as taken:
        page = page_asked_for(found, 10, asked)
        shown = [room.name for room in page]
        counted, pages = page.paginator.count, page.paginator.num_pages
    assert (counted, pages, page.number) == (there_are, max(1, -(-there_are // 10)), number)
    assert (shown[0] if shown else None, shown[-1] if shown else None) == (first, last)
    assert set(shown) <= set(names)
    assert len(taken) == queries
