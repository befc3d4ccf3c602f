"""Every cached accessor of the product, found where they are, and what each is called with."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from attendance import queries
from attendance.caching.accessors import CachedAccessor
from attendance.models import Lecture, Organisation

Call = tuple[CachedAccessor[..., Any], dict[str, Any]]


def cached_accessors() -> dict[str, CachedAccessor[..., Any]]:
    """Return the accessors of `attendance/queries/` by their resource."""
    modules = [import_module(f"{queries.__name__}.{module.name}") for module in iter_modules(queries.__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, CachedAccessor)]
    return {accessor.resource: accessor for accessor in found}


OF_AN_ORGANISATION = {"course_list", "student_list", "teacher_list", "dashboard"}


def calls(organisations: list[Organisation], lectures: list[Lecture]) -> Iterator[Call]:
    """Yield every accessor with everything it can be asked about these; a new one has to be made known here."""
    for resource, accessor in cached_accessors().items():
        for organisation in organisations:
            own = {"organisation": organisation.pk.hex}
            if resource in OF_AN_ORGANISATION:
                yield accessor, own
            elif resource == "lecture_detail":
                yield from ((accessor, {"lecture": lecture.pk, **own}) for lecture in lectures)
            else:
                raise AssertionError(f"Say in {__name__} what the cached accessor {resource!r} is called with.")
