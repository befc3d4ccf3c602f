"""Courses and lectures as their people see and make them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from attendance import clock
from attendance.models import Course, CourseStaff, Department, Lecture, Offering, Organisation, Room, Term
from tests.cast import Campus, signed_in


def course_form(campus: Campus, **changes: object) -> dict[str, object]:
    form = {
        "code": "MA 210",
        "title": "Linear Algebra",
        "department": campus.department.pk,
        "term": campus.term.pk,
        "owner": "bruno",
    }
    return form | changes


def lecture_form(campus: Campus, **changes: object) -> dict[str, object]:
    day = clock.today(campus.organisation.zone) + timedelta(days=2)
    return {"day": f"{day}", "start": "09:00", "end": "10:30", "room": campus.room.pk, "mode": "onsite"} | changes


def errors_of(response) -> dict[str, list[str]]:
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


@pytest.fixture
def admin(campus: Campus) -> Client:
    return signed_in(campus.admin)


def test_an_administrator_makes_a_course_and_its_owner_finds_it(campus: Campus, admin: Client) -> None:
    response = admin.post(reverse("course_create"), course_form(campus), follow=True)
    offering = Offering.objects.get(course__code="MA 210")
    assert response.redirect_chain == [(reverse("course_show", args=[offering.pk]), 302)]
    assert "Linear Algebra" in signed_in(campus.other_teacher).get(reverse("course_list")).content.decode()
    assert CourseStaff.objects.get(offering=offering).user == campus.other_teacher


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"code": "CS 204"}, "code", "belongs to another course"),
        ({"code": ""}, "code", "required"),
        ({"title": "x" * 201}, "title", "at most 200"),
        ({"title": "x" * 2_000_000}, "title", "at most 200"),
        ({"owner": "nobody"}, "owner", "Nobody here has this"),
        ({"owner": "amira"}, "owner", "Nobody here has this"),
        ({"owner": "greta"}, "owner", "Nobody here has this"),
        ({"owner": "zeynep"}, "owner", "Nobody here has this"),
        ({"department": 999_999}, "department", "Select a valid choice"),
        ({"term": "x"}, "term", "Select a valid choice"),
    ],
)
def test_a_bad_course_gets_its_sentence(
    campus: Campus, admin: Client, changes: dict[str, object], field: str, words: str
) -> None:
    response = admin.post(reverse("course_create"), course_form(campus, **changes))
    assert words in " ".join(errors_of(response)[field])
    assert Course.objects.count() == 1
    assert f'aria-describedby="id_{field}' in response.content.decode()


def test_rows_of_another_organisation_cannot_be_chosen(campus: Campus, admin: Client) -> None:
    elsewhere = Organisation.objects.get(slug="brackley")
    department = Department.objects.create(organisation=elsewhere, name="Law")
    term = Term.objects.create(
        organisation=elsewhere, name="Autumn", first_day=campus.term.first_day, last_day=campus.term.last_day
    )
    form = course_form(campus, department=department.pk, term=term.pk)
    assert set(errors_of(admin.post(reverse("course_create"), form))) == {"department", "term"}
    assert Course.objects.count() == 1


def listed(client: Client, **query: object) -> list[str]:
    return [offering.course.code for offering in client.get(reverse("course_list"), query).context["page"]]


def test_the_list_searches_filters_and_keeps_to_the_reader(campus: Campus, admin: Client) -> None:
    admin.post(reverse("course_create"), course_form(campus))
    assert listed(admin) == ["CS 204", "MA 210"]
    assert listed(admin, q="algebra") == ["MA 210"]
    assert listed(admin, q="cs 2") == ["CS 204"]
    assert listed(admin, q="%") == []
    assert listed(admin, term=campus.term.pk, page=99) == ["CS 204", "MA 210"]
    assert listed(admin, term="nonsense", page="x") == ["CS 204", "MA 210"]
    assert listed(signed_in(campus.ines)) == ["CS 204"]
    assert listed(signed_in(campus.amira)) == ["CS 204"]
    assert listed(signed_in(campus.outsider)) == []
    assert listed(signed_in(campus.foreign_admin)) == []


def test_the_staff_sees_every_student_and_a_student_only_the_own_standing(campus: Campus) -> None:
    address = reverse("course_show", args=[campus.offering.pk])
    staff_page = signed_in(campus.kwame).get(address).content.decode()
    student_page = signed_in(campus.amira).get(address).content.decode()
    assert "Adeyemi, Bilal" in staff_page
    assert "Bilal" not in student_page
    assert "Your attendance" in student_page


def test_an_owner_adds_an_assistant(campus: Campus) -> None:
    address = reverse("assistant_add", args=[campus.offering.pk])
    ines = signed_in(campus.ines)
    assert (
        "can open check-in" in ines.post(address, {"person": "bruno@aldermoor.example"}, follow=True).content.decode()
    )
    assert "is enrolled in this course" in ines.post(address, {"person": "amira"}, follow=True).content.decode()
    assert "Nobody here has this" in ines.post(address, {"person": "zeynep"}, follow=True).content.decode()
    duties = CourseStaff.objects.filter(offering=campus.offering).values_list("user__username", "duty")
    assert set(duties) == {("ines", "owner"), ("kwame", "assistant"), ("bruno", "assistant")}


def test_the_owner_stays_owner_when_added_again(campus: Campus) -> None:
    signed_in(campus.ines).post(reverse("assistant_add", args=[campus.offering.pk]), {"person": "ines"})
    assert CourseStaff.objects.get(offering=campus.offering, user=campus.ines).duty == "owner"


def test_a_code_is_made_shown_and_ended(campus: Campus) -> None:
    ines, page = signed_in(campus.ines), reverse("course_show", args=[campus.offering.pk])
    ines.post(reverse("code_issue", args=[campus.offering.pk]))
    code = Offering.objects.get().enrolment_code
    assert len(code) == 8
    assert code in ines.get(page).content.decode()
    assert code not in signed_in(campus.kwame).get(page).content.decode()
    assert code not in signed_in(campus.amira).get(page).content.decode()
    ines.post(reverse("code_withdraw", args=[campus.offering.pk]))
    assert code not in ines.get(page).content.decode()


def test_a_lecture_is_meant_in_the_clock_of_the_campus(campus: Campus) -> None:
    Organisation.objects.filter(pk=campus.organisation.pk).update(time_zone="Asia/Karachi")
    form = lecture_form(campus)
    signed_in(campus.ines).post(reverse("lecture_create", args=[campus.offering.pk]), form)
    lecture = Lecture.objects.latest("pk")
    assert (lecture.starts_at.hour, lecture.ends_at - lecture.starts_at) == (4, timedelta(minutes=90))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"end": "08:00"}, "end", "ends before it starts"),
        ({"end": "09:00"}, "end", "ends before it starts"),
        ({"day": "2001-01-01"}, "day", "outside Autumn"),
        ({"day": "tomorrow"}, "day", "valid date"),
        ({"start": "25:00"}, "start", "valid time"),
        ({"mode": "dream"}, "mode", "Select a valid choice"),
        ({"room": 999_999}, "room", "Select a valid choice"),
        ({"section": 1}, "section", "Select a valid choice"),
        ({"topic": "x" * 201}, "topic", "at most 200"),
    ],
)
def test_a_bad_lecture_gets_its_sentence(campus: Campus, changes: dict[str, object], field: str, words: str) -> None:
    address = reverse("lecture_create", args=[campus.offering.pk])
    response = signed_in(campus.ines).post(address, lecture_form(campus, **changes))
    assert words in " ".join(errors_of(response)[field])
    assert Lecture.objects.count() == 1


def test_a_room_of_another_organisation_cannot_be_chosen(campus: Campus) -> None:
    foreign = Room.objects.create(organisation=campus.foreign_admin.organisation, name="Lab 1")
    address = reverse("lecture_create", args=[campus.offering.pk])
    response = signed_in(campus.ines).post(address, lecture_form(campus, room=foreign.pk))
    assert set(errors_of(response)) == {"room"}


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, ["CS 204", "MA 110", "MA 120"]),
        ({"sort": "-code"}, ["MA 120", "MA 110", "CS 204"]),
        ({"sort": "title"}, ["MA 120", "CS 204", "MA 110"]),
        ({"sort": "-department"}, ["MA 120", "MA 110", "CS 204"]),
        ({"sort": "-students"}, ["CS 204", "MA 120", "MA 110"]),
        ({"sort": "organisation__slug"}, ["CS 204", "MA 110", "MA 120"]),
        ({"department": "Mathematics"}, ["MA 110", "MA 120"]),
        ({"department": "Mathematics", "sort": "-code", "q": "g"}, ["MA 120", "MA 110"]),
        ({"department": "-1"}, ["CS 204", "MA 110", "MA 120"]),
    ],
)
def test_the_address_says_which_courses_in_which_order(
    campus: Campus, admin: Client, query: dict[str, str], codes: list[str]
) -> None:
    mathematics = Department.objects.create(organisation=campus.organisation, name="Mathematics")
    for code, title in [("MA 110", "Geometry"), ("MA 120", "Algebra")]:
        course = Course.objects.create(organisation=campus.organisation, department=mathematics, code=code, title=title)
        Offering.objects.create(organisation=campus.organisation, course=course, term=campus.term)
    asked = {name: str(mathematics.pk) if value == "Mathematics" else value for name, value in query.items()}
    page = admin.get(reverse("course_list"), asked).context["page"]
    assert [offering.course.code for offering in page] == codes
