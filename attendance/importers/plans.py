"""Spells a plan as records.

Rows that are there already stay as they are: names and titles are made up, and somebody may have put the real ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from attendance.importers.records import Kind, Place, Reading, Record, Value
from attendance.timetable.expansion import last_day_of
from attendance.timetable.plan import Plan, PlannedMeeting, PlannedPerson


def records_of_plan(plan: Plan, file: str, *, mail_domain: str = "") -> Reading:
    """Return a record for everything in a plan but its institution.

    There is none for a lecture: those follow from meetings and holidays, which are not known here. With a domain for
    mail, people get an address in it that begins with their user name.
    """
    return Reading(records=tuple(_PlanRecords(plan, Place(file, 0), mail_domain).all()))


def record_of_person(person: PlannedPerson, role: str, place: Place, *, mail_domain: str = "") -> Record:
    """Return the record of a planned person; one who is there already stays as they are."""
    fields: dict[str, Value] = {
        "role": role,
        "username": person.username,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "department": person.department,
    }
    if mail_domain:
        fields["email"] = f"{person.username}@{mail_domain}"
    return Record(kind=Kind.PERSON, key=(person.number,), fields=fields, place=place, keeps=True)


@dataclass(frozen=True)
class _PlanRecords:
    """Spells the things of a plan as records, kind after kind."""

    plan: Plan
    place: Place
    mail_domain: str

    def all(self) -> Iterator[Record]:
        for department in self.plan.departments:
            yield self._record(Kind.DEPARTMENT, department)
        for room in self.plan.rooms:
            yield self._record(Kind.ROOM, room.name, capacity=room.capacity)
        yield self._term()
        for role, people in (("teacher", self.plan.teachers), ("student", self.plan.students)):
            for person in people:
                yield record_of_person(person, role, self.place, mail_domain=self.mail_domain)
        yield from self._courses()
        for enrolment in self.plan.enrolments:
            key = (*self._offering(enrolment.course), enrolment.student)
            yield self._record(Kind.ENROLMENT, *key, sections=list(enrolment.sections))
        yield from self._meetings()
        for course in self.plan.courses:
            yield self._record(Kind.STAFF, *self._offering(course.code), course.owner, "", "", duty="owner")

    def _record(self, kind: Kind, *key: str, **fields: Value) -> Record:
        return Record(kind=kind, key=key, fields=fields, place=self.place, keeps=True)

    def _offering(self, course: str) -> tuple[str, str]:
        return course, self.plan.term.name

    def _term(self) -> Record:
        term = self.plan.term
        last_day = last_day_of(first_day=term.first_day, weeks=term.weeks)
        days = {"first_day": term.first_day.isoformat(), "last_day": last_day.isoformat()}
        return self._record(Kind.TERM, term.name, **days)

    def _courses(self) -> Iterator[Record]:
        courses = self.plan.courses
        for course in courses:
            yield self._record(Kind.COURSE, course.code, title=course.title, department=course.department)
        for course in courses:
            yield self._record(Kind.OFFERING, *self._offering(course.code))
        for course in courses:
            for section in course.sections:
                yield self._record(Kind.SECTION, *self._offering(course.code), section.name, limit=section.limit)

    def _meetings(self) -> Iterator[Record]:
        for course in self.plan.courses:
            for meeting in course.meetings:
                yield self._meeting(course.code, "", meeting)
            for section in course.sections:
                for meeting in section.meetings:
                    yield self._meeting(course.code, section.name, meeting)

    def _meeting(self, course: str, section: str, meeting: PlannedMeeting) -> Record:
        key = (*self._offering(course), section, str(meeting.weekday), f"{meeting.starts_at:%H:%M}")
        return self._record(Kind.MEETING, *key, minutes=meeting.minutes, weeks=meeting.weeks, room=meeting.room)
