"""What a comparison says of each record: new, changed, gone, the same, or refused with a field and a sentence."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine

from attendance.importers.records import Kind, Place, Reading, Record, Refused, UnreadableError
from attendance.models import AttendanceEvent, Enrolment, Import, ImportRow, Organisation, User
from attendance.services.importing.preparing import begin, prepare
from tests.services.importing.small_set import (
    AMIRA,
    COURSE,
    LAB_LECTURE,
    MONDAY_LECTURE,
    WITHOUT_MARKS,
    applied,
    ended,
    prepared,
    record,
    refused,
    totals,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_september() -> Iterator[None]:
    with time_machine.travel("2026-09-01T08:00:00Z", tick=False):
        yield


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        (record(Kind.ROOM, "Hall B-12", archived=True), None, ""),
        (record(Kind.PERSON, "S9", role="student"), "family_name", "needs this field"),
        (record(Kind.PERSON, "S9", role="student", family_name="X", department="Magic"), "department", "no department"),
        (record(Kind.PERSON, "S9", role="student", family_name="X", email="A@example.org"), "email", "somebody else"),
        (record(Kind.PERSON, "S1", username="kwame"), "username", "somebody else"),
        (record(Kind.PERSON, "TOMAS", family_name="X"), "number", "administrator"),
        (record(Kind.COURSE, "CS 999", title="Magic", department="Magic"), "department", "no department"),
        (record(Kind.OFFERING, "CS 999", "Autumn"), "course", "no course"),
        (record(Kind.OFFERING, "CS 204", "Spring"), "term", "no term"),
        (record(Kind.SECTION, "CS 204", "Spring", "A"), "course", "not taught"),
        (record(Kind.ENROLMENT, *COURSE, "S9"), "number", "Nobody"),
        (record(Kind.ENROLMENT, *COURSE, "T1"), "number", "not a student"),
        (record(Kind.ENROLMENT, *COURSE, "S1", sections=["Lab 9"]), "sections", "no section"),
        (record(Kind.ENROLMENT, *COURSE, "S1", roll_number="77"), "roll_number", "taken"),
        (record(Kind.ENROLMENT, *COURSE, "S2", until_day="2026-09-01"), "until_day", "before the first"),
        (record(Kind.MEETING, *COURSE, "", "0", "09:00", room="Attic"), "room", "no room"),
        (record(Kind.MEETING, *COURSE, "", "1", "09:00", weeks="11"), "minutes", "needs this field"),
        (record(Kind.LECTURE, *LAB_LECTURE, ends_at="2026-10-07T13:00"), "ends_at", "ends before"),
        (
            record(Kind.LECTURE, *LAB_LECTURE, starts_at="2027-10-07T13:00", ends_at="2027-10-07T14:00"),
            "starts_at",
            "2027-10-07 lies outside Autumn",
        ),
        (record(Kind.STAFF, *COURSE, "S1", "", "", duty="assistant"), "number", "enrolled"),
        (record(Kind.STAFF, *COURSE, "T2", "", "", duty="substitute"), "duty", "substitute"),
        (record(Kind.TERM, "Autumn", last_day="2026-01-01"), "last_day", "before the first"),
        (record(Kind.HOLIDAY, "2026-09-21", "Founders' day", last_day="2026-01-01"), "last_day", "before the first"),
        (record(Kind.INSTITUTION, warning_percent=90), "warning_percent", "above the line"),
        (record(Kind.MARK, *MONDAY_LECTURE, "S9", status="present"), "number", "Nobody"),
        (record(Kind.MARK, *MONDAY_LECTURE, "T1", status="present"), "number", "not enrolled"),
        (record(Kind.MARK, *LAB_LECTURE, "S2", status="present"), "number", "not expected"),
        (record(Kind.MARK, *COURSE, "", "2026-10-06T09:00", "S1", status="present"), "planned_for", "no lecture"),
        (record(Kind.MARK, *COURSE, "", "2026-09-14T09:00", "S2", status="present"), "number", "not expected"),
        (ended(Kind.DEPARTMENT, "Computing"), "", "still in use"),
        (ended(Kind.TERM, "Autumn"), "", "still in use"),
    ],
)
def test_each_refusal_names_field_and_reason(
    school: Organisation, admin: User, wrong: Record, field: str | None, sentence: str
) -> None:
    applied(school, *WITHOUT_MARKS)
    found = refused(prepared(school, wrong))
    if field is None:
        assert found == []
    else:
        assert [(field, True)] == [(name, sentence in reason) for name, reason in found], found


def test_a_mark_in_a_cancelled_lecture_is_refused(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    done = prepared(
        school,
        record(Kind.LECTURE, *LAB_LECTURE, cancelled=True),
        record(Kind.MARK, *LAB_LECTURE, "S1", status="present"),
    )
    assert refused(done) == [("planned_for", "This lecture was cancelled, so it has no register.")]


def test_next_years_term_of_the_same_name_is_not_taken_for_this_years(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    done = prepared(
        school,
        record(Kind.TERM, "Autumn", first_day="2027-09-13", last_day="2027-12-10"),
        record(Kind.OFFERING, *COURSE, drop_lowest=3),
        record(Kind.ENROLMENT, *COURSE, "S1", from_day="2027-09-13"),
    )
    fields = [field for field, _reason in refused(done)]
    assert (totals(done), fields) == ({"refused": 3}, ["first_day", "term", "course"])


def test_a_lecture_that_was_cancelled_elsewhere_brings_its_marks(school: Organisation, admin: User) -> None:
    cancelled = record(
        Kind.LECTURE,
        *COURSE,
        "",
        "2026-10-09T09:00",
        starts_at="2026-10-09T09:00",
        ends_at="2026-10-09T10:00",
        cancelled=True,
    )
    mark = record(Kind.MARK, *COURSE, "", "2026-10-09T09:00", "S1", status="present")
    assert "refused" not in totals(applied(school, *WITHOUT_MARKS, cancelled, mark))


def test_what_ends_comes_to_its_end_once(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    ends = (
        ended(Kind.ROOM, "Hall B-12"),
        ended(Kind.PERSON, "T2"),
        ended(Kind.COURSE, "CS 204"),
        ended(Kind.ENROLMENT, *COURSE, "S2"),
        ended(Kind.LECTURE, *LAB_LECTURE),
        ended(Kind.STAFF, *COURSE, "T1", "", ""),
        ended(Kind.ROOM, "never there"),
    )
    assert totals(applied(school, *ends)) == {"gone": 6, "same": 1}
    assert totals(prepared(school, *ends)) == {"same": 7}


def test_a_row_that_stands_twice_is_refused_the_second_time(school: Organisation) -> None:
    done = prepared(school, AMIRA, replace(AMIRA, place=Place("people.csv", 9)))
    assert totals(done) == {"new": 1, "refused": 1}
    assert ImportRow.objects.get(action="refused").line == 9


def test_a_record_that_keeps_changes_no_row_that_is_there(school: Organisation) -> None:
    applied(school, AMIRA)
    assert totals(prepared(school, replace(AMIRA, fields={"family_name": "Other"}, keeps=True))) == {"same": 1}


def test_rows_refused_by_the_reader_come_along(school: Organisation) -> None:
    started = begin(organisation=school, source="csv", file_name="x.csv", file_hash="", actor=None)
    refusal = Refused(Place("rooms.csv", 3), "capacity", "“many” is not a number.")
    done = prepare(started=started, read=lambda: Reading(records=(AMIRA,), refused=(refusal,), notes=("A note.",)))
    assert (done.state, done.counts, done.notes) == (
        "prepared",
        {"": {"refused": 1}, "person": {"new": 1}},
        ["A note."],
    )
    row = ImportRow.objects.get(action="refused")
    assert (row.file, row.line, row.field, row.reason) == ("rooms.csv", 3, "capacity", "“many” is not a number.")


def test_a_file_that_cannot_be_read_fails_with_its_sentence(school: Organisation) -> None:
    def read() -> Reading:
        raise UnreadableError("The file is no zip.")

    started = begin(organisation=school, source="csv", file_name="x.zip", file_hash="", actor=None)
    done = prepare(started=started, read=read)
    assert (done.state, done.problem, done.rows.count()) == ("failed", "The file is no zip.", 0)


def test_an_import_that_is_put_aside_while_it_is_compared_stays_so(school: Organisation) -> None:
    started = begin(organisation=school, source="csv", file_name="x.zip", file_hash="", actor=None)

    def read() -> Reading:
        Import.objects.filter(pk=started.pk).update(state="discarded")
        return Reading(records=WITHOUT_MARKS)

    prepare(started=started, read=read)
    assert (Import.objects.get().state, ImportRow.objects.count()) == ("discarded", 0)


def test_roll_numbers_go_by_name(school: Organisation, admin: User) -> None:
    applied(school, *WITHOUT_MARKS)
    more = [
        record(Kind.PERSON, f"N{number}", role="student", family_name=name)
        for number, name in enumerate(["Zola", "Abbott", "Moss"])
    ]
    applied(school, *more, *(record(Kind.ENROLMENT, *COURSE, f"N{number}") for number in range(3)))
    rolls = Enrolment.objects.filter(student__number__startswith="N").values_list("student__family_name", "roll_number")
    assert dict(rolls) == {"Abbott": "0002", "Moss": "0003", "Zola": "0004"}
    assert not AttendanceEvent.objects.filter(kind="marked").exists()


def test_what_nobody_applied_for_a_month_goes_with_the_next_import(school: Organisation) -> None:
    prepared(school, AMIRA)
    kept = applied(school, record(Kind.ROOM, "Attic"))
    with time_machine.travel("2026-10-02T08:00:00Z", tick=False):
        latest = prepared(school, AMIRA)
    assert set(Import.objects.all()) == {kept, latest}
