"""A made-up university of any size as a plan: who teaches and learns there, what, when and where.

All chance is one generator with a fixed seed, so the same size gives the same university, whatever the day. Nobody is
in two places at once: neither a teacher nor a student nor a room has two meetings at one hour.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import islice
from random import Random

from attendance.timetable.disciplines import course_prefixes, course_title, department_name, room_name
from attendance.timetable.people import THE_WORLD, made_up_name
from attendance.timetable.plan import (
    Plan,
    PlannedCourse,
    PlannedEnrolment,
    PlannedMeeting,
    PlannedPerson,
    PlannedRoom,
    PlannedTerm,
)
from attendance.timetable.slots import DayPlan, slot_grid

SLUG = "severnside"
NAME = "Severnside University"
ZONE = "Europe/London"
WEEKS = "11111110111111111111"  # The eighth is for reading.
DAY = DayPlan(
    working_days=6,
    slots_per_day=8,
    start_time=time(8),
    end_time=time(17),
    slot_duration_minutes=60,
    lunch=(time(12), time(13)),
)
TEACHER, STUDENT = "T0001", "2500001"
MAIN = 0
"""The place of the course that the teacher of the logins owns and their student takes."""

_GRID = slot_grid(DAY)
# Few meet on Saturdays.
_HOUR_WEIGHTS = [1 if slot.weekday == 5 else 6 for slot in _GRID]
_HOURS_A_WEEK = (1, 2, 2, 2, 2, 2, 3)
_COURSES_A_STUDENT = (4, 5, 5, 5, 6)
_YEARS = 4
_POPULAR = 60
_TRIES = 80


@dataclass(frozen=True)
class Size:
    """How many of each there are; `large_class` students take the main course."""

    departments: int
    rooms: int
    courses: int
    teachers: int
    students: int
    large_class: int


FULL_SIZE = Size(departments=127, rooms=1_167, courses=2_494, teachers=645, students=12_500, large_class=400)

Hours = tuple[int, ...]
"""Places in the grid of the week."""


def university_plan(size: Size, *, first_day: date, name: str) -> Plan:
    """Return the plan of the university for a term that starts on that day; all but its dates is always the same."""
    chance = Random(SLUG)  # noqa: S311 -- no secret
    hours = _hours_of_courses(size, chance)
    taken = _courses_of_students(size, hours, chance)
    rooms = tuple(PlannedRoom(room_name(place), _seats(place, size, chance)) for place in range(size.rooms))
    in_rooms = _rooms_of_courses(rooms, hours, Counter(course for courses in taken for course in courses), chance)
    departments = tuple(department_name(place) for place in range(size.departments))
    codes = course_codes(size)
    return Plan(
        slug=SLUG,
        name=NAME,
        time_zone=ZONE,
        term=PlannedTerm(name=name, first_day=first_day, weeks=len(WEEKS)),
        departments=departments,
        rooms=rooms,
        teachers=tuple(_teacher(place, departments) for place in range(size.teachers)),
        students=tuple(_student(place, departments) for place in range(size.students)),
        courses=tuple(_course(place, size, code, hours[place], in_rooms[place]) for place, code in enumerate(codes)),
        enrolments=tuple(
            PlannedEnrolment(student=_student_number(student), course=codes[course])
            for student, courses in enumerate(taken)
            for course in courses
        ),
    )


def _course(place: int, size: Size, code: str, hours: Hours, room: str | None) -> PlannedCourse:
    lap, department = divmod(place, size.departments)
    return PlannedCourse(
        code=code,
        title=course_title(lap, department),
        department=department_name(department),
        owner=_teacher_number(_owner(place, size)),
        meetings=tuple(_meeting(hour, room) for hour in hours),
    )


def course_codes(size: Size) -> list[str]:
    """Return the codes of all courses, such as PHYS 203: the hundreds are the year in which it is taken."""
    prefixes = course_prefixes(size.departments)
    numbers = (100 * (lap % _YEARS + 1) + lap // _YEARS + 1 for lap in range(size.courses // size.departments + 1))
    codes = (f"{prefix} {number}" for number in numbers for prefix in prefixes)
    return list(islice(codes, size.courses))


def _year(place: int, size: Size) -> int:
    """Return the year of a course, or of a student, at a place: the departments share them out in turn."""
    return place // size.departments % _YEARS


# --- When -------------------------------------------------------------------------------------------------------------


def _hours_of_courses(size: Size, chance: Random) -> list[Hours]:
    """Return the weekly hours of each course, on different days, at which its owner is free."""
    busy: list[set[int]] = [set() for _teacher in range(size.teachers)]
    hours = []
    for course in range(size.courses):
        of_owner = busy[_owner(course, size)]
        chosen = _free_hours(of_owner, chance.choice(_HOURS_A_WEEK), chance)
        of_owner.update(chosen)
        hours.append(chosen)
    return hours


def _free_hours(busy: set[int], number: int, chance: Random) -> Hours:
    chosen: dict[int, int] = {}
    for hour in chance.choices(range(len(_GRID)), _HOUR_WEIGHTS, k=_TRIES):
        if len(chosen) == number:
            break
        if hour not in busy:
            chosen.setdefault(_GRID[hour].weekday, hour)
    return tuple(sorted(chosen.values()))


def _owner(course: int, size: Size) -> int:
    """Return the place of the teacher: those of the course's department in turn."""
    department, lap = course % size.departments, course // size.departments
    colleagues = range(department, size.teachers, size.departments)
    return colleagues[lap % len(colleagues)]


