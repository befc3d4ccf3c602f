"""Who may do what: every address of the product against everybody who could ask for it; `tests/areas/` lists them."""

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from attendance.models import (
    Activation,
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    Invitation,
    Lecture,
    LinkedIdentity,
    LoginSession,
    User,
)
from tests.areas import ACTORS, body_for, cases, stage_all
from tests.cast import Campus, found_campus, signed_in

CASES = cases()


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[bytes]:
    """The stage is set once: each test plays on it within a savepoint, to which its end goes back.

    Its people are handed on as bytes, so that nobody meets what another test made of them.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        campus = found_campus()
        yield pickle.dumps((campus, stage_all(campus)))
        transaction.set_rollback(True)


@pytest.fixture
def campus(stage: bytes, db: None) -> Campus:
    """The campus with everything on it."""
    campus: Campus = pickle.loads(stage)[0]
    return campus


@pytest.fixture
def arguments(stage: bytes) -> dict[str, Any]:
    """What names things in addresses."""
    arguments: dict[str, Any] = pickle.loads(stage)[1]
    return arguments


def address(campus: Campus, name: str, arguments: dict[str, Any]) -> str:
    if name == "history_of_classmate":
        return reverse("history_show", args=[campus.lecture.pk, campus.bilal.pk])
    return reverse(name, kwargs={key: arguments[key] for key in pattern_of(name).pattern.converters})


def patterns() -> dict[str, URLPattern]:
    from attendance import urls

    return {str(pattern.name): pattern for pattern in urls.urlpatterns}


def pattern_of(name: str) -> URLPattern:
    return patterns()[name]


def outcome(response) -> str:
    if response.status_code != 302:
        return str(response.status_code)
    return "login" if response.url.startswith("/login/") else "go"


@pytest.mark.parametrize(("name", "method", "actor", "expected"), CASES)
def test_who_may(campus: Campus, arguments: dict[str, Any], name: str, method: str, actor: str, expected: str) -> None:
    client = Client() if actor == "anonymous" else signed_in(getattr(campus, actor))
    before = traces()
    response = getattr(client, method.lower())(address(campus, name, arguments), body_for(campus, name))
    assert outcome(response) == expected
    if method == "GET" or expected in ("login", "403", "404"):
        assert traces() == before, "a refusal and a page that is only looked at leave nothing behind"


def traces() -> tuple[object, ...]:
    """Return what a forbidden act would have changed."""
    return (
        AttendanceEvent.objects.count(),
        list(Attendance.objects.order_by("pk").values_list("status", "version")),
        list(AttendanceSession.objects.values_list("closed_at", flat=True)),
        Lecture.objects.count(),
        list(User.objects.order_by("pk").values_list("role", "is_active")),
        list(Invitation.objects.values_list("revoked_at", flat=True)),
        list(Activation.objects.order_by("pk").values_list("used_at", "revoked_at")),
        LinkedIdentity.objects.count(),
        LoginSession.objects.count(),
    )


def test_every_address_stands_in_the_matrix() -> None:
    assert set(patterns()) == {name for name, *_rest in CASES} - {"history_of_classmate"}


def test_nothing_is_served_beside_the_product_and_the_admin() -> None:
    roots = [str(pattern.pattern) for pattern in get_resolver().url_patterns]
    assert roots == ["", "admin/"]


@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor != "anonymous"])
def test_the_operators_tables_do_not_exist_for_others(campus: Campus, actor: str) -> None:
    assert signed_in(getattr(campus, actor)).get("/admin/").status_code == 404


def test_an_operator_enters_the_tables_and_a_visitor_logs_in_first(campus: Campus) -> None:
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    assert signed_in(campus.admin).get("/admin/").status_code == 200
    assert Client().get("/admin/").url == "/login/?next=/admin/"


def test_an_administrator_of_the_group_reaches_the_members(campus: Campus) -> None:
    campus.organisation.parent = campus.foreign_admin.organisation
    campus.organisation.save()
    response = signed_in(campus.foreign_admin).get(reverse("course_show", args=[campus.offering.pk]))
    assert response.status_code == 200
    assert signed_in(campus.admin).get(reverse("person_show", args=[campus.foreign_admin.pk])).status_code == 404
