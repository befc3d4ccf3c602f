"""The register page: what it shows, what it takes, and what it refuses without a trace."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, AttendanceSession, Lecture
from attendance.services.attendance_sessions import open_session
from attendance.services.check_in import check_in
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in
from tests.scans import scan


def address(campus: Campus) -> str:
    return reverse("register_edit", args=[campus.lecture.pk])


def row(student, status: str, seen: str = ".0") -> dict[str, str]:
    return {f"status-{student.pk}": status, f"seen-{student.pk}": seen}


def statuses() -> dict[int, str]:
    return dict(Attendance.objects.exclude(status="").values_list("student", "status"))


@pytest.fixture
def ines(campus: Campus) -> Client:
    return signed_in(campus.ines)


def test_it_lists_everybody_expected_by_roll_number(campus: Campus, ines: Client) -> None:
    rows = ines.get(address(campus)).context["rows"]
    assert [(row.roll_number, row.student.listed_name, row.status) for row in rows] == [
        ("0001", "Haddad, Amira", ""),
        ("0002", "Adeyemi, Bilal", ""),
    ]


def test_marks_are_saved_and_shown(campus: Campus, ines: Client) -> None:
    response = ines.post(address(campus), {**row(campus.amira, "late"), **row(campus.bilal, "")}, follow=True)
    assert statuses() == {campus.amira.pk: "late"}
    assert "Take back" in response.content.decode()
    assert f'name="seen-{campus.amira.pk}" value="late.1"' in response.content.decode()


def test_every_blank_becomes_absent_on_request(campus: Campus, ines: Client) -> None:
    ines.post(address(campus), {**row(campus.amira, "present"), **row(campus.bilal, ""), "fill": "absent"})
    assert statuses() == {campus.amira.pk: "present", campus.bilal.pk: "absent"}


def test_a_mark_just_taken_back_is_not_filled(campus: Campus, ines: Client) -> None:
    ines.post(address(campus), row(campus.amira, "present"))
    ines.post(address(campus), {**row(campus.amira, "", "present.1"), **row(campus.bilal, ""), "fill": "absent"})
    assert statuses() == {campus.bilal.pk: "absent"}


def test_a_row_that_changed_elsewhere_shows_the_conflict_and_keeps_the_rest(campus: Campus, ines: Client) -> None:
    scan = [Mark(campus.amira.pk, "present", 0)]
    mark_register(lecture=campus.lecture, actor=campus.kwame, marks=scan)
    response = ines.post(address(campus), {**row(campus.amira, "absent"), **row(campus.bilal, "late")})
    page = response.content.decode()
    assert response.status_code == 409
    assert statuses() == {campus.amira.pk: "present", campus.bilal.pk: "late"}
    assert "1 row was changed by somebody else while you were marking." in page
    assert page.count("changed elsewhere") == 1


def test_a_row_nobody_touched_in_this_form_is_left_to_others(campus: Campus, ines: Client) -> None:
    scan = [Mark(campus.amira.pk, "present", 0)]
    mark_register(lecture=campus.lecture, actor=campus.kwame, marks=scan)
    response = ines.post(address(campus), {**row(campus.amira, ""), **row(campus.bilal, "late")})
    assert response.status_code == 302
    assert statuses() == {campus.amira.pk: "present", campus.bilal.pk: "late"}


def test_two_tabs_of_the_same_register(campus: Campus, ines: Client) -> None:
    first, second = row(campus.amira, "present"), row(campus.amira, "absent")
    assert ines.post(address(campus), first).status_code == 302
    assert ines.post(address(campus), second).status_code == 409
    assert statuses() == {campus.amira.pk: "present"}


@pytest.mark.parametrize(
    ("status", "seen"),
    [("here", ".0"), ("present", ".-1"), ("present", "x"), ("present", ".²"), ("present", f".{'9' * 40}")],
)
def test_a_form_that_was_tampered_with_leaves_no_trace(campus: Campus, ines: Client, status: str, seen: str) -> None:
    response = ines.post(address(campus), row(campus.amira, status, seen))
    assert response.status_code == 400
    assert not AttendanceEvent.objects.exists()


def test_a_student_of_another_course_is_not_part_of_the_form(campus: Campus, ines: Client) -> None:
    ines.post(address(campus), row(campus.outsider, "present"))
    assert not AttendanceEvent.objects.exists()


def test_a_script_in_a_name_and_in_a_reason_stays_text(campus: Campus, ines: Client) -> None:
    script = "<script>alert(1)</script>"
    type(campus.amira).objects.filter(pk=campus.amira.pk).update(family_name=script)
    page = ines.post(address(campus), {**row(campus.amira, "late"), "reason": script}, follow=True).content.decode()
    history = ines.get(reverse("history_show", args=[campus.lecture.pk, campus.amira.pk])).content.decode()
    assert script not in page + history
    assert "&lt;script&gt;" in page
    assert "&lt;script&gt;" in history


def test_a_reader_without_the_right_to_mark_sees_no_form_fields(campus: Campus) -> None:
    page = signed_in(campus.auditor).get(address(campus)).content.decode()
    assert "Haddad, Amira" in page
    assert 'type="radio" name="status' not in page
    assert "Save the register" not in page


def test_opening_goes_to_the_register_and_closing_asks(campus: Campus, ines: Client) -> None:
    opened = ines.post(reverse("session_open", args=[campus.lecture.pk]), {"minutes": "20"})
    assert opened.url == address(campus)
    question = ines.get(reverse("session_close", args=[campus.lecture.pk])).content.decode()
    assert "Close and mark 2 absent" in question
    assert "Close and leave 2 blank" in question
    answer = ines.post(reverse("session_close", args=[campus.lecture.pk]), {"blanks": "keep"}, follow=True)
    assert "Check-in is closed." in answer.content.decode()
    assert statuses() == {}


@pytest.mark.parametrize("minutes", ["", "0", "121", "ten", "1e3"])
def test_a_length_that_does_not_work_gets_its_sentence(campus: Campus, ines: Client, minutes: str) -> None:
    response = ines.post(reverse("session_open", args=[campus.lecture.pk]), {"minutes": minutes}, follow=True)
    assert response.context["messages"]
    assert not AttendanceSession.objects.exists()


def test_codes_live_as_long_as_the_teacher_chooses(campus: Campus, ines: Client) -> None:
    opening = reverse("session_open", args=[campus.lecture.pk])
    refused = ines.post(opening, {"minutes": "20", "codes": "endless"}, follow=True)
    assert "Choose one of the three lengths." in refused.content.decode()
    ines.post(opening, {"minutes": "20", "codes": "relaxed"})
    assert AttendanceSession.objects.get().code_seconds == 30
    page = ines.get(reverse("lecture_live", args=[campus.lecture.pk])).content.decode()
    assert "A code lives 30 seconds." in page


def test_closing_what_is_closed_says_so(campus: Campus, ines: Client) -> None:
    response = ines.post(reverse("session_close", args=[campus.lecture.pk]), {"blanks": "absent"}, follow=True)
    assert "Check-in is not open for this lecture." in response.content.decode()
    assert not AttendanceEvent.objects.exists()


def test_the_history_tells_who_when_and_why(campus: Campus, ines: Client) -> None:
    ines.post(address(campus), row(campus.amira, "absent"))
    ines.post(address(campus), {**row(campus.amira, "excused", "absent.1"), "reason": "Medical note"})
    page = signed_in(campus.amira).get(reverse("history_show", args=[campus.lecture.pk, campus.amira.pk]))
    entries = page.context["history"]
    assert [(each.event.from_status, each.event.to_status, each.reason) for each in entries] == [
        ("", "absent", ""),
        ("absent", "excused", "Medical note"),
    ]
    assert "Ines Ferreira" in page.content.decode()


# --- Taking back ------------------------------------------------------------------------------------------------------


def saved(response) -> str:
    """Return what the page after a save names as its events."""
    return response.url.partition("saved=")[2]


def take_back(campus: Campus, client: Client, events: str):
    return client.post(reverse("register_undo", args=[campus.lecture.pk]), {"saved": events}, follow=True)


def test_what_was_saved_is_taken_back_in_one_step(campus: Campus, ines: Client) -> None:
    ines.post(address(campus), row(campus.amira, "present"))
    events = saved(
        ines.post(address(campus), {**row(campus.amira, "late", "present.1"), **row(campus.bilal, "absent")})
    )
    page = take_back(campus, ines, events).content.decode()
    assert "Took back 2 marks." in page
    assert statuses() == {campus.amira.pk: "present"}
    assert AttendanceEvent.objects.count() == 5, "nothing is erased"


def test_what_somebody_else_changed_since_is_not_taken_back(campus: Campus, ines: Client) -> None:
    events = saved(ines.post(address(campus), {**row(campus.amira, "late"), **row(campus.bilal, "late")}))
    mark_register(lecture=campus.lecture, actor=campus.kwame, marks=[Mark(campus.amira.pk, "present", 1)])
    take_back(campus, ines, events)
    assert statuses() == {campus.amira.pk: "present"}


@pytest.mark.parametrize("events", ["", "x", "1", "1-", "9999999-99999999", "2-1", "1-9999999999999999999"])
def test_nothing_is_taken_back_that_is_not_there(campus: Campus, ines: Client, events: str) -> None:
    page = take_back(campus, ines, events).content.decode()
    assert "There is nothing to take back" in page
    assert not AttendanceEvent.objects.exists()


def test_nobody_takes_back_what_another_one_saved(campus: Campus, ines: Client) -> None:
    events = saved(ines.post(address(campus), row(campus.amira, "late")))
    take_back(campus, signed_in(campus.kwame), events)
    assert statuses() == {campus.amira.pk: "late"}


# --- Finding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=had", ["amira"]),
        ("q=0002", ["bilal"]),
        ("q=bilal+ade", ["bilal"]),
        ("show=blank", ["bilal"]),
        ("show=late", ["amira"]),
        ("show=late&q=bilal", []),
        ("show=nonsense", ["amira", "bilal"]),
    ],
)
def test_rows_are_found_by_name_number_and_mark(campus: Campus, ines: Client, query: str, found: list[str]) -> None:
    ines.post(address(campus), row(campus.amira, "late"))
    rows = ines.get(f"{address(campus)}?{query}").context["rows"]
    assert [row.student.username for row in rows] == found


def test_blanks_that_are_not_shown_are_not_filled(campus: Campus, ines: Client) -> None:
    response = ines.post(f"{address(campus)}?q=had", {**row(campus.amira, ""), "fill": "absent"})
    assert statuses() == {campus.amira.pk: "absent"}
    assert response.url.startswith(f"{address(campus)}?q=had&saved=")


# --- Heads ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heads", "sentence"),
    [
        ("1", "As many as are marked here."),
        ("0", "1 more marked here than heads."),
        ("3", "2 heads more than marked here."),
    ],
)
def test_heads_are_held_against_the_marks(campus: Campus, ines: Client, heads: str, sentence: str) -> None:
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    ines.post(address(campus), {**row(campus.amira, "late"), **row(campus.bilal, "remote")})
    page = ines.post(reverse("headcount_note", args=[campus.lecture.pk]), {"headcount": heads}, follow=True)
    assert sentence in page.content.decode()


def test_more_marks_than_heads_name_whom_to_call_with_a_link_to_the_row(campus: Campus, ines: Client) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    check_in(student=campus.amira, claim=scan(session))
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.bilal.pk, "present", 0)])
    ines.post(reverse("headcount_note", args=[campus.lecture.pk]), {"headcount": "1"})
    for place in (address(campus), reverse("lecture_live", args=[campus.lecture.pk])):
        page = ines.get(place).content.decode()
        assert "Call these first" in page
        assert f'href="{address(campus)}#n{campus.amira.pk}"' in page and "device not known" in page
        assert f"#n{campus.bilal.pk}" not in page
    ines.post(reverse("headcount_note", args=[campus.lecture.pk]), {"headcount": "2"})
    assert "Call these first" not in ines.get(address(campus)).content.decode()


def test_more_heads_than_marks_lead_to_the_blanks(campus: Campus, ines: Client) -> None:
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    ines.post(reverse("headcount_note", args=[campus.lecture.pk]), {"headcount": "2"})
    page = ines.get(reverse("lecture_live", args=[campus.lecture.pk])).content.decode()
    assert "2 heads more than marked here." in page and f'href="{address(campus)}?show=blank"' in page


def test_a_late_scan_is_late_by_minutes_and_a_teachers_mark_by_none(campus: Campus, ines: Client) -> None:
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    Lecture.objects.update(starts_at=clock.now() - timedelta(minutes=14, seconds=30))
    check_in(student=campus.amira, claim=scan(session))
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.bilal.pk, "late", 0)])
    page = ines.get(address(campus)).content.decode()
    assert page.count("14 minutes late") == page.count(" late</td>") == 1


@pytest.mark.parametrize("heads", ["-1", "10001", "many", "1" * 5000])
def test_heads_that_no_room_holds_are_refused(campus: Campus, ines: Client, heads: str) -> None:
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    page = ines.post(reverse("headcount_note", args=[campus.lecture.pk]), {"headcount": heads}, follow=True)
    assert "0 to 10000" in page.content.decode()
    assert AttendanceSession.objects.get().headcount is None


def test_the_number_of_queries_does_not_grow_with_the_class(campus: Campus, django_assert_num_queries) -> None:
    from tests.cast import enrol, person

    ines = signed_in(campus.ines)
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    with django_assert_num_queries(6) as small:
        ines.get(address(campus))
    for number in range(40):
        student = person(campus.organisation, f"s{number}", "student", f"Student {number}")
        enrol(campus.offering, student, f"1{number:03}")
    with django_assert_num_queries(len(small)):
        ines.get(address(campus))
