"""Each list is what the database says: cold, warm, and after each write of something it shows."""

from datetime import timedelta

import pytest
from django.db import models

from attendance import clock
from attendance.caching import rounds
from attendance.models import (
    Course,
    CourseStaff,
    Department,
    Enrolment,
    Lecture,
    Offering,
    Room,
    Section,
    Term,
    User,
)
from attendance.queries.directories import course_list, lecture_detail, student_list, teacher_list
from tests.cast import Campus, enrol, person
from tests.queries.conftest import LEFT_ALONE, Reading, Write, open_check_in, organisation_elsewhere

READINGS = {
    "courses": Reading(course_list),
    "students": Reading(student_list),
    "teachers": Reading(teacher_list),
    "lecture": Reading(
        lecture_detail, lambda campus: {"lecture": campus.lecture.pk, "organisation": campus.organisation.pk.hex}
    ),
}
QUERIES = {"courses": 2, "students": 1, "teachers": 1, "lecture": 1}


# --- What each shows --------------------------------------------------------------------------------------------------


def set_columns(row: models.Model, **columns: object) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**columns)


def mathematics(_campus: Campus) -> Department:
    return Department.objects.get(name="Mathematics")


def spring(_campus: Campus) -> Term:
    return Term.objects.get(name="Spring")


def compilers(_campus: Campus) -> Course:
    return Course.objects.get(code="CS 310")


def garden_room(_campus: Campus) -> Room:
    return Room.objects.get(name="Garden room")


def friday(_campus: Campus) -> Section:
    return Section.objects.get(name="Friday")


def compilers_offered(campus: Campus) -> Offering:
    return Offering.objects.create(organisation=campus.organisation, course=compilers(campus), term=campus.term)


COURSES_SHOW: dict[str, Write] = {
    "code": lambda campus: set_columns(campus.course, code="CS 205"),
    "title": lambda campus: set_columns(campus.course, title="Databases I"),
    "department": lambda campus: set_columns(campus.course, department=mathematics(campus)),
    "name of the department": lambda campus: set_columns(campus.department, name="Computing"),
    "archiving": lambda campus: set_columns(campus.course, archived_at=clock.now()),
    "term": lambda campus: set_columns(campus.offering, term=spring(campus)),
    "name of the term": lambda campus: set_columns(campus.term, name="Michaelmas"),
    "course": lambda campus: set_columns(campus.offering, course=compilers(campus)),
    "one more": compilers_offered,
    "a student more": lambda campus: enrol(campus.offering, campus.outsider, "0003"),
    "a student fewer": lambda campus: Enrolment.objects.filter(student=campus.bilal).delete(),
    "an owner more": lambda campus: CourseStaff.objects.create(
        offering=campus.offering, user=campus.other_teacher, duty="owner"
    ),
    "an owner fewer": lambda campus: CourseStaff.objects.filter(user=campus.ines).delete(),
    "an owner who assists now": lambda campus: CourseStaff.objects.filter(user=campus.ines).update(duty="assistant"),
    "another owner": lambda campus: CourseStaff.objects.filter(user=campus.ines).update(user=campus.other_teacher),
    "given name of the owner": lambda campus: set_columns(campus.ines, given_name="Inês"),
    "family name of the owner": lambda campus: set_columns(campus.ines, family_name="Ferreira Costa"),
}
LECTURE_SHOWS: dict[str, Write] = {
    "start": lambda campus: set_columns(campus.lecture, starts_at=campus.lecture.starts_at - timedelta(minutes=5)),
    "end": lambda campus: set_columns(campus.lecture, ends_at=campus.lecture.ends_at + timedelta(minutes=5)),
    "mode": lambda campus: set_columns(campus.lecture, mode="online"),
    "topic": lambda campus: set_columns(campus.lecture, topic="Indexes"),
    "cancelling": lambda campus: set_columns(campus.lecture, cancelled_at=clock.now()),
    "offering": lambda campus: set_columns(campus.lecture, offering=compilers_offered(campus)),
    "course": lambda campus: set_columns(campus.offering, course=compilers(campus)),
    "code": lambda campus: set_columns(campus.course, code="CS 205"),
    "title": lambda campus: set_columns(campus.course, title="Databases I"),
    "term": lambda campus: set_columns(campus.offering, term=spring(campus)),
    "name of the term": lambda campus: set_columns(campus.term, name="Michaelmas"),
    "room": lambda campus: set_columns(campus.lecture, room=garden_room(campus)),
    "no room": lambda campus: set_columns(campus.lecture, room=None),
    "name of the room": lambda campus: set_columns(campus.room, name="Hall B-13"),
    "section": lambda campus: set_columns(campus.lecture, section=friday(campus)),
    "name of the section": lambda _campus: Section.objects.filter(name="Tuesday").update(name="Wednesday"),
    "organisation": lambda campus: set_columns(campus.lecture, organisation=organisation_elsewhere(campus)),
    "its end": lambda campus: campus.lecture.delete(),
}


