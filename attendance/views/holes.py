"""What stands in the holes of a cached page: what the frame shows of its reader and of the reader's browser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from attendance.caching.holes import Filler
from attendance.models import User
from attendance.views.shell import THEMES, theme_of


@dataclass(frozen=True)
class Shown:
    """What the frame shows of a reader; `Reader` has the same fields."""

    name: str
    initials: str
    organisation_name: str

    @classmethod
    def of(cls, user: User) -> "Shown":
        """Return what is shown of a person."""
        return cls(user.full_name, user.initials, user.organisation.name)


def _theme_attribute(request: HttpRequest, _reader: Any) -> SafeString:
    """Return the attribute with which a page follows the theme chosen; none where the device decides."""
    theme = theme_of(request)
    return mark_safe("" if theme == "auto" else f' data-theme="{theme}"')  # noqa: S308 -- one of THEMES


def _checked(theme: str) -> Callable[[HttpRequest, Any], str]:
    return lambda request, _reader: "checked" if theme_of(request) == theme else ""


FILLERS: dict[str, Filler] = {
    "name": lambda _request, reader: reader.name,
    "initials": lambda _request, reader: reader.initials,
    "organisation": lambda _request, reader: reader.organisation_name,
    "theme": _theme_attribute,
    **{f"theme_{theme}": _checked(theme) for theme in THEMES},
}
