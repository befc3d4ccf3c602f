"""Reads a problem of the International Timetabling Competition 2019 from its XML (https://www.itc2019.org/format).

Travel times, unavailable rooms, distribution constraints and the weights of the optimisation are left out: they say how
to find a timetable, not which one it is. Each class takes its own time and room of least penalty.
"""

import re
from collections.abc import Iterable
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from attendance.timetable.problem import (
    ClassTime,
    Configuration,
    Problem,
    ProblemClass,
    ProblemCourse,
    ProblemRoom,
    ProblemStudent,
    Subpart,
)

MAX_BYTES = 20 * 1024 * 1024
MAX_WEEKS = 60
MAX_SUBPARTS = 50
DAYS = 7
SLOTS_PER_DAY = 24 * 60 // ClassTime.SLOT_MINUTES
_MAX_DIGITS = 9

Identified = TypeVar("Identified", ProblemRoom, ProblemCourse, ProblemStudent, ProblemClass, Subpart)


class ProblemError(ValueError):
    """The file is not a problem that can be imported; the message is one sentence that says where and why."""


def read_problem(content: bytes) -> Problem:
    """Return the problem that an XML file holds.

    The document type is named in such files but never fetched, and entities are never expanded.

    Raises:
        ProblemError: too large, not well-formed, or something in it is missing, doubled or unknown.
    """
    if len(content) > MAX_BYTES:
        raise ProblemError(f"The file is larger than {MAX_BYTES // 1024**2} MB.")
    root = _root(content)
    if root.tag != "problem":
        raise ProblemError(f"The file holds <{root.tag}> where an ITC-2019 file holds <problem>.")
    weeks = _weeks(root)
    rooms = _unique(_room(element) for element in _children(root, "rooms", "room"))
    known_rooms = {room.id for room in rooms}
    courses = _unique(_course(element, weeks, known_rooms) for element in _children(root, "courses", "course"))
    if not courses:
        raise ProblemError("<courses> is empty; there is nothing to import.")
    _unique(each for course in courses for each in course.classes())
    known_courses = {course.id for course in courses}
    students = _unique(_student(element, known_courses) for element in root.iterfind("students/student"))
    return Problem(_attribute(root, "name"), weeks, rooms, courses, students)


