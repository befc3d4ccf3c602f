"""The lists of the record: lectures by what became of them, and every act for those who audit."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance import clock
from attendance.models import Course, Lecture, Offering, User
from attendance.services.attendance_sessions import open_session
from attendance.services.erased_texts import ErasureReason, erase_texts
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in


def lectures(reader: User, **query: str) -> list[Lecture]:
    return list(signed_in(reader).get(reverse("lecture_list"), query).context["page"])


def test_lectures_are_listed_by_what_became_of_them(campus: Campus) -> None:
    oldest, taken, cancelled = campus.past_lectures(3)
    (coming,) = campus.future_lectures(1)
    mark_register(lecture=taken, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)])
    Lecture.objects.filter(pk=cancelled.pk).update(cancelled_at=clock.now())
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    found = {status: lectures(campus.ines, status=status) for status in ("coming", "open", "past", "not_taken")}
    assert found == {
        "coming": [campus.lecture, coming],
        "open": [campus.lecture],
        "past": [taken, oldest],
        "not_taken": [oldest],
    }
    assert lectures(campus.admin, status="cancelled") == [cancelled]
    assert lectures(campus.amira, status="nonsense") == [campus.lecture, coming]
    assert lectures(campus.outsider) == lectures(campus.other_teacher) == []


@pytest.mark.parametrize(("search", "found"), [("CS 204", 1), ("databases b-12", 1), ("algebra", 0), ("x" * 5000, 0)])
def test_lectures_are_found(campus: Campus, search: str, found: int) -> None:
    assert len(lectures(campus.ines, q=search)) == found


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({}, 3),
        ({"kind": "marked"}, 2),
        ({"kind": "nonsense"}, 3),
        ({"q": "haddad"}, 1),
        ({"q": "ines cs"}, 3),
        ({"q": "BILAL"}, 1),
        ({"q": "nobody"}, 0),
        ({"day": "2001-01-01"}, 0),
        ({"day": "yesterday"}, 3),
    ],
)
def test_events_are_found_by_auditors(campus: Campus, query: dict[str, str], number: int) -> None:
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    marks = [Mark(campus.amira.pk, "present", 0), Mark(campus.bilal.pk, "late", 0)]
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=marks)
    page = signed_in(campus.auditor).get(reverse("event_list"), query)
    assert len(page.context["page"]) == number
    today = {"day": f"{clock.today(campus.organisation.zone)}"}
    assert len(signed_in(campus.auditor).get(reverse("event_list"), today).context["page"]) == 3
    assert len(signed_in(campus.foreign_admin).get(reverse("event_list")).context["page"]) == 0


def test_an_erasure_by_nobody_is_an_act_like_others(campus: Campus) -> None:
    erase_texts(person=campus.amira, actor=None, why=ErasureReason.RETENTION, moment=clock.now())
    page = signed_in(campus.auditor).get(reverse("event_list"), {"kind": "person_erased"})
    assert [event.actor for event in page.context["page"]] == [None]
    assert "Person erased" in page.content.decode() and "Haddad" not in page.content.decode()


def test_a_course_filters_lectures_and_events_and_events_are_turned_around(campus: Campus) -> None:
    other = Offering.objects.create(
        organisation=campus.organisation,
        term=campus.term,
        course=Course.objects.create(
            organisation=campus.organisation, department=campus.department, code="MA 110", title="Geometry"
        ),
    )
    lecture = Lecture.objects.create(
        organisation=campus.organisation,
        offering=other,
        starts_at=campus.lecture.starts_at,
        ends_at=campus.lecture.ends_at,
    )
    for each in (campus.lecture, lecture):
        open_session(lecture=each, actor=campus.admin, minutes=15)
    assert lectures(campus.admin, course_id=str(other.pk)) == [lecture]
    auditor = signed_in(campus.auditor)

    def acts(**query: object) -> list[Lecture]:
        return [event.lecture for event in auditor.get(reverse("event_list"), query).context["page"]]

    assert acts(course_id=other.pk) == [lecture]
    assert acts() == [lecture, campus.lecture]
    assert acts(sort="when") == [campus.lecture, lecture]
    page = auditor.get(reverse("event_list"), {"course_id": other.pk}).content.decode()
    assert "Only MA 110 Geometry" in page


@pytest.mark.parametrize("place", ["lecture_list", "event_list"])
def test_the_number_of_queries_stays_when_the_rows_double(campus: Campus, place: str) -> None:
    admin = signed_in(campus.admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert admin.get(reverse(place)).status_code == 200
        return len(found)

    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "present", 0)])
    before = queries()
    for days in range(1, 20):
        lecture = campus.lecture_at(clock.now() + timedelta(days=days))
        mark_register(lecture=lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "present", 0)])
    assert queries() == before <= 15
