"""Storing a planned term: what is missing is added in bulk, what is there already is left as it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance.models import Course, CourseStaff, Department, Offering, Organisation, Room, Term, User
from attendance.services.imports_hours import add_lectures, add_meetings, add_sections
from attendance.services.imports_people import add_enrolments, add_people
from attendance.services.missing_rows import Count, Stored, add_missing
from attendance.services.refusals import Refusal
from attendance.timetable.expansion import last_day_of
from attendance.timetable.plan import Plan, PlannedTerm


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """Where a plan was stored, and what became of its rows."""

    organisation: Organisation
    term: Term
    departments: Count
    rooms: Count
    teachers: Count
    students: Count
    courses: Count
    sections: Count
    meetings: Count
    lectures: Count
    enrolments: Count

    @property
    def counts(self) -> dict[str, Count]:
        """The counts by the name of their kind."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Count)}

    @property
    def made(self) -> int:
        """How many rows were made in all."""
        return sum(count.made for count in self.counts.values())


def apply_timetable(*, plan: Plan) -> ImportResult:
    """Store what the plan has and the database has not, in one transaction; return what was made.

    Rows are known by their natural keys: short name, number, code, name, a meeting's hour, a lecture's planned day. A
    row that is there already stays as it is, also where somebody changed it by hand. An organisation and a term that
    exist keep their time zone and their first day; a course that exists keeps its staff.

    Raises:
        Refusal: the organisation or the term cannot be made so, or a number or user name belongs to somebody else.
    """
    with transaction.atomic():
        organisation = _organisation(plan)
        term = _term(organisation, plan.term)
        departments = _departments(plan, organisation)
        rooms = _rooms(plan, organisation)
        teachers = add_people(organisation, plan.teachers, User.Role.TEACHER, departments.rows)
        students = add_people(organisation, plan.students, User.Role.STUDENT, departments.rows)
        courses = _courses(plan, organisation, departments.rows)
        offerings = _offerings(plan, term, courses.rows)
        _add_owners(plan, offerings.made, teachers.rows)
        sections = add_sections(plan, offerings.rows)
        meetings = add_meetings(plan, offerings.rows, sections.rows, rooms.rows)
        lectures = add_lectures(organisation, term, meetings)
        enrolments = add_enrolments(plan, offerings.rows, sections.rows, students.rows)
    return ImportResult(
        organisation=organisation,
        term=term,
        departments=departments.count,
        rooms=rooms.count,
        teachers=teachers.count,
        students=students.count,
        courses=courses.count,
        sections=sections.count,
        meetings=meetings.count,
        lectures=lectures,
        enrolments=enrolments.count,
    )


def _organisation(plan: Plan) -> Organisation:
    """Return the organisation, held against other imports into it until commit."""
    found = Organisation.objects.select_for_update().filter(slug=plan.slug).first()
    if found is not None:
        return found
    made = Organisation(slug=plan.slug, name=plan.name, time_zone=plan.time_zone)
    _check(made)
    made.save()
    return made


def _term(organisation: Organisation, planned: PlannedTerm) -> Term:
    found = Term.objects.filter(organisation=organisation, name=planned.name).first()
    if found is not None:
        return found
    last_day = last_day_of(first_day=planned.first_day, weeks=planned.weeks)
    made = Term(organisation=organisation, name=planned.name, first_day=planned.first_day, last_day=last_day)
    _check(made)
    made.save()
    return made


def _check(row: Organisation | Term) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        problems = [f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()]
        raise Refusal(" ".join(problems)) from error


def _departments(plan: Plan, organisation: Organisation) -> Stored[str, Department]:
    wanted = {name: Department(organisation=organisation, name=name) for name in plan.departments}
    existing = {row.name: row for row in Department.objects.filter(organisation=organisation)}
    return add_missing(Department, wanted=wanted, existing=existing)


def _rooms(plan: Plan, organisation: Organisation) -> Stored[str, Room]:
    wanted = {room.name: Room(organisation=organisation, name=room.name, capacity=room.capacity) for room in plan.rooms}
    existing = {row.name: row for row in Room.objects.filter(organisation=organisation)}
    return add_missing(Room, wanted=wanted, existing=existing)


def _courses(plan: Plan, organisation: Organisation, departments: Mapping[str, Department]) -> Stored[str, Course]:
    wanted = {
        course.code: Course(
            organisation=organisation,
            department=departments[course.department],
            code=course.code,
            title=course.title,
        )
        for course in plan.courses
    }
    existing = {row.code: row for row in Course.objects.filter(organisation=organisation)}
    return add_missing(Course, wanted=wanted, existing=existing)


def _offerings(plan: Plan, term: Term, courses: Mapping[str, Course]) -> Stored[str, Offering]:
    """Add the offerings of the term; they are known by the code of their course."""
    wanted = {
        course.code: Offering(organisation=term.organisation, course=courses[course.code], term=term)
        for course in plan.courses
    }
    existing = {row.course.code: row for row in Offering.objects.filter(term=term).select_related("course")}
    return add_missing(Offering, wanted=wanted, existing=existing)


def _add_owners(plan: Plan, offerings: Mapping[str, Offering], teachers: Mapping[str, User]) -> None:
    owner = CourseStaff.Duty.OWNER
    CourseStaff.objects.bulk_create(
        [
            CourseStaff(offering=offerings[course.code], user=teachers[course.owner], duty=owner)
            for course in plan.courses
            if course.code in offerings
        ]
    )
