"""A university with one lecture of Cell Biology, just enough of it to hang the row on that a test is about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from attendance.ledger.commitment import canonical_text, commitment, new_salt
from attendance.models import (
    AttendanceEvent,
    Course,
    Department,
    Lecture,
    Meeting,
    Offering,
    Organisation,
    Section,
    Term,
    User,
)

MONDAY_NINE = datetime(2026, 10, 5, 9, tzinfo=UTC)
MONDAY_TEN = datetime(2026, 10, 5, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Institution:
    """Rows that belong together: Dr Novak teaches Cell Biology to Amira and Ben, in a lecture and in a seminar."""

    organisation: Organisation
    department: Department
    term: Term
    course: Course
    offering: Offering
    seminar: Section
    weekly: Meeting
    lecture: Lecture
    next_lecture: Lecture
    novak: User
    amira: User
    ben: User


def person(organisation: Organisation, role: User.Role, username: str, **fields: Any) -> User:
    """Store and return somebody who cannot log in."""
    return User.objects.create(
        organisation=organisation, role=role, username=username, family_name=username.title(), **fields
    )


def lecture(offering: Offering, **fields: Any) -> Lecture:
    """Store and return a lecture on Monday from nine to ten, unless told otherwise."""
    hours = {"starts_at": MONDAY_NINE, "ends_at": MONDAY_TEN}
    return Lecture.objects.create(organisation=offering.organisation, offering=offering, **hours | fields)


def event(at: Lecture, by: User, **fields: Any) -> AttendanceEvent:
    """Store and return the event that check-in was opened, unless told otherwise."""
    kind = fields.setdefault("kind", AttendanceEvent.Kind.SESSION_OPENED)
    body, salt = canonical_text({"kind": str(kind), "lecture": at.pk}), new_salt()
    return AttendanceEvent.objects.create(
        organisation=at.organisation,
        lecture=at,
        actor=by,
        method=AttendanceEvent.Method.TEACHER,
        received_at=MONDAY_NINE,
        schema_version=1,
        body=body,
        salt=salt,
        commitment=commitment(body, salt),
        **fields,
    )


def found_institution(slug: str = "uppsala") -> Institution:
    """Store and return a university under that short name."""
    organisation = Organisation.objects.create(slug=slug, name=slug.title())
    department = Department.objects.create(organisation=organisation, name="Biology")
    term = Term.objects.create(
        organisation=organisation, name="Autumn", first_day=date(2026, 8, 31), last_day=date(2027, 1, 17)
    )
    course = Course.objects.create(organisation=organisation, department=department, code="BIO1", title="Cell Biology")
    offering = Offering.objects.create(organisation=organisation, course=course, term=term)
    return Institution(
        organisation=organisation,
        department=department,
        term=term,
        course=course,
        offering=offering,
        seminar=Section.objects.create(offering=offering, name="Seminar A"),
        weekly=Meeting.objects.create(offering=offering, weekday=0, starts_at=time(9), minutes=60, weeks="1" * 20),
        lecture=lecture(offering),
        next_lecture=lecture(offering, starts_at=MONDAY_TEN, ends_at=MONDAY_TEN.replace(hour=11)),
        novak=person(organisation, User.Role.TEACHER, f"novak-{slug}"),
        amira=person(organisation, User.Role.STUDENT, f"amira-{slug}"),
        ben=person(organisation, User.Role.STUDENT, f"ben-{slug}"),
    )
