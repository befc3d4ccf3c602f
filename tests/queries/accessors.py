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


OF_AN_ORGANISATION = {"course_rows", "student_rows", "teacher_rows", "dashboard_figures", "organisation"}
OF_AN_OFFERING = {"offering_timetable", "offering_staff"}


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
        for organisation in organisations:
            own = {"organisation": organisation.pk.hex}
            if resource in OF_AN_ORGANISATION:
                yield accessor, own
            elif resource == "lecture_grant":
                yield from (
                    (accessor, {"lecture": each.pk, "reach": reach}) for each, reach in _met(lectures, organisation)
                )
            elif resource in OF_AN_OFFERING:
                met = _met(lectures, organisation)
                yield from ((accessor, {"offering": each.offering_id, "reach": reach}) for each, reach in met)
            elif resource == "department_names":
                yield accessor, {"organisations": sorted(each.pk.hex for each in organisations)}
            elif resource == "lecture_row":
                yield from ((accessor, {"lecture": lecture.pk, **own}) for lecture in lectures)
            elif resource == "student_marks":
                yield from ((accessor, {"student": student}) for student in _students(lectures))
            elif resource == "student_standings":
                offerings = sorted(each.offering_id for each in lectures)
                places = {"offerings": offerings, "time_zone": organisation.time_zone}
                yield from ((accessor, {"student": student, **places}) for student in _students(lectures))
            else:
                raise AssertionError(f"Say in {__name__} what the cached accessor {resource!r} is called with.")


def _met(lectures: list[Lecture], organisation: Organisation) -> Iterator[tuple[Lecture, list[str]]]:
    """Yield each lecture with the reach of each reader of an organisation."""
    reaches = {tuple(reach_of(each)) for each in User.objects.filter(organisation=organisation)}
    yield from ((lecture, list(reach)) for lecture in lectures for reach in sorted(reaches))


def _students(lectures: list[Lecture]) -> list[int]:
    """Return whoever is enrolled where these lectures were planned, or marked in them."""
    enrolled = Enrolment.objects.filter(offering__in=[each.offering_id for each in lectures])
    marked = Attendance.objects.filter(lecture__in=lectures)
    return sorted({*enrolled.values_list("student", flat=True), *marked.values_list("student", flat=True)})