def _meeting(hour: int, room: str | None) -> PlannedMeeting:
    slot = _GRID[hour]
    minutes = DAY.slot_duration_minutes
    return PlannedMeeting(weekday=slot.weekday, starts_at=slot.starts_at, minutes=minutes, weeks=WEEKS, room=room)


# --- Who takes what ---------------------------------------------------------------------------------------------------


def _courses_of_students(size: Size, hours: Sequence[Hours], chance: Random) -> list[tuple[int, ...]]:
    """Return the courses of each student: most of the own department and year, some popular ones, some others."""
    own: dict[tuple[int, int], list[int]] = {}
    for course in range(1, size.courses):
        own.setdefault((course % size.departments, _year(course, size)), []).append(course)
    popular = chance.sample(range(1, size.courses), min(_POPULAR, size.courses - 1))
    taken = []
    for student in range(size.students):
        major = own.get((student % size.departments, _year(student, size))) or popular
        choice = _Choice(hours, [MAIN] if student < size.large_class else [])
        wanted = chance.choice(_COURSES_A_STUDENT)
        for _try in range(_TRIES):
            if len(choice.courses) == wanted:
                break
            choice.consider(_liked(major, popular, size, chance))
        taken.append(tuple(choice.courses))
    return taken


def _liked(major: Sequence[int], popular: Sequence[int], size: Size, chance: Random) -> int:
    place = chance.random()
    if place < 0.7:
        return chance.choice(major)
    if place < 0.85:
        return popular[int(len(popular) * chance.random() ** 1.1)]
    return chance.randrange(1, size.courses)


class _Choice:
    """What one student takes; no two hours of it are the same."""

    def __init__(self, hours: Sequence[Hours], courses: list[int]) -> None:
        self._hours, self.courses = hours, courses
        self._busy = {hour for course in courses for hour in hours[course]}

    def consider(self, course: int) -> None:
        """Take a course, unless it is taken already or something else is on at its hours."""
        if course not in self.courses and self._busy.isdisjoint(self._hours[course]):
            self.courses.append(course)
            self._busy.update(self._hours[course])


# --- Where ------------------------------------------------------------------------------------------------------------


def _seats(place: int, size: Size, chance: Random) -> int:
    """Return the seats of the room at a place: the first holds the large class, few are halls, most are small."""
    if place == 0:
        return size.large_class + 50
    share = place / size.rooms
    smallest, largest = (
        (220, 380) if share < 0.02 else (80, 160) if share < 0.08 else (40, 70) if share < 0.4 else (16, 36)
    )
    return chance.randrange(smallest, largest, 2)


def _rooms_of_courses(
    rooms: Sequence[PlannedRoom], hours: Sequence[Hours], sizes: Mapping[int, int], chance: Random
) -> list[str | None]:
    """Return the room of each course: free at its hours and hardly larger than needed, None if all are taken.

    The first room is kept for the main course, whose extra hours need no other.
    """
    by_seats = sorted(rooms[1:], key=lambda room: room.capacity)
    busy: dict[str, set[int]] = {room.name: set() for room in rooms}
    found: dict[int, str | None] = {MAIN: rooms[0].name}
    for course in sorted(range(1, len(hours)), key=lambda place: -sizes[place]):
        start = bisect_left(by_seats, sizes[course], key=lambda room: room.capacity)
        fitting = by_seats[start + chance.randrange(40) :] + by_seats[start : start + 40]
        free = (room.name for room in fitting if busy[room.name].isdisjoint(hours[course]))
        found[course] = name = next(free, None)
        if name is not None:
            busy[name].update(hours[course])
    return [found[course] for course in range(len(hours))]


# --- Who --------------------------------------------------------------------------------------------------------------


def _teacher_number(place: int) -> str:
    return f"T{place + 1:04}"


def _student_number(place: int) -> str:
    return str(int(STUDENT) + place)


def _teacher(place: int, departments: Sequence[str]) -> PlannedPerson:
    number = _teacher_number(place)
    given, family = _name(number)
    username = "u-teacher" if number == TEACHER else f"{given[0]}.{family}{place + 1}".lower()
    return _person(number, username, given, family, departments[place % len(departments)])


def _student(place: int, departments: Sequence[str]) -> PlannedPerson:
    number = _student_number(place)
    given, family = _name(number)
    username = "u-student" if number == STUDENT else f"u{number}"
    return _person(number, username, given, family, departments[place % len(departments)])


def _person(number: str, username: str, given: str, family: str, department: str) -> PlannedPerson:
    return PlannedPerson(number=number, username=username, given_name=given, family_name=family, department=department)


def _name(number: str) -> tuple[str, str]:
    """Return a name in its two parts; half of them have a second given name, so that few share the whole of it."""
    first, second = (made_up_name(THE_WORLD, SLUG, number, part) for part in ("first", "second"))
    has_second = second.given != first.given and sum(map(ord, number)) % 2
    return (f"{first.given} {second.given}" if has_second else first.given), first.family
