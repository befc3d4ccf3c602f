"""The made-up University of Aldermoor: who teaches and learns there, what, when and where."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, time

from attendance.timetable.chance import draw
from attendance.timetable.people import THE_WORLD, Name, distinct_names
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

SLUG = "aldermoor"
ZONE = "Europe/London"
WEEKS = "11111101111111"  # The seventh is for reading.

TEACHER, ASSISTANT, STUDENT = "T001", "T002", "2400101"
SELDOM_HERE = "2400102"  # Misses so much that no attendance to come is enough.
MAIN_COURSE, SECOND_COURSE = "CS 204", "CS 310"

STUDENTS = 120
COURSES_EACH = range(3, 7)
AMIRAS_COURSES = ("CS 204", "CS 310", "MA 210", "PH 118", "EN 102")
POPULARITY = {"CS 204": 1.8, "MA 210": 1.4, "EN 102": 1.4}

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
NINE, ELEVEN, ONE, THREE, FIVE = time(9), time(11), time(13), time(15), time(17)
MINUTES = 90
Hour = tuple[int, time]


@dataclass(frozen=True)
class _Group:
    """Sections that meet at the same hour, one in each of the rooms."""

    kind: str
    hour: Hour
    rooms: tuple[str, ...]
    limit: int


@dataclass(frozen=True)
class _Subject:
    code: str
    title: str
    department: str
    owner: str
    room: str
    hours: tuple[Hour, ...]
    group: _Group | None = None


ROOMS = {
    "Hall A-01": 180,
    "Hall B-12": 120,
    "Hall C-04": 120,
    "Room B-20": 60,
    "Room B-21": 60,
    "Room C-11": 48,
    "Room C-12": 48,
    "Seminar D-3": 30,
    "Seminar D-4": 30,
    "Computer Lab E-1": 32,
    "Computer Lab E-2": 32,
    "Physics Lab F-2": 36,
}
TEACHERS = {
    TEACHER: ("teacher", "Ines", "Ferreira", "Computing"),
    ASSISTANT: ("assistant", "Kwame", "Osei", "Computing"),
    "T003": ("h.lindqvist", "Helena", "Lindqvist", "Mathematics"),
    "T004": ("d.okafor", "Daniel", "Okafor", "Physics"),
    "T005": ("m.whitlock", "Margaret", "Whitlock", "Languages and Writing"),
    "T006": ("r.banerjee", "Rahul", "Banerjee", "Business"),
    "T007": ("y.tanaka", "Yuko", "Tanaka", "Life Sciences"),
    "T008": ("g.moretti", "Giorgio", "Moretti", "Mathematics"),
}
# No two hours overlap, save those of the sections of one course, so whatever a student takes, nothing clashes.
SUBJECTS = (
    _Subject("CS 204", "Databases", "Computing", "T001", "Hall B-12", ((MONDAY, NINE), (THURSDAY, NINE))),
    _Subject("CS 310", "Computer Networks", "Computing", "T001", "Room B-20", ((TUESDAY, ONE), (FRIDAY, ONE))),
    _Subject(
        "CS 101",
        "Introduction to Programming",
        "Computing",
        "T002",
        "Hall A-01",
        ((TUESDAY, NINE),),
        _Group("Laboratory", (WEDNESDAY, THREE), ("Computer Lab E-1", "Computer Lab E-2"), 32),
    ),
    _Subject("MA 210", "Linear Algebra", "Mathematics", "T003", "Hall C-04", ((MONDAY, ELEVEN), (WEDNESDAY, NINE))),
    _Subject("MA 115", "Calculus", "Mathematics", "T008", "Hall C-04", ((MONDAY, FIVE), (FRIDAY, NINE))),
    _Subject("MA 230", "Probability", "Mathematics", "T008", "Room B-21", ((TUESDAY, FIVE), (THURSDAY, FIVE))),
    _Subject(
        "PH 118",
        "Waves and Optics",
        "Physics",
        "T004",
        "Hall B-12",
        ((TUESDAY, ELEVEN), (THURSDAY, ONE)),
        _Group("Laboratory", (FRIDAY, THREE), ("Physics Lab F-2", "Room C-12"), 36),
    ),
    _Subject("PH 230", "Thermodynamics", "Physics", "T004", "Room C-11", ((MONDAY, ONE), (WEDNESDAY, FIVE))),
    _Subject(
        "EN 102",
        "Academic Writing",
        "Languages and Writing",
        "T005",
        "Hall A-01",
        (),
        _Group("Seminar", (WEDNESDAY, ELEVEN), ("Seminar D-3", "Seminar D-4", "Room C-11", "Room C-12"), 30),
    ),
    _Subject("BU 140", "Principles of Marketing", "Business", "T006", "Room B-21", ((MONDAY, THREE), (FRIDAY, ELEVEN))),
    _Subject("BU 255", "Financial Accounting", "Business", "T006", "Room B-20", ((TUESDAY, THREE), (FRIDAY, FIVE))),
    _Subject("BI 120", "Cell Biology", "Life Sciences", "T007", "Room C-12", ((WEDNESDAY, ONE), (THURSDAY, THREE))),
)
_SUBJECTS_BY_CODE = {subject.code: subject for subject in SUBJECTS}


def term_name(first_day: date) -> str:
    """Return season and year of a term; terms of 14 weeks that follow each other never share them."""
    season = ("Winter", "Spring", "Summer", "Autumn")[first_day.month % 12 // 3]
    return f"{season} {first_day.year + first_day.month // 12}"


def demo_plan(*, first_day: date, name: str) -> Plan:
    """Return the plan of the university for a term that starts on that day; all but its dates is always the same."""
    return Plan(
        slug=SLUG,
        name="University of Aldermoor",
        time_zone=ZONE,
        term=PlannedTerm(name=name, first_day=first_day, weeks=len(WEEKS)),
        departments=tuple(sorted({subject.department for subject in SUBJECTS})),
        rooms=tuple(PlannedRoom(room, seats) for room, seats in ROOMS.items()),
        teachers=tuple(_teacher(number) for number in TEACHERS),
        students=_students(),
        courses=tuple(_course(subject) for subject in SUBJECTS),
        enrolments=_enrolments(),
    )


def _teacher(number: str) -> PlannedPerson:
    username, given, family, department = TEACHERS[number]
    return PlannedPerson(number=number, username=username, given_name=given, family_name=family, department=department)


def _student_numbers() -> list[str]:
    return [str(int(STUDENT) + place) for place in range(STUDENTS)]


def _students() -> tuple[PlannedPerson, ...]:
    amira = Name("Amira", "Haddad")
    others = [name for name in distinct_names(THE_WORLD, STUDENTS, SLUG) if name != amira]
    names = [amira, *others]
    return tuple(_student(number, name) for number, name in zip(_student_numbers(), names, strict=False))


def _student(number: str, name: Name) -> PlannedPerson:
    username = "student" if number == STUDENT else f"s{number}"
    return PlannedPerson(number=number, username=username, given_name=name.given, family_name=name.family)


def _course(subject: _Subject) -> PlannedCourse:
    return PlannedCourse(
        code=subject.code,
        title=subject.title,
        department=subject.department,
        owner=subject.owner,
        meetings=tuple(_meeting(hour, subject.room) for hour in subject.hours),
        sections=_sections(subject.group) if subject.group else (),
    )


def _meeting(hour: Hour, room: str) -> PlannedMeeting:
    weekday, starts_at = hour
    return PlannedMeeting(weekday=weekday, starts_at=starts_at, minutes=MINUTES, weeks=WEEKS, room=room)


def _sections(group: _Group) -> tuple[PlannedSection, ...]:
    return tuple(
        PlannedSection(name=f"{group.kind} {number}", limit=group.limit, meetings=(_meeting(group.hour, room),))
        for number, room in enumerate(group.rooms, start=1)
    )


def _wanted(student: str) -> tuple[str, ...]:
    """Return the codes of the courses that a student takes, popular ones more often."""
    if student == STUDENT:
        return AMIRAS_COURSES
    number = COURSES_EACH[int(draw(student, "how many") * len(COURSES_EACH))]
    by_liking = sorted(_SUBJECTS_BY_CODE, key=lambda code: draw(student, code) * POPULARITY.get(code, 1), reverse=True)
    chosen = by_liking[:number]
    return tuple(chosen if student != SELDOM_HERE else dict.fromkeys([MAIN_COURSE, *chosen]))


def _enrolments() -> tuple[PlannedEnrolment, ...]:
    taken: Counter[str] = Counter()
    enrolments = []
    for student in _student_numbers():
        for code in _wanted(student):
            group = _SUBJECTS_BY_CODE[code].group
            section = (f"{group.kind} {taken[code] % len(group.rooms) + 1}",) if group else ()
            taken[code] += 1
            enrolments.append(PlannedEnrolment(student=student, course=code, sections=section))
    return tuple(enrolments)
