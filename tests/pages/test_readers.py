"""Who a session belongs to is known right on the very next request, whatever happened to it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from attendance import clock
from attendance.access import visible_offerings
from attendance.caching import keys, principals, rounds, signing, stamps
from attendance.caching.near import near
from attendance.models import CourseStaff, Enrolment, LoginSession, Organisation, User
from attendance.services import login_sessions
from attendance.sign_in.sessions import SessionStore
from tests.caching.conftest import by_hand
from tests.cast import PASSWORD, signed_in
from tests.pages.every import Stage

PAGES = ("dashboard", "course_list", "course_show", "lecture_show", "teacher_list", "teacher_list_json")


def warm(stage: Stage, actor: str) -> None:
    """Let every page be a hit for this reader."""
    for name in PAGES:
        for _time in range(3):
            assert stage.cached(actor, stage.address(name)).status == 200, name


def person_of(stage: Stage, actor: str) -> User:
    return User.objects.get(pk=getattr(stage.campus, actor).pk)


def key_of(stage: Stage, actor: str) -> str:
    return stage.browsers[actor].cookies["sessionid"].value


def log_out_elsewhere(stage: Stage, actor: str) -> None:
    """Another browser with the same cookie logs out; the one that is looked at still sends it."""
    other = Client()
    other.cookies["sessionid"] = key_of(stage, actor)
    assert other.post(reverse("logout")).status_code == 302


def take_the_row_away(stage: Stage, actor: str) -> None:
    LoginSession.objects.filter(session_key=key_of(stage, actor)).delete()


def take_the_row_away_by_hand(stage: Stage, actor: str) -> None:
    with by_hand() as plain:
        plain.execute(f"DELETE FROM attendance_loginsession WHERE session_key = '{key_of(stage, actor)}'")
    assert rounds.run_now()


def change_the_password(stage: Stage, actor: str) -> None:
    person = person_of(stage, actor)
    person.set_password(PASSWORD)
    person.save()


def rotate_the_key(stage: Stage, actor: str) -> None:
    """The session goes on under another key, as at each login and each new password."""
    session = SessionStore(key_of(stage, actor))
    session.cycle_key()
    session.save()
    assert session.session_key != key_of(stage, actor)


LOCKED_OUT: dict[str, Callable[[Stage, str], object]] = {
    "logout, the old cookie sent again": log_out_elsewhere,
    "the session's row is deleted": take_the_row_away,
    "the session's row is deleted by hand": take_the_row_away_by_hand,
    "all sessions of the person are ended": lambda stage, actor: login_sessions.end_sessions(
        person=person_of(stage, actor)
    ),
    "the password is changed": change_the_password,
    "the account is closed": lambda stage, actor: User.objects.filter(pk=person_of(stage, actor).pk).update(
        is_active=False
    ),
    "the key is rotated": rotate_the_key,
    "the session has ended": lambda stage, actor: LoginSession.objects.filter(session_key=key_of(stage, actor)).update(
        expire_date=clock.now() - timedelta(seconds=1)
    ),
}


@pytest.mark.parametrize("act", LOCKED_OUT)
@pytest.mark.parametrize("actor", ["ines", "amira"])
def test_whoever_is_locked_out_is_so_on_the_next_request(stage: Stage, anywhere: str, actor: str, act: str) -> None:
    warm(stage, actor)
    LOCKED_OUT[act](stage, actor)
    for name in PAGES:
        found = stage.cached(actor, stage.address(name))
        assert found.status in (302, 401), name
        assert found == stage.twin(actor, stage.address(name))


def test_a_session_ends_by_the_clock_alone(stage: Stage, anywhere: str) -> None:
    warm(stage, "ines")
    end = LoginSession.objects.get(session_key=key_of(stage, "ines")).expire_date
    with time_machine.travel(end - timedelta(seconds=1), tick=False) as traveller:
        for _time in range(3):
            assert stage.cached("ines", "/teachers/").status == 200
        traveller.move_to(end + timedelta(seconds=1))
        assert stage.cached("ines", "/teachers/").status == 302


def test_a_replaced_secret_key_locks_everybody_out(stage: Stage, anywhere: str, settings: Settings) -> None:
    warm(stage, "ines")
    settings.SECRET_KEY = "another key of more than fifty characters, as a leak asks for"
    for name in PAGES:
        assert stage.cached("ines", stage.address(name)).status in (302, 401), name


def become_an_auditor(stage: Stage) -> None:
    User.objects.filter(pk=stage.campus.ines.pk).update(role="auditor")


def become_a_student(stage: Stage) -> None:
    User.objects.filter(pk=stage.campus.ines.pk).update(role="student")


def leave_the_course(stage: Stage) -> None:
    CourseStaff.objects.filter(user=stage.campus.ines).delete()


def move_to_another_organisation(stage: Stage) -> None:
    elsewhere = stage.campus.foreign_admin.organisation
    User.objects.filter(pk=stage.campus.ines.pk).update(organisation=elsewhere)


def become_an_operator(stage: Stage) -> None:
    User.objects.filter(pk=stage.campus.ines.pk).update(is_superuser=True)


CHANGED: dict[str, Callable[[Stage], object]] = {
    "an auditor": become_an_auditor,
    "a student": become_a_student,
    "out of the course": leave_the_course,
    "elsewhere": move_to_another_organisation,
    "an operator": become_an_operator,
    "Arabic": lambda stage: User.objects.filter(pk=stage.campus.ines.pk).update(language="ar"),
    "renamed": lambda stage: User.objects.filter(pk=stage.campus.ines.pk).update(family_name="Oliveira"),
    "in another zone": lambda stage: Organisation.objects.filter(pk=stage.campus.organisation.pk).update(
        time_zone="Asia/Karachi"
    ),
    "of a renamed organisation": lambda stage: Organisation.objects.filter(pk=stage.campus.organisation.pk).update(
        name="Aldermoor College"
    ),
}


@pytest.mark.parametrize("change", CHANGED)
def test_whoever_is_somebody_else_now_is_so_on_the_next_request(stage: Stage, anywhere: str, change: str) -> None:
    warm(stage, "ines")
    before = {name: stage.cached("ines", stage.address(name)) for name in PAGES}
    CHANGED[change](stage)
    now = {name: stage.cached("ines", stage.address(name)) for name in PAGES}
    assert now == {name: stage.twin("ines", stage.address(name)) for name in PAGES}
    assert now != before


def test_a_member_that_joins_a_group_is_seen_by_the_groups_administrator(stage: Stage, anywhere: str) -> None:
    group = stage.campus.foreign_admin.organisation
    address = stage.address("course_list")
    for _time in range(3):
        assert b"Databases" not in stage.cached("foreign_admin", address).body
    Organisation.objects.filter(pk=stage.campus.organisation.pk).update(parent=group)
    assert b"Databases" in stage.cached("foreign_admin", address).body
    Organisation.objects.filter(pk=stage.campus.organisation.pk).update(parent=None)
    assert b"Databases" not in stage.cached("foreign_admin", address).body


def test_a_student_who_enrols_and_leaves_sees_the_lecture_and_does_not(stage: Stage, anywhere: str) -> None:
    address = stage.address("lecture_show")
    assert stage.cached("outsider", address).status == 404
    place = Enrolment.objects.create(offering=stage.campus.offering, student=stage.campus.outsider, roll_number="9")
    assert [stage.cached("outsider", address).status for _time in range(3)] == [200] * 3
    place.delete()
    assert stage.cached("outsider", address).status == 404
    assert not visible_offerings(stage.campus.outsider).exists()


# --- What lies in Redis about a reader --------------------------------------------------------------------------------


def principal_key(stage: Stage, actor: str) -> str:
    return principals.name_of(key_of(stage, actor))


def test_a_principal_holds_no_secret_and_lives_ten_minutes_at_most(stage: Stage) -> None:
    warm(stage, "ines")
    key = keys.entry(principal_key(stage, "ines"))
    value: bytes = stamps.client().get(key)  # type: ignore[assignment]
    person = person_of(stage, "ines")
    for secret in (key_of(stage, "ines"), person.password, person.get_session_auth_hash()):
        assert secret.encode() not in value and secret not in key
    assert 0 < int(stamps.client().pttl(key)) <= 600_000  # type: ignore[arg-type]


def test_a_principal_ends_with_its_session(stage: Stage) -> None:
    LoginSession.objects.filter(session_key=key_of(stage, "ines")).update(
        expire_date=clock.now() + timedelta(seconds=30)
    )
    warm(stage, "ines")
    assert 0 < int(stamps.client().pttl(keys.entry(principal_key(stage, "ines")))) <= 30_000  # type: ignore[arg-type]


PLANTED: dict[str, Callable[[bytes, bytes], bytes]] = {
    "nothing": lambda own, other: b"",
    "a pickle that would run code": lambda own, other: b"cos\nsystem\n(S'true'\ntR.",
    "somebody else's": lambda own, other: other,
    "cut short": lambda own, other: own[:-3],
    "changed": lambda own, other: own.replace(b'"teacher"', b'"auditor"'),
    "signed by somebody without the key": lambda own, other: b"\0" * signing.LENGTH + own[signing.LENGTH :],
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_principal_is_nobody(stage: Stage, planted: str) -> None:
    warm(stage, "ines")
    stage.cached("auditor", "/courses/")
    own, other = (keys.entry(principal_key(stage, actor)) for actor in ("ines", "auditor"))
    values: list[bytes] = [stamps.client().get(key) for key in (own, other)]  # type: ignore[misc]
    assert all(values)
    changed = PLANTED[planted](*values)
    assert changed != values[0]
    stamps.client().set(own, changed)
    near.drop()
    for name in PAGES:
        assert stage.cached("ines", stage.address(name)) == stage.twin("ines", stage.address(name))


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_page_is_not_served(stage: Stage, planted: str) -> None:
    warm(stage, "ines")
    warm(stage, "kwame")
    pages = sorted(stamps.client().scan_iter(match=f"{keys.entry('course_list')}:*", count=1000))
    assert len(pages) == 2
    own, other = (stamps.client().get(key) for key in pages)
    for key, value in zip(pages, (own, other), strict=True):
        stamps.client().set(key, PLANTED[planted](value, own if value is other else other))  # type: ignore[arg-type]
    near.drop()
    for actor in ("ines", "kwame"):
        assert stage.cached(actor, "/courses/") == stage.twin(actor, "/courses/")


def test_a_page_of_an_older_code_version_is_not_served(stage: Stage, settings: Settings) -> None:
    warm(stage, "ines")
    assert stage.cached("ines", "/courses/").why == "LuminaLearn; hit"
    settings.CODE_VERSION = "newer"
    assert stage.cached("ines", "/courses/").why == "LuminaLearn; fwd=miss; stored"


def test_a_reader_who_changes_while_being_made_known_is_not_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    load = principals.source.load

    def changing(session_key: str) -> object:
        found = load(session_key)
        CourseStaff.objects.filter(user=stage.campus.ines).delete()
        return found

    monkeypatch.setattr(principals.source, "load", changing)
    assert stage.cached("ines", "/courses/") == stage.twin("ines", "/courses/")
    monkeypatch.undo()
    assert stage.cached("ines", "/courses/") == stage.twin("ines", "/courses/")
    assert b"Databases" not in stage.cached("ines", "/courses/").body


def test_a_browser_without_a_form_token_and_one_with_a_message_ask_the_view(stage: Stage) -> None:
    fresh = signed_in(stage.campus.ines)
    assert "no form token" in fresh.get("/courses/").headers["Cache-Status"]
    warm(stage, "ines")
    stage.browsers["ines"].cookies["messages"] = "anything"
    assert "a message waits" in stage.cached("ines", "/courses/").why
