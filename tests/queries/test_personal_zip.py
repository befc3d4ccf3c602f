"""What is stored about one person, taken along: all of it, nothing of others, as of one moment, at a fixed cost."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from attendance import clock
from attendance.ledger.verify_receipt import check, receipts_in
from attendance.models import (
    Activation,
    Attendance,
    CheckInAttempt,
    CourseStaff,
    Device,
    Enrolment,
    Invitation,
    LinkedIdentity,
    Request,
    Section,
    User,
)
from attendance.queries import blocks
from attendance.queries.personal_data import FILES
from attendance.queries.personal_zip import personal_zip
from attendance.queries.stored import stored_about
from attendance.services.register import Mark, mark_register
from attendance.services.sealing import seal
from tests.areas import stage_all
from tests.caching.conftest import by_hand
from tests.cast import PASSWORD, Campus, enrol, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

MOMENT = datetime(2026, 9, 14, 8, 3, 14, tzinfo=UTC)
SECRETS = ("5" * 64, "6" * 64, "7" * 64)
"""Hashes that stand for a link, a code and an invitation: whoever has one has no use for it, but it is no data."""


def texts(person: User) -> Mapping[str, str]:
    """Return the files of a person's zip."""
    with ZipFile(io.BytesIO(b"".join(personal_zip(person)))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def table(person: User, kind: str) -> list[dict[str, str]]:
    """Return the rows of one file by column."""
    return list(csv.DictReader(io.StringIO(texts(person)[f"{kind}.csv"], newline="")))


def mark(campus: Campus, status: str, version: int, student: User) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(student.pk, status, version)])


@pytest.fixture
def stored(campus: Campus) -> Campus:
    """The campus with something of each kind about Amira, and of most about her teacher and a classmate."""
    seats = [Section.objects.create(offering=campus.offering, name=name) for name in ("Lab", "Seminar")]
    Enrolment.objects.get(student=campus.amira).sections.set(seats)
    mark(campus, "late", 0, campus.amira)
    mark(campus, "present", 1, campus.amira)
    mark(campus, "absent", 0, campus.bilal)
    (taken_back,) = campus.past_lectures(1)
    Attendance.objects.create(lecture=taken_back, student=campus.amira, status="")
    own, other = (
        Device.objects.create(student=student, key_hash=digit * 64, public_key=b"key", browser=f"{student}'s phone")
        for student, digit in ((campus.amira, "1"), (campus.bilal, "2"))
    )
    for device, outcome in ((own, "code_expired"), (other, "other_device"), (None, "too_many")):
        CheckInAttempt.objects.create(
            organisation=campus.organisation,
            student=campus.amira,
            lecture=campus.lecture,
            outcome=outcome,
            scanned_at=MOMENT,
            device=device,
            address_hash="a1",
        )
    for reason in ("=cmd|' /C calc'!A0", "A wedding"):
        Request.objects.create(
            organisation=campus.organisation,
            student=campus.amira,
            kind="class_drop",
            offering=campus.offering,
            reason=reason,
        )
    Request.objects.update(state="approved", decided_by=campus.ines, answer="Fine")
    for kind, secret, used_at in (("link", SECRETS[0], MOMENT), ("code", SECRETS[1], None)):
        Activation.objects.create(
            user=campus.amira,
            kind=kind,
            secret_hash=secret,
            created_by=campus.admin,
            expires_at=MOMENT,
            used_at=used_at,
        )
    Invitation.objects.create(
        organisation=campus.organisation,
        email="amira@home.example",
        role="student",
        token_hash=SECRETS[2],
        invited_by=campus.admin,
        accepted_by=campus.amira,
        expires_at=MOMENT,
    )
    LinkedIdentity.objects.create(user=campus.amira, issuer="https://id.aldermoor.example", subject="9b21")
    CourseStaff.objects.create(offering=campus.offering, user=campus.amira, duty="substitute", lecture=campus.lecture)
    for _time in range(3):
        signed_in(campus.amira)
    campus.amira.set_password(PASSWORD)
    campus.amira.save()
    return campus


# --- All of it --------------------------------------------------------------------------------------------------------


def test_each_kind_that_is_counted_has_as_many_rows_in_it(stored: Campus) -> None:
    CourseStaff.objects.filter(user=stored.amira).delete()
    stage_all(stored)
    CourseStaff.objects.create(offering=stored.offering, user=stored.amira, duty="substitute", lecture=stored.lecture)
    for someone in User.objects.all():
        counted = stored_about(someone)
        files = texts(someone)
        rows = {kind: len(list(csv.reader(io.StringIO(files[f"{kind}.csv"], newline="")))) - 1 for kind in FILES}
        assert rows == counted, someone
    assert {kind for kind, number in stored_about(stored.amira).items() if not number} == {"acts"}
    assert stored_about(stored.ines)["acts"] > 3


def test_every_row_fits_its_header(stored: Campus) -> None:
    for kind, file in FILES.items():
        lines = list(csv.reader(io.StringIO(texts(stored.amira)[f"{kind}.csv"], newline="")))
        assert lines[0] == list(file.columns)
        assert {len(line) for line in lines} == {len(file.columns)}, kind


def test_the_account_is_told_without_what_lets_one_in(stored: Campus) -> None:
    User.objects.filter(pk=stored.amira.pk).update(department=stored.department, last_login=MOMENT)
    files = texts(stored.amira)
    account = json.loads(files["person.json"])
    expected = {
        "organisation": "University of Aldermoor",
        "department": "Computer Science",
        "role": "student",
        "username": "amira",
        "email": "amira@aldermoor.example",
        "number": "AMIRA",
        "given_name": "Amira",
        "family_name": "Haddad",
        "is_active": True,
        "last_login": "2026-09-14T08:03:14+00:00",
    }
    assert expected.items() <= account.items()
    everything = "".join(files.values())
    sessions = stored.amira.login_sessions.values_list("session_key", "session_data", "handle")
    amira = User.objects.get(pk=stored.amira.pk)
    for secret in (amira.password, *SECRETS, *(each for session in sessions for each in session)):
        assert secret not in everything


