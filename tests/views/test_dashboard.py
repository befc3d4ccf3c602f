"""Today's page and the own record, by role."""

from django.urls import reverse

from attendance.models import Attendance, Lecture
from tests.cast import Campus, signed_in


def test_a_student_sees_what_is_on_and_the_percentage_with_its_formula(campus: Campus) -> None:
    for lecture, status in zip(campus.past_lectures(4), ["present", "late", "absent", "excused"], strict=True):
        Attendance.objects.create(lecture=lecture, student=campus.amira, status=status, version=1)
    page = signed_in(campus.amira).get(reverse("dashboard"))
    text = " ".join(page.content.decode().split())
    assert page.context["next"].pk == campus.lecture.pk
    assert "66.6 %" in text
    assert "<b>2</b>: 1 present + 1 late" in text
    assert "<b>3</b>: 4 lectures − 1 excused" in text
    assert "At risk. Can still reach 75 %: attend the next lecture." in text


def test_the_own_record_holds_every_mark_and_nobody_elses(campus: Campus) -> None:
    lecture = campus.past_lectures(1)[0]
    for student, status in ((campus.amira, "late"), (campus.bilal, "absent")):
        Attendance.objects.create(lecture=lecture, student=student, status=status, version=1)
    [record] = signed_in(campus.amira).get(reverse("record_show")).context["records"]
    assert [mark.status for mark in record.marks] == ["late"]


def test_a_teacher_sees_today_and_what_nobody_took(campus: Campus) -> None:
    untaken, taken, cancelled = campus.past_lectures(3)
    Attendance.objects.create(lecture=taken, student=campus.amira, status="present", version=1)
    Lecture.objects.filter(pk=cancelled.pk).update(cancelled_at=cancelled.starts_at)
    page = signed_in(campus.ines).get(reverse("dashboard"))
    assert campus.lecture.pk in [lecture.pk for lecture in page.context["today"]]
    assert [lecture.pk for lecture in page.context["not_taken"]] == [untaken.pk]
    assert not signed_in(campus.other_teacher).get(reverse("dashboard")).context["not_taken"]


def test_a_new_student_is_told_how_to_get_in(campus: Campus) -> None:
    page = signed_in(campus.outsider).get(reverse("dashboard")).content.decode()
    assert "You are in no course yet" in page
    assert reverse("enrolment_create") in page
