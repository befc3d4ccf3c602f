"""Turns a timetabling problem, where all is numbers, into a plan in which things have names.

Names depend on the numbers alone: the same file gives the same people and titles, also when it has grown meanwhile.
"""

from collections import Counter
from dataclasses import dataclass

from attendance.timetable.people import CENTRAL_EUROPE, made_up_name
from attendance.timetable.plan import (
    Plan,
    PlannedCourse,
    PlannedEnrolment,
    PlannedMeeting,
    PlannedPerson,
    PlannedRoom,
    PlannedSection,
    PlannedTerm,
)
from attendance.timetable.problem import Problem, ProblemClass, ProblemCourse
from attendance.timetable.seating import Seating

COURSES_PER_TEACHER = 3
KINDS = ("Lecture", "Seminar", "Laboratory", "Exercise", "Workshop")
TOPICS = {
    "Applied Sciences": "Biomechanics,Materials,Nutrition,Ergonomics,Measurement,Energy,Acoustics,Safety",
    "Education": "Teaching Methods,School Practice,Assessment,Curricula,Adult Learning,Mentoring,Play,Inclusion",
    "Health": "Anatomy,Physiology,First Aid,Rehabilitation,Public Health,Ageing,Sleep,Prevention",
    "History and Culture": "Philosophy,Ethics,Modern History,Anthropology,Media,Languages,Rhetoric,Heritage",
    "Informatics": "Programming,Databases,Networks,Data Structures,Graphics,Security,Operating Systems,Algorithms",
    "Management": "Marketing,Accounting,Event Organisation,Law,Leadership,Tourism,Project Planning,Finance",
    "Mathematics and Statistics": "Statistics,Algebra,Calculus,Probability,Logic,Modelling,Geometry,Data Analysis",
    "Psychology": "Motivation,Perception,Group Dynamics,Development,Coaching,Stress,Memory,Counselling",
}
FORMS = ("{}", "Introduction to {}", "Advanced {}", "{} in Practice", "Topics in {}", "{}: Project")


@dataclass(frozen=True)
class FacultyNames:
    """What a problem does not hold: the organisation's short and full name, its time zone, and the term."""

    slug: str
    name: str
    time_zone: str
    term: PlannedTerm


def plan_faculty(*, problem: Problem, seating: Seating, names: FacultyNames) -> Plan:
    """Return the plan of a problem whose students are seated."""
    sections = {each.id: name for course in problem.courses for each, name in _section_names(course).items()}
    return Plan(
        slug=names.slug,
        name=names.name,
        time_zone=names.time_zone,
        term=names.term,
        departments=tuple(TOPICS),
        rooms=tuple(PlannedRoom(_room_name(room.id), room.capacity) for room in problem.rooms),
        teachers=_teachers(problem, names.slug),
        students=tuple(_student(student.id, names.slug) for student in problem.students),
        courses=tuple(_course(course) for course in problem.courses),
        enrolments=tuple(
            PlannedEnrolment(
                student=_student_number(student),
                course=_course_code(course),
                sections=tuple(sections[each] for each in classes),
            )
            for (student, course), classes in seating.classes.items()
        ),
    )


def _room_name(room: int) -> str:
    return f"Room {room}"


def _course_code(course: int) -> str:
    return f"C{course:03}"


def _student_number(student: int) -> str:
    return f"{student:07}"


def _department(course: int) -> str:
    return list(TOPICS)[course % len(TOPICS)]


def _title(course: int) -> str:
    """Return a title that no other course has: departments take turns, then topics, then forms, then parts."""
    department = _department(course)
    topics = TOPICS[department].split(",")
    number, topic = divmod(course // len(TOPICS), len(topics))
    part, form = divmod(number, len(FORMS))
    title = FORMS[form].format(topics[topic])
    return f"{title}, Part {part + 1}" if part else title


def _course(course: ProblemCourse) -> PlannedCourse:
    return PlannedCourse(
        code=_course_code(course.id),
        title=_title(course.id),
        department=_department(course.id),
        owner=_owner(course.id),
        sections=tuple(_section(each, name) for each, name in _section_names(course).items()),
    )


def _section_names(course: ProblemCourse) -> dict[ProblemClass, str]:
    """Return the classes with their names: the subpart's place gives the kind, numbers run through the course."""
    numbers: Counter[str] = Counter()
    names = {}
    for configuration in course.configurations:
        for place, subpart in enumerate(configuration.subparts):
            kind = KINDS[min(place, len(KINDS) - 1)]
            for each in subpart.classes:
                numbers[kind] += 1
                names[each] = f"{kind} {numbers[kind]}"
    return names


def _section(each: ProblemClass, name: str) -> PlannedSection:
    room = None if each.room is None else _room_name(each.room)
    meetings = tuple(
        PlannedMeeting(
            weekday=weekday,
            starts_at=each.time.starts_at,
            minutes=each.time.minutes,
            weeks=each.time.weeks,
            room=room,
        )
        for weekday in each.time.weekdays
    )
    return PlannedSection(name=name, limit=each.limit, meetings=meetings)


def _student(student: int, slug: str) -> PlannedPerson:
    number = _student_number(student)
    name = made_up_name(CENTRAL_EUROPE, slug, "student", student)
    return PlannedPerson(number=number, username=f"s{number}", given_name=name.given, family_name=name.family)


def _owner(course: int) -> str:
    """Return the number of the teacher; each has courses of one department."""
    departments = len(TOPICS)
    return f"T{course // (departments * COURSES_PER_TEACHER) * departments + course % departments + 1:03}"


def _teachers(problem: Problem, slug: str) -> tuple[PlannedPerson, ...]:
    departments = {_owner(course.id): _department(course.id) for course in problem.courses}
    return tuple(_teacher(number, department, slug) for number, department in sorted(departments.items()))


def _teacher(number: str, department: str, slug: str) -> PlannedPerson:
    name = made_up_name(CENTRAL_EUROPE, slug, "teacher", number)
    return PlannedPerson(
        number=number,
        username=number.lower(),
        given_name=name.given,
        family_name=name.family,
        department=department,
    )
