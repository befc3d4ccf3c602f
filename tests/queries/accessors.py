"""Every cached accessor of the product, found where they are, and what each is called with."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from attendance import queries
from attendance.access import readable_organisations
from attendance.caching.accessors import CachedAccessor
from attendance.caching.entries import NotStorableError
from attendance.models import Attendance, Enrolment, Lecture, Organisation, User

Call = tuple[CachedAccessor[..., Any], dict[str, Any]]


def cached_accessors() -> dict[str, CachedAccessor[..., Any]]:
    """Return the accessors of `attendance/queries/` by their resource."""
    modules = [import_module(f"{queries.__name__}.{module.name}") for module in iter_modules(queries.__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, CachedAccessor)]
    return {accessor.resource: accessor for accessor in found}


def reach_of(person: User) -> list[str]:
    """Return the organisations whose rows a person can come to see, as the principal of that person says."""
    return sorted(each.hex for each in readable_organisations(person)) or [person.organisation_id.hex]


def result_of(read: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Return what a cached read or its twin returns; of a grant that is refused, None."""
    try:
        return read(**arguments)
    except NotStorableError:
        return None


def calls(organisations: list[Organisation], lectures: list[Lecture]) -> Iterator[Call]:
    """Yield every accessor with everything it can be asked about these; a new one has to be made known here."""
    for resource, accessor in cached_accessors().items():
        if resource not in ASKED:
            raise AssertionError(f"Say in {__name__} what the cached accessor {resource!r} is called with.")
        for organisation in organisations:
            yield from ((accessor, arguments) for arguments in ASKED[resource](organisation, lectures))


Arguments = Iterator[dict[str, Any]]


def _organisation(organisation: Organisation, _lectures: list[Lecture]) -> Arguments:
    yield {"organisation": organisation.pk.hex}


def _departments(organisation: Organisation, lectures: list[Lecture]) -> Arguments:
    yield {"organisations": [organisation.pk.hex]}
    yield {"organisations": sorted({organisation.pk.hex, *(each.organisation_id.hex for each in lectures)})}


def _lecture(organisation: Organisation, lectures: list[Lecture]) -> Arguments:
    yield from ({"lecture": lecture.pk, "organisation": organisation.pk.hex} for lecture in lectures)


def _lecture_in_reach(organisation: Organisation, lectures: list[Lecture]) -> Arguments:
    yield from ({"lecture": lecture.pk, "reach": reach} for lecture, reach in _met(lectures, organisation))


def _offering_in_reach(organisation: Organisation, lectures: list[Lecture]) -> Arguments:
    yield from ({"offering": each.offering_id, "reach": reach} for each, reach in _met(lectures, organisation))


def _counts(organisation: Organisation, lectures: list[Lecture]) -> Arguments:
    yield from ({"offering": each.offering_id, "time_zone": organisation.time_zone} for each in lectures)


def _student(_organisation: Organisation, lectures: list[Lecture]) -> Arguments:
    yield from ({"student": student} for student in _students(lectures))


def _standings(organisation: Organisation, lectures: list[Lecture]) -> Arguments:
    places = {"offerings": sorted(each.offering_id for each in lectures), "time_zone": organisation.time_zone}
    yield from ({"student": student, **places} for student in _students(lectures))


OF_AN_ORGANISATION = {"course_rows", "student_rows", "teacher_rows", "dashboard_figures"}
"""What is warmed ahead for an organisation."""
ASKED: dict[str, Callable[[Organisation, list[Lecture]], Arguments]] = {
    **dict.fromkeys([*OF_AN_ORGANISATION, "organisation"], _organisation),
    "department_names": _departments,
    "lecture_row": _lecture,
    "lecture_grant": _lecture_in_reach,
    "offering_timetable": _offering_in_reach,
    "offering_staff": _offering_in_reach,
    "offering_counts": _counts,
    "student_marks": _student,
    "student_standings": _standings,
}


def _met(lectures: list[Lecture], organisation: Organisation) -> Iterator[tuple[Lecture, list[str]]]:
    """Yield each lecture with the reach of each reader of an organisation."""
    reaches = {tuple(reach_of(each)) for each in User.objects.filter(organisation=organisation)}
    yield from ((lecture, list(reach)) for lecture in lectures for reach in sorted(reaches))


def _students(lectures: list[Lecture]) -> list[int]:
    """Return whoever is enrolled where these lectures were planned, or marked in them."""
    enrolled = Enrolment.objects.filter(offering__in=[each.offering_id for each in lectures])
    marked = Attendance.objects.filter(lecture__in=lectures)
    return sorted({*enrolled.values_list("student", flat=True), *marked.values_list("student", flat=True)})
