"""Enrolling: codes that end, roll numbers that are free, each student once."""

from datetime import timedelta

import pytest
from time_machine import TimeMachineFixture

from attendance import clock
from attendance.models import Course, Enrolment, Offering, User
from attendance.services.enrolment import (
    ALPHABET,
    AlreadyEnrolledRefusal,
    UnknownCodeRefusal,
    enrol,
    enrol_with_code,
    issue_code,
    try_code,
    withdraw_code,
)
from attendance.services.refusals import Refusal
from tests.cast import Campus, person
from tests.sign_in.acts import at_once, wait

ADDRESS = "192.0.2.7"


def code_of(campus: Campus) -> str:
    return issue_code(offering=campus.offering, actor=campus.ines).enrolment_code


def another_offering(campus: Campus) -> Offering:
    course = Course.objects.create(
        organisation=campus.organisation, department=campus.department, code="MA 210", title="Linear Algebra"
    )
    return Offering.objects.create(organisation=campus.organisation, course=course, term=campus.term)


def test_a_code_has_eight_characters_that_cannot_be_mistaken(campus: Campus) -> None:
    codes = {code_of(campus) for _time in range(50)}
    assert len(codes) == 50
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1ILU")


def test_a_code_ends_after_as_many_days_as_were_given(campus: Campus, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-11-19 09:00:00+00:00", tick=False)
    code_of(campus)
    assert Offering.objects.get(pk=campus.offering.pk).enrolment_code_expires_at == clock.now() + timedelta(days=14)
    issue_code(offering=campus.offering, actor=campus.ines, days=2)
    assert Offering.objects.get(pk=campus.offering.pk).enrolment_code_expires_at == clock.now() + timedelta(days=2)


def test_a_code_that_another_course_has_is_not_given_twice(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("AAAAAAAA" + "AAAAAAAA" + "BBBBBBBB")
    monkeypatch.setattr("attendance.services.enrolment.secrets.choice", lambda _alphabet: next(letters))
    assert code_of(campus) == "AAAAAAAA"
    assert issue_code(offering=another_offering(campus), actor=campus.ines).enrolment_code == "BBBBBBBB"


def test_a_student_enrols_with_the_code(campus: Campus) -> None:
    enrolment = enrol_with_code(student=campus.outsider, code=code_of(campus))
    assert (enrolment.offering, enrolment.student, enrolment.roll_number) == (campus.offering, campus.outsider, "0003")


def test_case_spaces_and_dashes_do_not_matter(campus: Campus) -> None:
    code = code_of(campus).lower()
    assert enrol_with_code(student=campus.outsider, code=f" {code[:4]}-{code[4:6]} {code[6:]} ").pk


def test_codes_that_are_worth_nothing_get_one_answer(campus: Campus, time_machine: TimeMachineFixture) -> None:
    said = []

    def try_it(code: str, student: User = campus.outsider) -> None:
        with pytest.raises(UnknownCodeRefusal) as refusal:
            enrol_with_code(student=student, code=code)
        said.append(str(refusal.value))

    first = code_of(campus)
    present = code_of(campus)
    foreign_student = person(campus.foreign_admin.organisation, "zara", "student", "Zara Aziz")
    try_it(first)
    try_it(present, foreign_student)
    try_it("")
    try_it("--")
    try_it("ZZZZZZZZ")
    wait(time_machine, timedelta(days=14))
    try_it(present)
    withdraw_code(offering=campus.offering, actor=campus.ines)
    try_it(present)
    assert set(said) == {"No course has this code now. Codes end; ask your teacher for the present one."}
    assert Enrolment.objects.count() == 2


def test_who_is_in_the_course_is_told_so_and_which_it_is(campus: Campus) -> None:
    with pytest.raises(AlreadyEnrolledRefusal, match="You are in CS 204 Databases already") as refusal:
        enrol_with_code(student=campus.amira, code=code_of(campus))
    assert refusal.value.offering == campus.offering
    assert campus.amira.enrolments.count() == 1


@pytest.mark.parametrize("who", ["ines", "auditor", "admin", "foreign_admin"])
def test_only_students_of_the_institution_are_enrolled(campus: Campus, who: str) -> None:
    somebody: User = getattr(campus, who)
    with pytest.raises(Refusal, match="is no student of University of Aldermoor"):
        enrol(offering=campus.offering, student=somebody, actor=campus.admin)
    assert not somebody.enrolments.exists()


def test_a_student_who_assists_in_a_course_is_not_enrolled_in_it(campus: Campus) -> None:
    campus.offering.staff.create(user=campus.outsider, duty="assistant")
    with pytest.raises(Refusal, match="works on this course"):
        enrol(offering=campus.offering, student=campus.outsider, actor=campus.admin)


@pytest.mark.parametrize(
    ("numbers", "following"),
    [([], "0001"), (["0001", "0007"], "0008"), (["9999"], "10000"), (["B-12"], "0001"), (["9" * 20], "0001")],
)
def test_the_next_roll_number_follows_the_highest(campus: Campus, numbers: list[str], following: str) -> None:
    Enrolment.objects.all().delete()
    for number in numbers:
        student = person(campus.organisation, f"s{number}", "student", "Somebody Else")
        enrol(offering=campus.offering, student=student, actor=campus.admin, roll_number=number)
    enrolment = enrol(offering=campus.offering, student=campus.outsider, actor=campus.admin)
    assert enrolment.roll_number == following


def test_a_roll_number_is_given_once(campus: Campus) -> None:
    with pytest.raises(Refusal, match="Roll number 0001 is taken"):
        enrol(offering=campus.offering, student=campus.outsider, actor=campus.admin, roll_number="0001")
    elsewhere = another_offering(campus)
    assert enrol(offering=elsewhere, student=campus.outsider, actor=campus.admin, roll_number="0001").pk


@pytest.mark.django_db(transaction=True)
def test_students_who_enrol_at_once_get_numbers_in_a_row(campus: Campus) -> None:
    code = code_of(campus)
    students = [person(campus.organisation, f"s{each}", "student", f"Student {each}") for each in range(8)]
    enrolments = at_once(8, lambda each: enrol_with_code(student=students[each], code=code))
    assert sorted(enrolment.roll_number for enrolment in enrolments) == [f"{number:04d}" for number in range(3, 11)]


@pytest.mark.django_db(transaction=True)
def test_a_student_who_enrols_twice_at_once_is_enrolled_once(campus: Campus) -> None:
    code = code_of(campus)

    def press(_each: int) -> str:
        try:
            return enrol_with_code(student=campus.outsider, code=code).roll_number
        except AlreadyEnrolledRefusal:
            return "already"

    assert sorted(at_once(4, press)) == ["0003", "already", "already", "already"]


def test_after_ten_wrong_codes_even_the_right_one_waits(campus: Campus, time_machine: TimeMachineFixture) -> None:
    code = code_of(campus)
    for _time in range(10):
        assert try_code(student=campus.outsider, code="ZZZZZZZZ", address=ADDRESS)[0] is None
    enrolment, attempt = try_code(student=campus.outsider, code=code, address=ADDRESS)
    assert enrolment is None
    assert not attempt.admitted
    wait(time_machine, timedelta(hours=1))
    assert try_code(student=campus.outsider, code=code, address=ADDRESS)[0] is not None


def test_a_known_code_does_not_excuse_wrong_ones(campus: Campus) -> None:
    code = code_of(campus)
    for _time in range(9):
        try_code(student=campus.amira, code="ZZZZZZZZ", address=ADDRESS)
        with pytest.raises(AlreadyEnrolledRefusal):
            try_code(student=campus.amira, code=code, address=ADDRESS)
    assert try_code(student=campus.amira, code="ZZZZZZZZ", address=ADDRESS)[1].left == 0


@pytest.mark.parametrize(("sections", "joined"), [(["Lecture 1"], ["Lecture 1"]), (["Seminar 1", "Seminar 2"], [])])
def test_a_student_joins_the_only_section(campus: Campus, sections: list[str], joined: list[str]) -> None:
    for name in sections:
        campus.offering.sections.create(name=name)
    enrolment = enrol(offering=campus.offering, student=campus.outsider, actor=campus.ines)
    assert [section.name for section in enrolment.sections.all()] == joined
