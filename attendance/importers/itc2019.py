"""Turns a problem of the International Timetabling Competition 2019 into records.

Rows that are there already stay as they are: names and titles are made up, and somebody may have put the real ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from attendance.importers.bundle import Bundle
from attendance.importers.records import Kind, Place, Reading, Record, UnreadableError, Value
from attendance.timetable.expansion import last_day_of
from attendance.timetable.faculty import FacultyNames, plan_faculty
from attendance.timetable.itc2019 import ProblemError, read_problem
from attendance.timetable.plan import Plan, PlannedMeeting, PlannedPerson
from attendance.timetable.problem import Problem
from attendance.timetable.seating import SeatingError, seat_students


def problem_in(bundle: Bundle) -> Problem:
    """Return the problem that the one XML file of a bundle holds.

    Raises:
        UnreadableError: there is none or more than one, or it is no problem that can be imported.
    """
    files = [name for name in bundle if len(bundle) == 1 or name.casefold().endswith(".xml")]
    if len(files) != 1:
        raise UnreadableError(_("There has to be one XML file in it; there are %(count)s.") % {"count": len(files)})
    try:
        return read_problem(bundle[files[0]])
    except ProblemError as error:
        raise UnreadableError(str(error)) from error


def read_itc2019(bundle: Bundle, *, names: FacultyNames) -> Reading:
    """Return the records of a problem; its term has as many weeks as the problem, whatever `names` says.

    Raises:
        UnreadableError: as `problem_in`; or a course that nobody can take.
    """
    return reading_of(problem_in(bundle), names=names, file=bundle.name)


def reading_of(problem: Problem, *, names: FacultyNames, file: str) -> Reading:
    """Return the records of a problem from a file of that name, with a note on sections that got more than fit.

    Raises:
        UnreadableError: a course that nobody can take.
    """
    try:
        seating = seat_students(problem)
    except SeatingError as error:
        raise UnreadableError(str(error)) from error
    names = replace(names, term=replace(names.term, weeks=problem.weeks))
    reading = records_of_plan(plan_faculty(problem=problem, seating=seating, names=names), file)
    if not seating.over_limit:
        return reading
    note = _("Enrolments over the limit of a section: %(count)s.") % {"count": f"{seating.over_limit:,}"}
    return replace(reading, notes=(note,))


def records_of_plan(plan: Plan, file: str) -> Reading:
    """Return a record for everything in a plan but its institution.

    There is none for a lecture: those follow from meetings and holidays, which are not known here.
    """
    return Reading(records=tuple(_PlanRecords(plan, Place(file, 0)).all()))


@dataclass(frozen=True)
class _PlanRecords:
    """Spells the things of a plan as records, kind after kind."""

    plan: Plan
    place: Place

    def all(self) -> Iterator[Record]:
        for department in self.plan.departments:
            yield self._record(Kind.DEPARTMENT, department)
        for room in self.plan.rooms:
            yield self._record(Kind.ROOM, room.name, capacity=room.capacity)
        yield self._term()
        for role, people in (("teacher", self.plan.teachers), ("student", self.plan.students)):
            for person in people:
                yield self._person(person, role)
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

    def _person(self, person: PlannedPerson, role: str) -> Record:
        return self._record(
            Kind.PERSON,
            person.number,
            role=role,
            username=person.username,
            given_name=person.given_name,
            family_name=person.family_name,
            department=person.department,
        )

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
