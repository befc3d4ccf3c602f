"""Erasing a person: nothing says who it was, everything still adds up, and nobody else is touched."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import IntegrityError, transaction

from attendance import clock
from attendance.models import (
    Attendance,
    AttendanceEvent,
    CheckInAttempt,
    CourseStaff,
    Device,
    Enrolment,
    Import,
    ImportRow,
    Request,
    User,
)
from attendance.models.people import ERASED_NAME
from attendance.queries.figures import organisation_figures
from attendance.queries.people import people_found
from attendance.queries.rosters import roster_of
from attendance.services import accounts, activations, identities
from attendance.services.erased_texts import ErasureReason
from attendance.services.erasure import erase_person
from attendance.services.refusals import Refusal
from attendance.services.register import Mark, mark_register
from attendance.services.requests import decide
from attendance.services.sealing import seal_all
from tests.cast import Campus, person, signed_in
from tests.servers.environment import PROJECT
from tests.services.somebody import ABOUT, BY, WORD, columns_to_people, fill_everywhere, places_of
from tests.sign_in.acts import at_once


def erase(somebody: User, campus: Campus) -> AttendanceEvent:
    return erase_person(person=somebody, actor=campus.admin, why=ErasureReason.ASKED)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return str(refused.value)


def test_every_column_that_refers_to_people_is_thought_of() -> None:
    assert columns_to_people() == ABOUT | BY


def test_every_table_has_its_line_in_the_documents() -> None:
    lines = [line for line in (PROJECT / "docs" / "accounts.md").read_text("utf-8").splitlines() if "| `" in line[:3]]
    named = {name for line in lines for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    own = {model.__name__ for model in apps.get_app_config("attendance").get_models()}
    assert named & own == own, own - named


def test_no_column_of_any_table_says_who_it_was(campus: Campus) -> None:
    bilal = fill_everywhere(campus)
    before = places_of(WORD)
    assert {
        "User.family_name",
        "Enrolment.roll_number",
        "Device.browser",
        "Request.reason",
        "Request.answer",
        "Invitation.email",
        "LinkedIdentity.subject",
        "Throttle.account",
        "AttendanceEvent.body",
        "LogEntry.object_repr",
        "Import.notes",
        "Import.problem",
        "Import.file_name",
        "ImportRow.key",
        "ImportRow.after",
        "ImportRow.reason",
    } <= before
    erase(bilal, campus)
    assert places_of(WORD) == set()
    assert places_of("bilal") == places_of("adeyemi, b") == set()


def test_the_account_is_closed_and_nobodys(campus: Campus) -> None:
    browser = signed_in(campus.bilal)
    User.objects.filter(pk=campus.bilal.pk).update(department=campus.department, language="ar", time_zone="Asia/Tokyo")
    erase(campus.bilal, campus)
    erased = User.objects.get(pk=campus.bilal.pk)
    assert (erased.full_name, erased.listed_name, str(erased)) == ("Erased person",) * 3
    assert (erased.family_name, erased.given_name, erased.email, erased.number) == (ERASED_NAME, "", "", "")
    assert (erased.department, erased.language, erased.time_zone, erased.last_login) == (None, "", "", None)
    assert (erased.is_active, erased.has_usable_password(), erased.role) == (False, False, "student")
    assert erased.erased_at == erased.date_joined
    assert browser.get("/me/").status_code == 302


def test_what_the_person_might_do_in_djangos_admin_goes(campus: Campus) -> None:
    campus.bilal.groups.add(Group.objects.create(name="Proctors"))
    campus.bilal.user_permissions.add(Permission.objects.earliest("pk"))
    erase(campus.bilal, campus)
    erased = User.objects.get(pk=campus.bilal.pk)
    assert (erased.groups.count(), erased.user_permissions.count()) == (0, 0)


def test_numbers_and_addresses_are_free_again(campus: Campus) -> None:
    erase(campus.bilal, campus)
    again = person(campus.organisation, "bilal", "student", "Bilal Adeyemi")
    assert again.pk != campus.bilal.pk


# --- What stays -------------------------------------------------------------------------------------------------------


def test_registers_and_counts_add_up_as_before(campus: Campus) -> None:
    bilal = fill_everywhere(campus)
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "present", 0)])

    def counted() -> object:
        return (
            sorted(Attendance.objects.values_list("lecture", "student", "status", "version")),
            sorted(Enrolment.objects.values_list("offering", "student")),
            sorted(roster_of(campus.lecture).values_list("student", flat=True)),
            organisation_figures.uncached(organisation=campus.organisation.pk.hex)["enrolments"],
            Request.objects.values_list("kind", flat=True).get(),
            Import.objects.get().counts,
        )

    before, events = counted(), AttendanceEvent.objects.count()
    erase(bilal, campus)
    assert counted() == before
    assert AttendanceEvent.objects.count() == events + 1


def test_what_was_decided_stays_and_what_waits_is_taken_back(campus: Campus) -> None:
    def filed(state: str, decided_by: User | None) -> Request:
        return Request.objects.create(
            organisation=campus.organisation,
            student=campus.bilal,
            kind=Request.Kind.CARD,
            reason="mine is lost",
            state=state,
            decided_by=decided_by,
            answer="come by" if decided_by else "",
        )

    rows = [filed("pending", None), filed("approved", campus.admin), filed("rejected", campus.admin)]
    erase(campus.bilal, campus)
    for row in rows:
        row.refresh_from_db()
    assert [(row.state, row.reason, row.answer) for row in rows] == [
        ("cancelled", "", ""),
        ("approved", "", ""),
        ("rejected", "", ""),
    ]
    assert [row.decided_by for row in rows] == [None, campus.admin, campus.admin]


def test_running_enrolments_end_and_past_ones_stay(campus: Campus) -> None:
    today = clock.today(campus.organisation.zone)
    Enrolment.objects.filter(student=campus.bilal).update(from_day=today + timedelta(days=5))
    erase(campus.bilal, campus)
    enrolment = Enrolment.objects.get(student=campus.bilal)
    assert (enrolment.from_day, enrolment.until_day) == (today, today)
    [tomorrow] = campus.future_lectures(1)
    assert set(roster_of(tomorrow).values_list("student", flat=True)) == {campus.amira.pk}

    campus.term.last_day = today - timedelta(days=1)
    campus.term.save()
    erase(campus.amira, campus)
    assert Enrolment.objects.get(student=campus.amira).until_day is None


def test_others_keep_what_is_theirs(campus: Campus) -> None:
    bilal = fill_everywhere(campus)
    shared = Device.objects.get(student=bilal)
    scan = CheckInAttempt.objects.create(
        organisation=campus.organisation,
        student=campus.amira,
        outcome=CheckInAttempt.Outcome.OTHER_DEVICE,
        scanned_at=clock.now(),
        device=shared,
    )
    amira = User.objects.filter(pk=campus.amira.pk).values().get()
    erase(bilal, campus)
    assert User.objects.filter(pk=campus.amira.pk).values().get() == amira
    scan.refresh_from_db()
    assert scan.device is None
    assert list(ImportRow.objects.values_list("kind", "reason")) == [
        ("person", ""),
        ("room", "Write a number of seats."),
    ]
    assert Import.objects.get().notes == ["Two rooms have no seats."]


def test_the_ledger_is_whole_and_seals_on(campus: Campus) -> None:
    for student in (campus.amira, campus.bilal):
        mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(student.pk, "late", 0)], reason="bus")
    seal_all()
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.bilal.pk, "present", 1)], reason="bus")
    event = erase(campus.bilal, campus)
    seal_all()
    call_command("verify_ledger", stdout=StringIO())
    about = AttendanceEvent.objects.filter(student=campus.bilal)
    assert {(each.body, each.salt, each.erased_by) for each in about} == {(None, None, event)}
    assert AttendanceEvent.objects.get(student=campus.amira).body


# --- Who may not be erased --------------------------------------------------------------------------------------------


def test_nobody_erases_themselves(campus: Campus) -> None:
    assert "This is your own account" in refusal(lambda: erase(campus.admin, campus))


def test_operators_are_erased_by_operators_only(campus: Campus) -> None:
    User.objects.filter(pk=campus.ines.pk).update(is_superuser=True)
    assert "Only an operator" in refusal(lambda: erase(campus.ines, campus))
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    campus.admin.refresh_from_db()
    erase(campus.ines, campus)
    assert not User.objects.get(pk=campus.ines.pk).is_superuser


def test_the_last_administrator_stays(campus: Campus) -> None:
    campus.organisation.parent = campus.foreign_admin.organisation
    campus.organisation.save()

    def by_the_group() -> None:
        erase_person(person=campus.admin, actor=campus.foreign_admin, why=ErasureReason.ASKED)

    assert refusal(by_the_group) == (
        "Tomas Lindqvist is the only administrator of University of Aldermoor. Make somebody else one first."
    )
    User.objects.filter(pk=campus.ines.pk).update(role="admin")
    by_the_group()


def test_a_teacher_leaves_the_courses_and_the_marks_of_others(campus: Campus) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)], reason="bus")
    erase(campus.ines, campus)
    assert not CourseStaff.objects.filter(user=campus.ines).exists()
    event = AttendanceEvent.objects.get(student=campus.amira)
    assert (event.actor_id, event.body is not None) == (campus.ines.pk, True)


def test_an_erased_account_is_changed_by_nobody_any_more(campus: Campus) -> None:
    bilal, admin = campus.bilal, campus.admin
    erase(bilal, campus)
    before = User.objects.filter(pk=bilal.pk).values().get()
    details = {"given_name": "B", "family_name": "A", "email": "", "number": "", "department": None}
    for act in (
        lambda: erase(bilal, campus),
        lambda: accounts.activate(person=bilal, actor=admin),
        lambda: accounts.deactivate(person=bilal, actor=admin),
        lambda: accounts.sign_out(person=bilal, actor=admin),
        lambda: accounts.change_role(person=bilal, role=User.Role.TEACHER, actor=admin),
        lambda: accounts.update_details(person=bilal, actor=admin, **details),
        lambda: identities.unlink(person=bilal, actor=admin),
        lambda: activations.print_codes(people=User.objects.filter(pk=bilal.pk), actor=admin),
    ):
        assert "This account was erased" in refusal(act)
    assert User.objects.filter(pk=bilal.pk).values().get() == before


@pytest.mark.parametrize(
    "column",
    [{"is_active": True}, {"email": "b@x.example"}, {"number": "7"}, {"given_name": "B"}, {"family_name": "B"}],
)
def test_the_table_lets_nobody_come_back_into_an_erased_account(campus: Campus, column: dict[str, object]) -> None:
    erase(campus.bilal, campus)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=campus.bilal.pk).update(**column)


def test_erased_people_are_in_no_list_of_people(campus: Campus) -> None:
    erase(campus.bilal, campus)
    found = people_found([campus.organisation.pk])
    assert campus.bilal not in found and campus.amira in found
    assert not people_found([campus.organisation.pk], search="erased").exists()


def test_a_refused_erasure_leaves_everything(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    bilal = fill_everywhere(campus)
    before = places_of(WORD)

    def fail(_names: object) -> None:
        raise Refusal("in the middle")

    monkeypatch.setattr("attendance.services.erasure.forget_in_imports", fail)
    assert refusal(lambda: erase(bilal, campus)) == "in the middle"
    assert places_of(WORD) == before


# --- At the same time -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_whoever_decides_about_a_person_in_that_moment_leaves_no_word_behind(campus: Campus) -> None:
    students = [person(campus.organisation, f"s{number}", "student", f"Student {number}") for number in range(4)]
    filed = [
        Request.objects.create(organisation=campus.organisation, student=each, kind="card", reason="mine is lost")
        for each in students
    ]

    def act(number: int) -> str:
        which, erases = divmod(number, 2)
        if erases:
            erase(students[which], campus)
            return "erased"
        try:
            decide(request=filed[which], actor=campus.admin, approve=True, answer="come by")
        except Refusal as refusal:
            return str(refusal)
        return "decided"

    outcomes = at_once(8, act)
    assert outcomes.count("erased") == 4
    assert set(outcomes) <= {"erased", "decided", "Meanwhile this request is: Cancelled."}
    assert set(Request.objects.values_list("reason", "answer")) == {("", "")}
    assert not AttendanceEvent.objects.filter(student__in=students, body__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_erase_somebody_one_does(campus: Campus) -> None:
    def act(_number: int) -> str:
        try:
            erase(campus.bilal, campus)
        except Refusal as refusal:
            return str(refusal)
        return "erased"

    outcomes = at_once(3, act)
    assert sorted(outcome[:24] for outcome in outcomes) == ["This account was erased."] * 2 + ["erased"]
    assert AttendanceEvent.objects.filter(kind="person_erased").count() == 1