def test_enrolments_name_their_sections(stored: Campus) -> None:
    (row,) = table(stored.amira, "enrolments")
    assert (row["course"], row["title"], row["roll_number"], row["sections"]) == (
        "CS 204",
        "Databases",
        "0001",
        "Lab;Seminar",
    )


def test_marks_and_their_history_say_by_whom_and_where_in_the_ledger(stored: Campus) -> None:
    assert seal() is not None
    mark(stored, "excused", 2, stored.amira)
    (present,) = table(stored.amira, "marks")
    events = table(stored.amira, "events")
    assert (present["status"], present["by"], present["method"]) == ("excused", "Ines Ferreira", "teacher")
    assert [(row["from"], row["to"], row["ledger_entry"]) for row in events] == [
        ("", "late", "0"),
        ("late", "present", "1"),
        ("present", "excused", ""),
    ]
    assert json.loads(events[1]["text"])["to"] == "present"
    assert datetime.fromisoformat(events[0]["lecture"]) == stored.lecture.starts_at.replace(microsecond=0)


def test_a_formula_is_guarded(stored: Campus) -> None:
    assert [row["reason"] for row in table(stored.amira, "requests")] == ["'=cmd|' /C calc'!A0", "A wedding"]


def test_browsers_are_named_as_the_profile_names_them(stored: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(table(stored.amira, "browsers")) == 3
    monkeypatch.setattr(SessionBase, "decode", lambda _store, _data: {"browser": "Firefox, Linux"})
    assert {row["browser"] for row in table(stored.amira, "browsers")} == {"Firefox, Linux"}


def test_its_readme_names_every_file_in_the_language_of_the_reader(stored: Campus) -> None:
    assert seal() is not None
    files = texts(stored.amira)
    assert [
        name for name in files if name not in ("README.txt", "verify_receipt.py") and name not in files["README.txt"]
    ] == []
    assert "Amira Haddad: what University of Aldermoor stores, as of 20" in files["README.txt"]
    with translation.override("ar"):
        stream = personal_zip(stored.amira)
    with ZipFile(io.BytesIO(b"".join(stream))) as archive:
        assert "حسابك." in archive.read("README.txt").decode()


# --- Receipts ---------------------------------------------------------------------------------------------------------


def test_it_holds_a_receipt_of_everything_sealed_about_the_person(
    stored: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "RECEIPTS_AT_ONCE", 1)
    assert "receipts.tlog-proof" not in texts(stored.amira) and "keys.txt" not in texts(stored.amira)
    assert seal() is not None
    files = texts(stored.amira)
    found = receipts_in(files["receipts.tlog-proof"])
    sealed = [row["ledger_entry"] for row in table(stored.amira, "events")]
    assert [str(each.entry) for each in found] == sealed == ["0", "1"]
    assert {check(each).size for each in found} == {3}


# --- Nothing of others ------------------------------------------------------------------------------------------------


def test_nothing_of_classmates_is_in_it(stored: Campus) -> None:
    assert seal() is not None
    for reader in (stored.amira, stored.ines):
        everything = "".join(text for name, text in texts(reader).items() if name != "verify_receipt.py")
        for words in ("Bilal", "Adeyemi", f'"student":{stored.bilal.pk},'):
            assert words not in everything, reader


def test_an_act_about_oneself_or_nobody_has_its_words(stored: Campus) -> None:
    enrol(stored.offering, stored.outsider, "0003")
    mark(stored, "present", 0, stored.outsider)
    acts = table(stored.ines, "acts")
    assert {row["text"] for row in acts} == {""} and {row["kind"] for row in acts} == {"marked"}


def test_the_device_of_somebody_else_stays_unnamed(stored: Campus) -> None:
    scans = table(stored.amira, "scans")
    assert [(row["outcome"], row["device"]) for row in scans] == [
        ("code_expired", "Amira Haddad's phone"),
        ("other_device", ""),
        ("too_many", ""),
    ]


# --- Cost and moment --------------------------------------------------------------------------------------------------


def queries_for(person: User) -> int:
    with CaptureQueriesContext(connection) as queries:
        b"".join(personal_zip(person))
    return len(queries)


def test_more_rows_take_no_more_queries(stored: Campus) -> None:
    assert seal() is not None
    before = queries_for(stored.amira)
    for number in range(20):
        mark(stored, ("late", "present")[number % 2], number + 2, stored.amira)
        signed_in(stored.amira)
    assert seal() is not None
    assert len(table(stored.amira, "events")) == 22
    assert queries_for(stored.amira) == before <= 22


def test_it_is_of_the_moment_in_which_it_begins(stored: Campus) -> None:
    stream = personal_zip(stored.amira)
    begun = next(stream)
    with by_hand() as somebody_else:
        somebody_else.execute("UPDATE attendance_request SET answer = 'Changed'")
    with ZipFile(io.BytesIO(begun + b"".join(stream))) as archive:
        assert b"Fine" in archive.read("requests.csv") and b"Changed" not in archive.read("requests.csv")
    assert {row["answer"] for row in table(stored.amira, "requests")} == {"Changed"}


def test_who_stops_fetching_leaves_no_transaction_behind(stored: Campus) -> None:
    stream = personal_zip(stored.amira)
    next(stream)
    stream.close()
    stored.lecture_at(clock.now() + timedelta(days=1))
    assert len(table(stored.amira, "requests")) == 2
