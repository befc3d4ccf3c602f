"""What every page of the shell shows around its content: the places the reader can go to, and the theme."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from attendance.caching.holes import CSRF, marker, masked
from attendance.models import User

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: its icon's name, its words, and its address."""

    icon: str
    label: str | Promise
    url_name: str

    @property
    def url(self) -> str:
        """Return the address."""
        return reverse(self.url_name)


_TODAY = Place("calendar", _("Today"), "dashboard")
_COURSES = Place("book", _("Courses"), "course_list")
_LECTURES = Place("clock", _("Lectures"), "lecture_list")
_EVENTS = Place("log", _("Events"), "event_list")
_RECORD = Place("check", _("Attendance"), "record_show")
_BLOCKCHAIN = Place("link", _("Blockchain"), "blockchain_statistics")
_REQUESTS = Place("inbox", _("Requests"), "request_list")
_STUDENTS = Place("people", _("Students"), "student_list")
_TEACHERS = Place("person", _("Teachers"), "teacher_list")
_ACCOUNTS = Place("key", _("People"), "people_list")
_INSTITUTION = Place("building", _("Institution"), "institution_edit")

_PLACES = {
    User.Role.STUDENT: (_TODAY, _COURSES, _RECORD, _REQUESTS, _TEACHERS),
    User.Role.TEACHER: (_TODAY, _COURSES, _LECTURES, _REQUESTS, _STUDENTS, _TEACHERS),
    User.Role.AUDITOR: (_TODAY, _COURSES, _LECTURES, _EVENTS, _BLOCKCHAIN, _STUDENTS, _TEACHERS),
    User.Role.ADMIN: (
        _TODAY,
        _COURSES,
        _LECTURES,
        _REQUESTS,
        _STUDENTS,
        _TEACHERS,
        _ACCOUNTS,
        _INSTITUTION,
        _EVENTS,
        _BLOCKCHAIN,
    ),
}


def theme_of(request: HttpRequest) -> str:
    """Return the theme the reader chose, `auto` when none: the device decides then."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `places` and `density` for the frame around every page, and a hole for the form token."""
    user = getattr(request, "user", None)
    role = User.Role(user.role) if isinstance(user, User) else None
    return {
        "places": _PLACES[role] if role else (),
        "density": "tap" if role in (None, User.Role.STUDENT) else "",
        "csrf_token": marker(CSRF) or SimpleLazyObject(lambda: _form_token(request)),
    }


def _form_token(request: HttpRequest) -> str:
    """Return what Django's `get_token` does, by the faster mask of the holes; a browser without a secret gets one."""
    secret: str | None = request.META.get("CSRF_COOKIE")
    if secret is None:
        return get_token(request)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True  # As `get_token`: who uses the cookie keeps it for longer.
    return masked(secret)
