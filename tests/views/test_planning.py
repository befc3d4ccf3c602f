"""Changing courses and lectures: what is taken, what is refused at its field, and what can be taken back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from attendance import clock
from attendance.models import Attendance, Course, CourseStaff, Department, Lecture, Offering, Room
from attendance.services.attendance_sessions import open_session
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in
from tests.queries.test_standings import own_standings


@pytest.fixture
def ines(campus: Campus) -> Client:
    return signed_in(campus.ines)


def errors_of(response) -> dict[str, str]:
    return {name: " ".join(sentences) for name, sentences in response.context["form"].errors.items()}


# --- Courses ----------------------------------------------------------------------------------------------------------


def course_form(campus: Campus, **changes: object) -> dict[str, object]:
    return {"code": "CS 205", "title": "Databases I", "department": campus.department.pk} | changes


def test_a_course_is_renamed_and_the_number_of_its_course_stays(campus: Campus, ines: Client) -> None:
    page = ines.post(reverse("course_edit", args=[campus.offering.pk]), course_form(campus), follow=True)
    assert "Databases I" in page.content.decode()
    assert Course.objects.get().code == "CS 205"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"code": "MA 1"}, "code", "belongs to another course"),
        ({"code": ""}, "code", "required"),
        ({"title": "x" * 201}, "title", "at most 200"),
        ({"department": 999_999}, "department", "Select a valid choice"),
    ],
)
def test_a_name_that_does_not_do_is_refused_at_its_field(
    campus: Campus, ines: Client, changes: dict[str, object], field: str, words: str
) -> None:
    Course.objects.create(organisation=campus.organisation, department=campus.department, code="MA 1", title="Algebra")
    response = ines.post(reverse("course_edit", args=[campus.offering.pk]), course_form(campus, **changes))
    assert response.status_code == 422
    assert words in errors_of(response)[field]
    assert Course.objects.filter(code="CS 204", title="Databases").exists()


def test_a_department_of_another_organisation_is_no_choice(campus: Campus, ines: Client) -> None:
    foreign = Department.objects.create(organisation=campus.foreign_admin.organisation, name="Law")
    form = course_form(campus, department=foreign.pk)
    response = ines.post(reverse("course_edit", args=[campus.offering.pk]), form)
    assert "Select a valid choice" in errors_of(response)["department"]


def test_a_teacher_makes_an_own_course(campus: Campus) -> None:
    bruno = signed_in(campus.other_teacher)
    form = {**course_form(campus), "term": campus.term.pk, "owner": "ines"}
    bruno.post(reverse("course_create"), form)
    owned = CourseStaff.objects.get(offering__course__code="CS 205")
    assert (owned.user, owned.duty) == (campus.other_teacher, "owner"), "whatever else the form says"


def test_an_archived_course_leaves_the_lists_and_comes_back(campus: Campus, ines: Client) -> None:
    ines.post(reverse("course_archive", args=[campus.offering.pk]))
    assert list(ines.get(reverse("course_list")).context["page"]) == []
    archived = ines.get(reverse("course_list"), {"status": "archived"}).context["page"]
    assert list(archived) == [campus.offering]
    assert "This course is archived." in ines.get(reverse("course_show", args=[campus.offering.pk])).content.decode()
    ines.post(reverse("course_restore", args=[campus.offering.pk]))
    assert list(ines.get(reverse("course_list")).context["page"]) == [campus.offering]


def test_a_policy_moves_every_percentage_at_once(campus: Campus, ines: Client) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)])
    form = {"late_weight": "50", "left_early_weight": "50", "remote_weight": "100", "drop_lowest": "0"}
    ines.post(reverse("policy_edit", args=[campus.offering.pk]), form)
    assert own_standings(campus.amira)[0].standing.share == 1 / 2


@pytest.mark.parametrize("weight", ["-1", "101", "half", ""])
def test_a_weight_that_is_no_percent_is_refused(campus: Campus, ines: Client, weight: str) -> None:
    form = {"late_weight": weight, "left_early_weight": "50", "remote_weight": "100", "drop_lowest": "0"}
    response = ines.post(reverse("policy_edit", args=[campus.offering.pk]), form)
    assert response.status_code == 422 and "late_weight" in errors_of(response)
    assert Offering.objects.get().late_weight == 100


def test_an_assistant_is_taken_off_and_an_owner_is_not(campus: Campus, ines: Client) -> None:
    for person in (campus.kwame, campus.ines):
        ines.post(reverse("assistant_remove", args=[campus.offering.pk, person.pk]))
    assert [duty.user for duty in CourseStaff.objects.all()] == [campus.ines]
    assert ines.post(reverse("assistant_remove", args=[campus.offering.pk, 999_999])).status_code == 404


# --- Lectures ---------------------------------------------------------------------------------------------------------


def lecture_form(campus: Campus, **changes: object) -> dict[str, object]:
    day = clock.today(campus.organisation.zone) + timedelta(days=2)
    return {"day": f"{day}", "start": "09:00", "end": "10:30", "room": campus.room.pk, "mode": "online"} | changes


def test_a_moved_lecture_keeps_its_marks(campus: Campus, ines: Client) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)])
    address = reverse("lecture_edit", args=[campus.lecture.pk])
    assert ines.get(address).context["form"].initial["room"] == campus.room.pk
    ines.post(address, lecture_form(campus, topic="Indexes"))
    moved = Lecture.objects.get()
    assert (f"{moved.starts_at.astimezone(campus.organisation.zone):%H:%M}", moved.mode) == ("09:00", "online")
    assert (moved.topic, Attendance.objects.get(student=campus.amira).status) == ("Indexes", "late")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"end": "08:00"}, "end", "ends before it starts"),
        ({"day": "2019-01-01"}, "day", "outside Autumn"),
        ({"room": 999_999}, "room", "Select a valid choice"),
        ({"mode": "dream"}, "mode", "Select a valid choice"),
        ({"topic": "x" * 201}, "topic", "at most 200"),
    ],
)
def test_an_hour_that_does_not_do_is_refused_at_its_field(
    campus: Campus, ines: Client, changes: dict[str, object], field: str, words: str
) -> None:
    before = Lecture.objects.values().get()
    response = ines.post(reverse("lecture_edit", args=[campus.lecture.pk]), lecture_form(campus, **changes))
    assert response.status_code == 422
    assert words in errors_of(response)[field]
    assert Lecture.objects.values().get() == before


def test_an_archived_room_is_no_choice_unless_the_lecture_is_in_it(campus: Campus, ines: Client) -> None:
    Room.objects.update(archived_at=clock.now())
    other = Room.objects.create(organisation=campus.organisation, name="Attic", archived_at=clock.now())
    response = ines.post(reverse("lecture_edit", args=[campus.lecture.pk]), lecture_form(campus, room=other.pk))
    assert "Select a valid choice" in errors_of(response)["room"]
    assert ines.post(reverse("lecture_edit", args=[campus.lecture.pk]), lecture_form(campus)).status_code == 302


def test_a_cancelled_lecture_leaves_the_percentage_and_comes_back(campus: Campus, ines: Client) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)])

    def counted() -> int:
        return own_standings(campus.amira)[0].standing.counted

    assert counted() == 1
    ines.post(reverse("lecture_cancel", args=[campus.lecture.pk]))
    page = ines.get(reverse("lecture_live", args=[campus.lecture.pk])).content.decode()
    assert "This lecture is cancelled." in page and counted() == 0
    ines.post(reverse("lecture_restore", args=[campus.lecture.pk]))
    assert counted() == 1


def test_a_lecture_whose_check_in_is_open_is_not_cancelled(campus: Campus, ines: Client) -> None:
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    page = ines.post(reverse("lecture_cancel", args=[campus.lecture.pk]), follow=True).content.decode()
    assert "Close it first." in page
    assert Lecture.objects.get().cancelled_at is None


def test_somebody_stands_in_for_one_lecture_and_no_other(campus: Campus, ines: Client) -> None:
    other = campus.lecture_at(clock.now() + timedelta(days=1))
    ines.post(reverse("substitute_add", args=[campus.lecture.pk]), {"person": "bruno"})
    bruno = signed_in(campus.other_teacher)
    assert bruno.get(reverse("register_edit", args=[campus.lecture.pk])).status_code == 200
    assert bruno.get(reverse("register_edit", args=[other.pk])).status_code == 404
    ines.post(reverse("substitute_remove", args=[campus.lecture.pk, campus.other_teacher.pk]))
    assert bruno.get(reverse("register_edit", args=[campus.lecture.pk])).status_code == 404


@pytest.mark.parametrize(("person", "words"), [("amira", "is enrolled"), ("zeynep", "Nobody here"), ("", "required")])
def test_who_cannot_stand_in_is_said(campus: Campus, ines: Client, person: str, words: str) -> None:
    answer = ines.post(reverse("substitute_add", args=[campus.lecture.pk]), {"person": person}, follow=True)
    assert words in answer.content.decode()
    assert not CourseStaff.objects.filter(duty="substitute").exists()
