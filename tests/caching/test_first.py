"""Whether a lecture was taken is told when it begins to be so and when it may have ended, and not by each mark."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from attendance.caching.models import OutboxRow
from attendance.caching.outbox import read_changes
from attendance.models import Attendance, Lecture, User
from tests.caching.conftest import plain_connection
from tests.models.institution import MONDAY_NINE, MONDAY_TEN, Institution, found_institution, person


@pytest.fixture
def here(transactional_db: None) -> Institution:
    return found_institution("uppsala")


@contextmanager
def told() -> Iterator[set[str]]:
    """Fill the set with the tags of `taken` that committed transactions added to the outbox during the block."""
    before = set(OutboxRow.objects.values_list("pk", flat=True))
    tags: set[str] = set()
    yield tags
    rows = OutboxRow.objects.exclude(pk__in=before).values_list("changes", flat=True)
    tags.update(change.tag for row in rows for change in read_changes(row) if change.tag.startswith("taken"))


def tags_of(lecture: Lecture) -> set[str]:
    return {f"taken.offering={lecture.offering_id}", f"taken.organisation={lecture.organisation_id.hex}"}


def mark(here: Institution, student: User, status: str = "present") -> Attendance:
    return Attendance.objects.create(lecture=here.lecture, student=student, status=status)


def student(here: Institution, name: str) -> User:
    return person(here.organisation, User.Role.STUDENT, name)


def test_the_first_mark_is_told_and_the_second_is_not(here: Institution) -> None:
    with told() as first:
        mark(here, here.amira)
    with told() as second:
        mark(here, here.ben)
    assert first == tags_of(here.lecture)
    assert second == set()


def test_a_blank_row_is_no_mark(here: Institution) -> None:
    with told() as blank:
        row = mark(here, here.amira, "")
    with told() as filled:
        Attendance.objects.filter(pk=row.pk).update(status="late")
    assert (blank, filled) == (set(), tags_of(here.lecture))


def test_one_mark_for_another_is_not_told(here: Institution) -> None:
    row = mark(here, here.amira)
    with told() as tags:
        Attendance.objects.filter(pk=row.pk).update(status="absent")
    assert tags == set()


LEAVING: dict[str, Callable[[Attendance], object]] = {
    "taken back": lambda row: Attendance.objects.filter(pk=row.pk).update(status=""),
    "deleted": lambda row: row.delete(),
}


@pytest.mark.parametrize("how", LEAVING)
def test_a_mark_that_goes_is_told_whether_it_was_the_last_or_not(here: Institution, how: str) -> None:
    rows = [mark(here, here.amira), mark(here, here.ben)]
    for row in rows:
        with told() as tags:
            LEAVING[how](row)
        assert tags == tags_of(here.lecture)


def test_a_mark_that_moves_to_another_lecture_is_told_of_both(here: Institution) -> None:
    there = found_institution("brno")
    row = mark(here, here.amira)
    mark(here, here.ben)
    with told() as tags:
        Attendance.objects.filter(pk=row.pk).update(lecture=there.lecture)
    assert tags == tags_of(here.lecture) | tags_of(there.lecture)


def test_many_first_marks_of_many_lectures_are_told_of_each(here: Institution) -> None:
    others = [
        Lecture.objects.create(
            organisation=here.organisation, offering=here.offering, starts_at=MONDAY_NINE, ends_at=MONDAY_TEN
        )
        for _number in range(3)
    ]
    mark(here, here.amira)
    people = [student(here, f"s{number}") for number in range(5)]
    before = OutboxRow.objects.filter(changes__startswith="taken:").count()
    with told() as tags:
        Attendance.objects.bulk_create(
            [
                Attendance(lecture=lecture, student=each, status="present")
                for lecture in (here.lecture, *others)
                for each in people
            ]
        )
    noted = OutboxRow.objects.order_by("pk").values_list("changes", flat=True)
    lines = [row for row in noted if row.startswith("taken:")][before:]
    assert tags == tags_of(others[0])
    assert sum(row.count("taken:") for row in lines) == len(others), "one for each lecture that had none"


def test_a_mark_by_hand_is_told(here: Institution) -> None:
    with told() as tags, closing(plain_connection()) as plain, plain:
        plain.execute(
            "INSERT INTO attendance_attendance (lecture_id, student_id, status, version) "
            f"VALUES ({here.lecture.pk}, {here.amira.pk}, 'present', 1)"
        )
    assert tags == tags_of(here.lecture)


# --- Two writers at once ----------------------------------------------------------------------------------------------


@contextmanager
def beside(here: Institution) -> Iterator[Any]:
    """Yield a second connection in a transaction of its own; None on SQLite, whose writers come one after the other."""
    if connection.vendor == "sqlite":
        yield None
        return
    with closing(plain_connection()) as plain:
        plain.execute("SET lock_timeout = '300ms'")
        yield plain


def test_a_mark_beside_the_only_other_one_that_is_being_taken_back_is_told(here: Institution) -> None:
    """When that one has gone, nobody would say otherwise that the lecture was taken after all."""
    row = mark(here, here.amira)
    with beside(here) as other:
        if other:
            other.execute(f"UPDATE attendance_attendance SET status = '' WHERE id = {row.pk}")
        else:
            Attendance.objects.filter(pk=row.pk).update(status="")
        with told() as tags:
            mark(here, here.ben)
        if other:
            other.commit()
    assert tags == tags_of(here.lecture)


def test_two_first_marks_at_once_are_both_told_and_neither_waits(here: Institution) -> None:
    with beside(here) as other:
        if other:
            other.execute(
                "INSERT INTO attendance_attendance (lecture_id, student_id, status, version) "
                f"VALUES ({here.lecture.pk}, {here.amira.pk}, 'present', 1)"
            )
        with told() as tags:
            mark(here, here.ben)
        assert tags == tags_of(here.lecture)
        if other:
            with told() as tags:
                other.commit()
            assert tags == tags_of(here.lecture)


def test_a_mark_that_nobody_told_of_keeps_the_one_before_until_it_is_committed(here: Institution) -> None:
    row = mark(here, here.amira)
    with beside(here) as other:
        with told() as tags, transaction.atomic():
            mark(here, here.ben)
            if other:
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    other.execute(f"UPDATE attendance_attendance SET status = '' WHERE id = {row.pk}")
        assert tags == set()
        if other:
            other.rollback()
            other.execute(f"UPDATE attendance_attendance SET status = '' WHERE id = {row.pk}")


def test_in_a_snapshot_of_its_own_every_mark_is_told(here: Institution) -> None:
    """It does not show who took a mark back meanwhile; SQLite has no such transactions for writers."""
    mark(here, here.amira)
    with told() as tags, transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        mark(here, here.ben)
    assert tags == (tags_of(here.lecture) if connection.vendor == "postgresql" else set())
