"""A made-up university of full size, for trying out how the product bears it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from attendance import clock
from attendance.caching.schema import bulk_load
from attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    Enrolment,
    Lecture,
    Offering,
    Organisation,
    Term,
    TimeSlot,
    User,
)
from attendance.services.demo import accounts_with_password, refuse_in_production
from attendance.services.demo_plan import term_name
from attendance.services.demo_requests import add_requests
from attendance.services.demo_today import add_lectures_around
from attendance.services.demo_university_history import add_university_history
from attendance.services.importing.plans import store_people, store_plan
from attendance.services.time_configuration import save_time_configuration
from attendance.timetable.expansion import monday_of
from attendance.timetable.made_up_university import (
    DAY,
    FULL_SIZE,
    MAIN,
    SLUG,
    STUDENT,
    TEACHER,
    ZONE,
    Size,
    course_codes,
    university_plan,
)
from attendance.timetable.plan import PlannedPerson

WEEKS_BEFORE_TODAY = 10
ADMIN = PlannedPerson(number="A0001", username="u-admin", given_name="Miriam", family_name="Castellane")
AUDITOR = PlannedPerson(number="U0001", username="u-auditor", given_name="Stellan", family_name="Brandt")
LOGINS = (ADMIN.number, TEACHER, STUDENT, AUDITOR.number)

Report = Callable[[str, int, int], None]
"""Is told what is being made, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class UniversityResult:
    """The university's term and whether it holds today, its accounts to log in to, and its rows by kind as counted."""

    term: Term
    holds_today: bool
    logins: list[User]
    counts: dict[str, int]


def make_university(*, size: Size = FULL_SIZE, report: Report) -> UniversityResult:
    """Make the university with a term around today, or set the logins of the one there is back.

    It comes in one transaction, so it is there whole or not at all; on SQLite nobody else writes meanwhile. One that
    exists is not extended: once its term is over, `holds_today` says so.

    Raises:
        Refusal: this is a production installation.
    """
    refuse_in_production()
    now = clock.now()
    term = Term.objects.filter(organisation__slug=SLUG).first()
    if term is None:
        with bulk_load():
            term = _found(size, now, report)
        _settle()
    with transaction.atomic():
        logins = accounts_with_password(term.organisation, LOGINS)
        holds_today = term.first_day <= clock.today(term.organisation.zone) <= term.last_day
        if holds_today:
            add_lectures_around(term=term, now=now, teacher=logins[TEACHER], student=logins[STUDENT])
    return UniversityResult(term, holds_today, list(logins.values()), counts_of(term.organisation))


def _found(size: Size, now: datetime, report: Report) -> Term:
    report("people and timetable", 0, 1)
    first_day = monday_of(now.astimezone(ZoneInfo(ZONE)).date()) - timedelta(weeks=WEEKS_BEFORE_TODAY)
    timetable = store_plan(plan=university_plan(size, first_day=first_day, name=term_name(first_day)))
    organisation, term = timetable.organisation, timetable.term
    save_time_configuration(organisation=organisation, **vars(DAY))
    store_people(organisation=organisation, people=[ADMIN], role=User.Role.ADMIN)
    store_people(organisation=organisation, people=[AUDITOR], role=User.Role.AUDITOR)
    add_university_history(term=term, now=now, report=report)
    report("requests", 0, 1)
    people = {number: User.objects.get(organisation=organisation, number=number) for number in LOGINS}
    main_course = Offering.objects.get(term=term, course__code=course_codes(size)[MAIN])
    add_requests(offering=main_course, student=people[STUDENT], admin=people[ADMIN.number])
    report("checks of every reference", 0, 1)  # On commit, which takes PostgreSQL a minute.
    return term


def _settle() -> None:
    """Let the database count what it got, so that it plans well, and give back what writing took."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def counts_of(organisation: Organisation) -> dict[str, int]:
    """Return how many rows of each kind the organisation has, as the database counts them."""
    people = User.objects.filter(organisation=organisation)
    return {
        "departments": organisation.department_set.count(),
        "rooms": organisation.room_set.count(),
        "courses": organisation.course_set.count(),
        "teachers": people.filter(role=User.Role.TEACHER).count(),
        "students": people.filter(role=User.Role.STUDENT).count(),
        "time slots": TimeSlot.objects.filter(config__organisation=organisation).count(),
        "enrolments": Enrolment.objects.filter(offering__organisation=organisation).count(),
        "lectures": Lecture.objects.filter(organisation=organisation).count(),
        "check-ins": AttendanceSession.objects.filter(lecture__organisation=organisation).count(),
        "events": AttendanceEvent.objects.filter(organisation=organisation).count(),
        "marks": Attendance.objects.filter(lecture__organisation=organisation).count(),
    }