def _root(content: bytes) -> Element:
    parser = XMLParser(forbid_dtd=False, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(content)
        root: Element = parser.close()
    except ParseError as error:
        raise ProblemError(f"The file is not well-formed XML: {error}.") from error
    except DefusedXmlException as error:
        raise ProblemError("The file declares entities, which are never expanded; remove them.") from error
    except (LookupError, ValueError) as error:  # Raised for an encoding that is unknown or does not fit.
        raise ProblemError(f"The file's encoding cannot be read: {error}.") from error
    return root


def _weeks(root: Element) -> int:
    weeks = _number(root, "nrWeeks")
    if not 1 <= weeks <= MAX_WEEKS:
        raise ProblemError(f"<problem> has {weeks} weeks; a term has 1 to {MAX_WEEKS}.")
    for name, only in (("nrDays", DAYS), ("slotsPerDay", SLOTS_PER_DAY)):
        if _number(root, name) != only:
            raise ProblemError(f'<problem> has {name}="{root.get(name)}"; only {only} can be imported.')
    return weeks


def _room(element: Element) -> ProblemRoom:
    return ProblemRoom(_number(element, "id"), _number(element, "capacity"))


def _course(element: Element, weeks: int, rooms: set[int]) -> ProblemCourse:
    configurations = tuple(_configuration(each, weeks, rooms) for each in _parts(element, "config"))
    return ProblemCourse(_number(element, "id"), configurations)


def _configuration(element: Element, weeks: int, rooms: set[int]) -> Configuration:
    subparts = _unique(_subpart(each, weeks, rooms) for each in _parts(element, "subpart"))
    configuration = Configuration(_number(element, "id"), subparts)
    _check_parents(configuration)
    return configuration


def _subpart(element: Element, weeks: int, rooms: set[int]) -> Subpart:
    return Subpart(_number(element, "id"), tuple(_class(each, weeks, rooms) for each in _parts(element, "class")))


def _class(element: Element, weeks: int, rooms: set[int]) -> ProblemClass:
    return ProblemClass(
        id=_number(element, "id"),
        limit=_number(element, "limit"),
        parent=_number(element, "parent") if element.get("parent") is not None else None,
        time=_class_time(element, weeks),
        room=_class_room(element, rooms) if element.get("room") != "false" else None,
    )


def _class_time(element: Element, weeks: int) -> ClassTime:
    best = _least_penalty(element, "time")
    found = ClassTime(
        _bits(best, "weeks", weeks, element),
        _bits(best, "days", DAYS, element),
        _number(best, "start"),
        _number(best, "length"),
    )
    if found.start >= SLOTS_PER_DAY or not 1 <= found.length <= SLOTS_PER_DAY:
        raise ProblemError(f"A <time> of {_name(element)} does not fit into a day of {SLOTS_PER_DAY} slots.")
    return found


def _class_room(element: Element, rooms: set[int]) -> int:
    room = _number(_least_penalty(element, "room"), "id")
    if room not in rooms:
        raise ProblemError(f"{_name(element)} names room {room}, which is not among <rooms>.")
    return room


def _least_penalty(element: Element, tag: str) -> Element:
    found = element.findall(tag)
    if not found:
        raise ProblemError(f"{_name(element)} has no <{tag}>.")
    return min(found, key=lambda each: _number(each, "penalty"))


def _student(element: Element, known: set[int]) -> ProblemStudent:
    courses = tuple(_number(each, "id") for each in element.iterfind("course"))
    unknown = [course for course in courses if course not in known]
    if unknown:
        raise ProblemError(f"{_name(element)} wants course {unknown[0]}, which is not among <courses>.")
    if len(set(courses)) < len(courses):
        raise ProblemError(f"{_name(element)} wants a course twice.")
    return ProblemStudent(_number(element, "id"), courses)


def _check_parents(configuration: Configuration) -> None:
    """Refuse parents that `seating` cannot follow: elsewhere, in several subparts, or in a circle."""
    if len(configuration.subparts) > MAX_SUBPARTS:
        raise ProblemError(f'<config id="{configuration.id}"> has more than {MAX_SUBPARTS} subparts.')
    home = {each.id: subpart.id for subpart in configuration.subparts for each in subpart.classes}
    above: dict[int, int] = {}
    for subpart in configuration.subparts:
        parents = {each.parent for each in subpart.classes if each.parent is not None}
        where = f'<subpart id="{subpart.id}">'
        if not parents <= home.keys():
            raise ProblemError(f"{where} has a class whose parent is not in the same configuration.")
        subparts = {home[parent] for parent in parents}
        if len(subparts) > 1:
            raise ProblemError(f"{where} has classes whose parents are in different subparts.")
        if subparts:
            above[subpart.id] = subparts.pop()
    _check_no_circle(above)


def _check_no_circle(above: dict[int, int]) -> None:
    for start in above:
        seen, current = {start}, start
        while current in above:
            current = above[current]
            if current in seen:
                raise ProblemError(f'<subpart id="{start}"> has classes that are their own parents in a circle.')
            seen.add(current)


def _children(root: Element, group: str, tag: str) -> list[Element]:
    parent = root.find(group)
    if parent is None:
        raise ProblemError(f"<problem> has no <{group}>.")
    return parent.findall(tag)


def _parts(element: Element, tag: str) -> list[Element]:
    parts = element.findall(tag)
    if not parts:
        raise ProblemError(f"{_name(element)} has no <{tag}>.")
    return parts


def _unique(rows: Iterable[Identified]) -> tuple[Identified, ...]:
    seen: dict[int, Identified] = {}
    for row in rows:
        if row.id in seen:
            kind = type(row).__name__.removeprefix("Problem").lower()
            raise ProblemError(f'<{kind} id="{row.id}"> stands in the file twice.')
        seen[row.id] = row
    return tuple(seen.values())


def _name(element: Element) -> str:
    identifier = element.get("id")
    return f"<{element.tag}>" if identifier is None else f'<{element.tag} id="{identifier}">'


def _attribute(element: Element, name: str) -> str:
    value = element.get(name)
    if not value:
        raise ProblemError(f"{_name(element)} has no {name}.")
    return value


def _number(element: Element, name: str) -> int:
    value = _attribute(element, name)
    if not re.fullmatch(f"[0-9]{{1,{_MAX_DIGITS}}}", value):
        raise ProblemError(f'{_name(element)} has {name}="{value}"; a whole number is needed there.')
    return int(value)


def _bits(element: Element, name: str, length: int, owner: Element) -> str:
    value = _attribute(element, name)
    if not re.fullmatch(f"[01]{{{length}}}", value) or "1" not in value:
        raise ProblemError(
            f'A <time> of {_name(owner)} has {name}="{value}"; {length} digits 0 or 1 are needed, one of them 1.'
        )
    return value