def person_shows(who: str, role: str, other_role: str) -> dict[str, Write]:
    """Return the writes that a directory shows of one person of that role, and of others who come and go."""

    def of(campus: Campus) -> User:
        found: User = getattr(campus, who)
        return found

    return {
        "number": lambda campus: set_columns(of(campus), number="A-1"),
        "given name": lambda campus: set_columns(of(campus), given_name="Ana"),
        "family name": lambda campus: set_columns(of(campus), family_name="Abel"),
        "e-mail": lambda campus: set_columns(of(campus), email="ana@aldermoor.example"),
        "leave to log in": lambda campus: set_columns(of(campus), is_active=False),
        "department": lambda campus: set_columns(of(campus), department=mathematics(campus)),
        "no department": lambda campus: set_columns(of(campus), department=None),
        "name of the department": lambda campus: set_columns(campus.department, name="Computing"),
        "role": lambda campus: set_columns(of(campus), role=other_role),
        "organisation": lambda campus: set_columns(of(campus), organisation=organisation_elsewhere(campus)),
        "one more": lambda campus: person(campus.organisation, "noor", role, "Noor Aziz"),
        "one from elsewhere": lambda campus: set_columns(
            campus.foreign_admin, role=role, organisation=campus.organisation
        ),
        "one who became one": lambda campus: set_columns(campus.auditor, role=role),
    }


SHOWN = {
    "courses": COURSES_SHOW,
    "students": person_shows("amira", "student", "auditor"),
    "teachers": person_shows("ines", "teacher", "admin"),
    "lecture": LECTURE_SHOWS,
}


@pytest.mark.parametrize(("name", "what"), [(name, what) for name, writes in SHOWN.items() for what in writes])
def test_what_is_shown_is_seen_at_once(town: Campus, name: str, what: str) -> None:
    reading = READINGS[name]
    assert rounds.run_now()
    before = reading.now(town)
    assert before == reading.now(town) == reading.truth(town)

    SHOWN[name][what](town)

    assert reading.now(town) == reading.truth(town) != before


@pytest.mark.parametrize("name", ["courses", "students", "teachers"])
def test_one_that_was_deleted_is_gone_at_once(town: Campus, name: str) -> None:
    added: models.Model = {
        "courses": lambda: compilers_offered(town),
        "students": lambda: person(town.organisation, "noor", "student", "Noor Aziz"),
        "teachers": lambda: person(town.organisation, "noor", "teacher", "Noor Aziz"),
    }[name]()
    key = added.pk
    assert rounds.run_now()
    before = READINGS[name].now(town)
    assert key in [row["id"] for row in before]
    added.delete()

    assert READINGS[name].now(town) == READINGS[name].truth(town) == [row for row in before if row["id"] != key]


# --- What leaves them alone -------------------------------------------------------------------------------------------

