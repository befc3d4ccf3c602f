"""Every cached accessor of the product, found where they are, and what each is called with."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from attendance import queries
from attendance.access import readable_organisations
from attendance.caching.accessors import CachedAccessor
from attendance.caching.entries import NotStorableError
from attendance.models import Lecture, Organisation, User

Call = tuple[CachedAccessor[..., Any], dict[str, Any]]


def cached_accessors() -> dict[str, CachedAccessor[..., Any]]:
    """Return the accessors of `attendance/queries/` by their resource."""
    modules = [import_module(f"{queries.__name__}.{module.name}") for module in iter_modules(queries.__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, CachedAccessor)]
    return {accessor.resource: accessor for accessor in found}


OF_AN_ORGANISATION = {"course_rows", "student_rows", "teacher_rows", "dashboard_figures"}


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
                people = User.objects.filter(organisation=organisation)
                reaches = {tuple(reach_of(each)) for each in people}
                of_readers = [(lecture.pk, list(reach)) for lecture in lectures for reach in reaches]
                yield from ((accessor, {"lecture": lecture, "reach": reach}) for lecture, reach in of_readers)
            elif resource == "lecture_row":
                yield from ((accessor, {"lecture": lecture.pk, **own}) for lecture in lectures)
            else:
                raise AssertionError(f"Say in {__name__} what the cached accessor {resource!r} is called with.")
