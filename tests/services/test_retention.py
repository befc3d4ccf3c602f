"""Students go when the years are over for which their institution keeps records, and nobody else does."""

from datetime import date, timedelta

import pytest
import time_machine

from attendance import clock
from attendance.models import AttendanceEvent, Organisation, Request, User
from attendance.queries.erasure import last_day_kept, students_past_record
from attendance.services.register import Mark, mark_register
from attendance.services.retention import delete_what_came_late, erase_again, erase_past_record
from tests.cast import Campus, enrol, person


def silent(_done: int, _of: int) -> None:
    """Hear of progress and say nothing."""


@pytest.fixture
def kept_two_years(campus: Campus) -> Campus:
    """The term ended three years ago, and records are kept for two."""
    campus.organisation.record_years = 2
    campus.organisation.save()
    today = clock.today(campus.organisation.zone)
    campus.term.first_day, campus.term.last_day = today - timedelta(days=1200), today - timedelta(days=1100)
    campus.term.save()
    return campus


def past_record(campus: Campus) -> set[str]:
    return set(students_past_record(campus.organisation).values_list("username", flat=True))


def erased() -> set[int]:
    return set(User.objects.exclude(erased_at=None).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("today", "years", "until"),
    [
        ("2026-11-26", 5, date(2021, 11, 26)),
        ("2024-02-29", 1, date(2023, 2, 28)),
        ("2024-02-29", 4, date(2020, 2, 28)),
        ("2026-03-31", 50, date(1976, 3, 31)),
    ],
)
def test_years_are_counted_by_the_calendar(today: str, years: int, until: date) -> None:
    organisation = Organisation(record_years=years)
    with time_machine.travel(f"{today}T12:00Z", tick=False):
        assert last_day_kept(organisation) == until


def test_students_whose_courses_are_long_over_go(kept_two_years: Campus) -> None:
    assert past_record(kept_two_years) == {"amira", "bilal"}
    outcome = erase_past_record(organisation=kept_two_years.organisation, report=silent)
    assert (outcome.number, outcome.left) == (2, [])
    assert erased() == {kept_two_years.amira.pk, kept_two_years.bilal.pk}
    assert erase_past_record(organisation=kept_two_years.organisation, report=silent).number == 0


def test_without_years_nobody_goes(kept_two_years: Campus) -> None:
    kept_two_years.organisation.record_years = None
    assert past_record(kept_two_years) == set()


def test_the_last_day_of_an_enrolment_goes_before_that_of_the_term(kept_two_years: Campus) -> None:
    recently = clock.today(kept_two_years.organisation.zone) - timedelta(days=100)
    kept_two_years.amira.enrolments.update(until_day=recently)
    assert past_record(kept_two_years) == {"bilal"}


def test_one_later_course_keeps_all(kept_two_years: Campus) -> None:
    campus = kept_two_years
    term = campus.organisation.term_set.create(
        name="Now", first_day=clock.today(campus.organisation.zone), last_day=clock.today(campus.organisation.zone)
    )
    again = campus.course.offerings.create(organisation=campus.organisation, term=term)
    enrol(again, campus.amira, "0001")
    assert past_record(campus) == {"bilal"}


def test_the_day_itself_is_still_kept(kept_two_years: Campus) -> None:
    until = last_day_kept(kept_two_years.organisation)
    assert until is not None
    kept_two_years.term.last_day = until
    kept_two_years.term.save()
    assert past_record(kept_two_years) == set()
    kept_two_years.term.last_day = until - timedelta(days=1)
    kept_two_years.term.save()
    assert past_record(kept_two_years) == {"amira", "bilal"}


def test_staff_operators_and_people_without_courses_stay(kept_two_years: Campus) -> None:
    campus = kept_two_years
    enrol(campus.offering, campus.other_teacher, "0007")
    User.objects.filter(pk=campus.amira.pk).update(is_superuser=True)
    assert past_record(campus) == {"bilal"}
    assert campus.outsider.role == "student"


def test_whoever_comes_back_meanwhile_is_left_alone(kept_two_years: Campus) -> None:
    campus = kept_two_years

    def enrolled_again(done: int, _of: int) -> None:
        if done == 1:
            campus.bilal.enrolments.update(until_day=clock.today(campus.organisation.zone))

    outcome = erase_past_record(organisation=campus.organisation, report=enrolled_again)
    assert (outcome.number, outcome.left) == (1, [campus.bilal.pk])


def test_what_came_late_for_an_erased_person_goes(kept_two_years: Campus) -> None:
    erase_past_record(organisation=kept_two_years.organisation, report=silent)
    about = {"organisation": kept_two_years.organisation, "kind": "card", "reason": "mine is lost"}
    was_late = [Mark(kept_two_years.bilal.pk, "late", 0)]
    mark_register(lecture=kept_two_years.lecture, actor=kept_two_years.ines, marks=was_late, reason="the bus")
    late = Request.objects.create(student=kept_two_years.bilal, **about)
    other = Request.objects.create(student=kept_two_years.outsider, **about)
    delete_what_came_late()
    assert not AttendanceEvent.objects.filter(student=kept_two_years.bilal, body__isnull=False).exists()
    late.refresh_from_db()
    other.refresh_from_db()
    assert (late.state, late.reason) == ("cancelled", "")
    assert (other.state, other.reason) == ("pending", "mine is lost")


def test_accounts_that_a_backup_brought_back_are_erased_again(campus: Campus) -> None:
    moment = clock.now() + timedelta(minutes=1)
    with time_machine.travel(moment + timedelta(days=1), tick=False):
        young = person(campus.organisation, "young", "student", "Young One")
        wanted = [(campus.bilal.pk, moment), (young.pk, moment), (999_999, moment)]
        assert erase_again(erased=wanted, report=silent).number == 1
        assert erased() == {campus.bilal.pk}
        assert erase_again(erased=wanted, report=silent).number == 0