UNSHOWN: dict[str, dict[str, Write]] = {
    "courses": {
        "a lecture": lambda campus: campus.lecture_at(clock.now()),
        "a check-in": lambda campus: open_check_in(campus.lecture, campus.ines),
        "a room": lambda campus: set_columns(campus.room, name="Hall B-13"),
        "a rule of the organisation": lambda campus: set_columns(campus.organisation, session_minutes=20),
    },
    "students": {
        "an enrolment": lambda campus: enrol(campus.offering, campus.outsider, "0003"),
        "a duty": lambda campus: CourseStaff.objects.filter(user=campus.ines).delete(),
        "a course": compilers_offered,
        "a lecture": lambda campus: campus.lecture_at(clock.now()),
    },
    "teachers": {
        "a duty": lambda campus: CourseStaff.objects.filter(user=campus.ines).delete(),
        "a check-in": lambda campus: open_check_in(campus.lecture, campus.ines),
    },
    "lecture": {
        "a check-in": lambda campus: open_check_in(campus.lecture, campus.ines),
        "another lecture": lambda campus: campus.lecture_at(clock.now()),
        "an enrolment": lambda campus: enrol(campus.offering, campus.outsider, "0003"),
        "a person": lambda campus: person(campus.organisation, "noor", "student", "Noor Aziz"),
    },
}


@pytest.mark.parametrize(
    ("name", "what"), [(name, what) for name in READINGS for what in {**LEFT_ALONE, **UNSHOWN[name]}]
)
def test_what_is_not_shown_leaves_it_a_hit(town: Campus, name: str, what: str) -> None:
    reading = READINGS[name]
    reading.queries(town)
    {**LEFT_ALONE, **UNSHOWN[name]}[what](town)

    assert reading.queries(town) == 0
    assert reading.now(town) == reading.truth(town)


# --- Queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READINGS)
def test_a_cold_one_takes_its_queries_and_a_warm_one_none(town: Campus, name: str) -> None:
    assert READINGS[name].queries(town) == QUERIES[name]
    assert READINGS[name].queries(town) == 0


@pytest.mark.parametrize("name", READINGS)
def test_twice_the_rows_take_the_same_queries(town: Campus, name: str) -> None:
    for number in range(5):
        course = Course.objects.create(
            organisation=town.organisation, department=town.department, code=f"MA {number}", title="Algebra"
        )
        offering = Offering.objects.create(organisation=town.organisation, course=course, term=town.term)
        enrol(offering, person(town.organisation, f"student{number}", "student", "Noor Aziz"), "0001")
        owner = person(town.organisation, f"teacher{number}", "teacher", "Alba Ruiz")
        CourseStaff.objects.create(offering=offering, user=owner, duty="owner")
        town.lecture_at(clock.now() + timedelta(days=number))

    assert READINGS[name].queries(town) == QUERIES[name]


# --- Nothing ----------------------------------------------------------------------------------------------------------


def test_that_there_is_no_such_lecture_is_remembered_until_there_is_one(town: Campus) -> None:
    own, missing = town.organisation.pk.hex, town.lecture.pk + 1000
    nothing = Reading(lecture_detail, lambda _campus: {"organisation": own, "lecture": missing})
    assert rounds.run_now()
    assert nothing.now(town) is None
    assert nothing.queries(town) == 0

    Lecture.objects.create(
        pk=missing,
        organisation=town.organisation,
        offering=town.offering,
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(hours=1),
    )
    assert nothing.now(town)["id"] == missing


def test_a_lecture_is_nothing_to_another_organisation(town: Campus) -> None:
    there = Reading(
        lecture_detail,
        lambda campus: {"organisation": organisation_elsewhere(campus).pk.hex, "lecture": campus.lecture.pk},
    )
    READINGS["lecture"].now(town)

    assert there.now(town) is None
    assert there.queries(town) == 0


def test_lists_of_an_organisation_without_rows_are_empty_and_remembered(town: Campus) -> None:
    for accessor in (course_list, student_list, teacher_list):
        there = Reading(accessor, lambda campus: {"organisation": organisation_elsewhere(campus).pk.hex})
        assert there.now(town) == []
        assert there.queries(town) == 0
