"""Looking people up: who is found by whom, in which order, and what their pages show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance.models import Course, CourseStaff, Department, Offering, User
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, enrol, person, signed_in


def names(campus: Campus, reader: User, place: str = "student_list", **query: object) -> list[str]:
    page = signed_in(reader).get(reverse(place), query)
    return [each.username for each in page.context["page"]]


def test_whoever_oversees_finds_every_student_and_a_teacher_the_own_ones(campus: Campus) -> None:
    assert names(campus, campus.admin) == names(campus, campus.auditor) == ["bilal", "omar", "amira"]
    assert names(campus, campus.ines) == names(campus, campus.kwame) == ["bilal", "amira"]
    assert names(campus, campus.other_teacher) == []
    assert names(campus, campus.foreign_admin) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ade"}, ["bilal", "omar"]),
        ({"q": "OMAR"}, ["omar"]),
        ({"q": "bilal ade"}, ["bilal"]),
        ({"q": "@aldermoor"}, ["bilal", "omar", "amira"]),
        ({"q": "<script>"}, []),
        ({"q": "x" * 100_000}, []),
        ({"sort": "-name"}, ["amira", "omar", "bilal"]),
        ({"sort": "number"}, ["amira", "bilal", "omar"]),
        ({"sort": "password"}, ["bilal", "omar", "amira"]),
        ({"department": "x"}, ["bilal", "omar", "amira"]),
        ({"page": "99"}, ["bilal", "omar", "amira"]),
    ],
)
def test_the_address_says_who_is_shown(campus: Campus, query: dict[str, str], found: list[str]) -> None:
    assert names(campus, campus.admin, **query) == found


def test_a_department_filters_and_people_without_one_come_last(campus: Campus) -> None:
    mathematics = Department.objects.create(organisation=campus.organisation, name="Mathematics")
    User.objects.filter(pk=campus.amira.pk).update(department=mathematics)
    User.objects.filter(pk=campus.outsider.pk).update(department=campus.department)
    assert names(campus, campus.admin, department=mathematics.pk) == ["amira"]
    assert names(campus, campus.admin, sort="-department") == ["amira", "omar", "bilal"]


def test_a_course_filters_the_students_for_whoever_sees_it(campus: Campus) -> None:
    assert names(campus, campus.admin, course_id=campus.offering.pk) == ["bilal", "amira"]
    assert names(campus, campus.admin, course_id=campus.offering.pk, q="amira") == ["amira"]
    for nonsense in ("0", "-1", "one", "9" * 40, "²"):
        assert names(campus, campus.admin, course_id=nonsense) == ["bilal", "omar", "amira"]
    assert names(campus, campus.foreign_admin, course_id=campus.offering.pk) == []


def test_everybody_finds_the_teachers_of_the_own_organisation(campus: Campus) -> None:
    User.objects.filter(pk=campus.other_teacher.pk).update(is_active=False)
    assert names(campus, campus.amira, "teacher_list") == ["ines", "kwame"]
    assert names(campus, campus.foreign_admin, "teacher_list") == []


def test_a_student_is_shown_in_the_courses_that_the_reader_teaches(campus: Campus) -> None:
    other = Course.objects.create(
        organisation=campus.organisation, department=campus.department, code="MA 1", title="Algebra"
    )
    algebra = Offering.objects.create(organisation=campus.organisation, course=other, term=campus.term)
    enrol(algebra, campus.amira, "0001")
    CourseStaff.objects.create(offering=algebra, user=campus.other_teacher, duty="owner")
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)])
    address = reverse("student_show", args=[campus.amira.pk])

    def courses(reader: User) -> list[str]:
        records = signed_in(reader).get(address).context["records"]
        return sorted(record.own.course.title for record in records)

    assert courses(campus.ines) == ["Databases"]
    assert courses(campus.other_teacher) == ["Algebra"]
    assert courses(campus.admin) == courses(campus.auditor) == ["Algebra", "Databases"]


def test_a_teacher_is_shown_with_what_is_taught(campus: Campus) -> None:
    page = signed_in(campus.amira).get(reverse("teacher_show", args=[campus.ines.pk])).content.decode()
    assert "Databases" in page and "ines@aldermoor.example" in page


def test_a_name_with_a_script_stays_text(campus: Campus) -> None:
    User.objects.filter(pk=campus.amira.pk).update(family_name="<script>alert(1)</script>")
    for address in (reverse("student_list"), reverse("student_show", args=[campus.amira.pk])):
        page = signed_in(campus.admin).get(address).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("place", ["student_list", "teacher_list", "student_show", "teacher_show"])
def test_the_number_of_queries_stays_when_the_rows_double(campus: Campus, place: str) -> None:
    arguments = {"student_show": [campus.amira.pk], "teacher_show": [campus.ines.pk]}.get(place, [])
    admin = signed_in(campus.admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert admin.get(reverse(place, args=arguments)).status_code == 200
        return len(found)

    before = queries()
    for number in range(30):
        course = Course.objects.create(
            organisation=campus.organisation, department=campus.department, code=f"MA {number}", title="Algebra"
        )
        offering = Offering.objects.create(organisation=campus.organisation, course=course, term=campus.term)
        enrol(offering, campus.amira, "0001")
        CourseStaff.objects.create(offering=offering, user=campus.ines, duty="owner")
        enrol(campus.offering, person(campus.organisation, f"s{number}", "student", "Noor Aziz"), f"1{number:03}")
        person(campus.organisation, f"t{number}", "teacher", "Alba Ruiz")
    assert queries() == before <= 15
