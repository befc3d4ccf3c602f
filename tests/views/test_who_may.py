"""Who may do what: every address of the product against everybody who could ask for it.

`login` sends to the login page, `go` is a redirect after the act or away from a page that is not for this reader,
a number is the status of the answer.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, AttendanceSession, Invitation, Lecture, LoginSession, User
from attendance.services.attendance_sessions import open_session
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in

ACTORS = ["anonymous", "outsider", "amira", "other_teacher", "ines", "kwame", "auditor", "admin", "foreign_admin"]

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    home                     GET     200     go      go      go      go      go      go      go      go
    login                    GET     200     go      go      go      go      go      go      go      go
    logout                   POST    go      go      go      go      go      go      go      go      go
    theme_choose             POST    go      go      go      go      go      go      go      go      go
    password_reset           GET     200     200     200     200     200     200     200     200     200
    password_reset_sent      GET     200     200     200     200     200     200     200     200     200
    password_reset_confirm   GET     410     410     410     410     410     410     410     410     410
    password_change          GET     login   200     200     200     200     200     200     200     200
    invitation_accept        GET     404     404     404     404     404     404     404     404     404
    profile_show             GET     login   200     200     200     200     200     200     200     200
    sessions_end_others      POST    login   go      go      go      go      go      go      go      go

    people_list              GET     login   404     404     404     404     404     404     200     200
    invitation_list          GET     login   404     404     404     404     404     404     200     200
    invitation_create        GET     login   404     404     404     404     404     404     200     200
    invitation_revoke        POST    login   404     404     404     404     404     404     go      404
    person_show              GET     login   404     404     404     404     404     404     200     404
    person_change            POST    login   404     404     404     404     404     404     go      404
    person_activate          POST    login   404     404     404     404     404     404     go      404
    person_deactivate        POST    login   404     404     404     404     404     404     go      404
    person_sessions_end      POST    login   404     404     404     404     404     404     go      404

    dashboard                GET     login   200     200     200     200     200     200     200     200
    record_show              GET     login   200     200     404     404     404     404     404     404
    enrolment_create         GET     login   200     200     404     404     404     404     404     404
    course_list              GET     login   200     200     200     200     200     200     200     200
    course_create            GET     login   404     404     404     404     404     404     200     200
    course_show              GET     login   404     200     404     200     200     200     200     404
    assistant_add            POST    login   404     403     404     go      403     403     go      404
    code_issue               POST    login   404     403     404     go      403     403     go      404
    code_withdraw            POST    login   404     403     404     go      403     403     go      404
    lecture_create           GET     login   404     403     404     200     403     403     200     404
    lecture_create           POST    login   404     403     404     go      403     403     go      404

    lecture_show             GET     login   404     200     404     200     200     200     200     404
    session_open             POST    login   404     403     404     go      go      403     go      404
    session_close            GET     login   404     403     404     200     200     403     200     404
    session_close            POST    login   404     403     404     go      go      403     go      404
    register_edit            GET     login   404     403     404     200     200     200     200     404
    register_edit            POST    login   404     403     404     go      go      403     go      404
    history_show             GET     login   404     200     404     200     200     200     200     404
    history_of_classmate     GET     login   404     404     404     200     200     200     200     404
"""

CASES = [
    (name, method, actor, expected)
    for name, method, *answers in (line.split() for line in MATRIX.strip().splitlines() if line.strip())
    for actor, expected in zip(ACTORS, answers, strict=True)
]


@pytest.fixture
def stage(campus: Campus) -> Campus:
    """The lecture is open, Amira and Bilal are marked, and an invitation waits."""
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    marks = [Mark(student.pk, "present", 0) for student in (campus.amira, campus.bilal)]
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks)
    Invitation.objects.create(
        pk=1,
        organisation=campus.organisation,
        email="new@aldermoor.example",
        role=User.Role.TEACHER,
        token_hash="0" * 64,
        invited_by=campus.admin,
        expires_at=clock.now() + timedelta(days=7),
    )
    return campus


def address(campus: Campus, name: str) -> str:
    if name == "history_of_classmate":
        return reverse("history_show", args=[campus.lecture.pk, campus.bilal.pk])
    arguments = {
        "offering_id": campus.offering.pk,
        "lecture_id": campus.lecture.pk,
        "student_id": campus.amira.pk,
        "person_id": campus.bilal.pk,
        "invitation_id": 1,
        "token": "no-such-token",
        "uidb64": "MQ",
    }
    wanted = pattern_of(name).pattern.converters
    return reverse(name, kwargs={key: arguments[key] for key in wanted})


def body_for(campus: Campus, name: str) -> dict[str, str]:
    day = f"{clock.now().astimezone(campus.organisation.zone):%Y-%m-%d}"
    return {
        "assistant_add": {"person": "bruno"},
        "lecture_create": {"day": day, "start": "09:00", "end": "10:30", "mode": "onsite"},
        "session_open": {"minutes": "15"},
        "session_close": {"blanks": "absent"},
        "register_edit": {f"status-{campus.amira.pk}": "late", f"seen-{campus.amira.pk}": "present.1"},
        "person_change": {"role": "student"},
        "theme_choose": {"theme": "dark"},
    }.get(name, {})


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
def test_who_may(stage: Campus, name: str, method: str, actor: str, expected: str) -> None:
    client = Client() if actor == "anonymous" else signed_in(getattr(stage, actor))
    before = traces()
    response = getattr(client, method.lower())(address(stage, name), body_for(stage, name))
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
        LoginSession.objects.count(),
    )


def test_every_address_stands_in_the_matrix() -> None:
    assert set(patterns()) == {name for name, *_rest in CASES} - {"history_of_classmate"}


def test_nothing_is_served_beside_the_product_and_the_admin() -> None:
    roots = [str(pattern.pattern) for pattern in get_resolver().url_patterns]
    assert roots == ["admin/", ""]


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
