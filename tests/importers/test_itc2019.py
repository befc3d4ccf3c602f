"""Timetabling problems as records, and hostile files at the same door."""

import io
import random
from collections import Counter
from datetime import date

import pytest

from attendance.importers.bundle import open_bundle
from attendance.importers.itc2019 import problem_in
from attendance.importers.records import Kind, Place, Reading, Record, UnreadableError
from attendance.importers.sources import read_itc2019
from attendance.timetable.faculty import FacultyNames
from attendance.timetable.itc2019 import MAX_BYTES
from attendance.timetable.plan import PlannedTerm
from tests.importers.files import bundle_of, zip_of
from tests.timetable.real_input import real_problem
from tests.timetable.small_problem import small_problem

TERM = PlannedTerm(name="Autumn", first_day=date(2026, 9, 14), weeks=1)
NAMES = FacultyNames(slug="tiny", name="Tiny School", time_zone="Europe/Prague", term=TERM)
DOCTYPE = (
    '<!DOCTYPE problem PUBLIC "-//ITC 2019//DTD Problem Format/EN" "http://www.itc2019.org/competition-format.dtd">'
)


def reading(content: bytes) -> Reading:
    return read_itc2019(bundle_of({"tiny.xml": content}), names=NAMES)


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableError) as raised:
        reading(content)
    return str(raised.value)


def records(kind: Kind, content: bytes) -> list[Record]:
    return [record for record in reading(content).records if record.kind == kind]


def test_every_record_keeps_what_is_there_and_names_the_file() -> None:
    found = reading(small_problem())
    assert {(record.keeps, record.ends, record.place) for record in found.records} == {
        (True, False, Place("tiny.xml", 0))
    }
    assert found.refused == ()


def test_enrolments_over_a_limit_are_noted() -> None:
    assert reading(small_problem()).notes == ("Enrolments over the limit of a section: 1.",)
    assert reading(small_problem(('<class id="5" limit="1">', '<class id="5" limit="2">'))).notes == ()


def test_the_term_has_the_weeks_of_the_problem() -> None:
    (term,) = records(Kind.TERM, small_problem())
    assert (term.key, term.fields) == (("Autumn",), {"first_day": "2026-09-14", "last_day": "2026-10-11"})


def test_rooms_courses_sections_and_meetings_are_named_as_in_the_plan() -> None:
    keys = {kind: [record.key for record in records(kind, small_problem())] for kind in Kind}
    assert keys[Kind.ROOM] == [("Room 1",), ("Room 2",)]
    assert keys[Kind.COURSE] == [("C001",), ("C002",)]
    assert keys[Kind.OFFERING] == [("C001", "Autumn"), ("C002", "Autumn")]
    assert keys[Kind.SECTION][0] == ("C001", "Autumn", "Lecture 1")
    assert keys[Kind.MEETING][:2] == [("C001", "Autumn", "Lecture 1", day, "09:00") for day in ("0", "2")]
    assert keys[Kind.STAFF][0] == ("C001", "Autumn", "T002", "", "")
    assert (keys[Kind.LECTURE], keys[Kind.INSTITUTION]) == ([], [])


def test_a_meeting_without_a_room_says_so() -> None:
    rooms = [record.fields["room"] for record in records(Kind.MEETING, small_problem())]
    assert rooms == ["Room 1", "Room 1", None, "Room 2", "Room 2", "Room 1"]


def test_people_have_names_and_a_wish_for_a_user_name_and_no_address() -> None:
    people = {record.key: record.fields for record in records(Kind.PERSON, small_problem())}
    student, teacher = people["0000001",], people["T002",]
    assert (student["role"], student["username"], student["department"]) == ("student", "s0000001", None)
    assert (teacher["role"], teacher["username"], teacher["department"]) == ("teacher", "t002", "Education")
    assert all(fields["family_name"] and "email" not in fields for fields in people.values())


def test_enrolments_leave_roll_numbers_to_whoever_stores_them() -> None:
    enrolments = {record.key: record.fields for record in records(Kind.ENROLMENT, small_problem())}
    assert enrolments["C001", "Autumn", "0000001"] == {"sections": ["Lecture 1", "Seminar 1"]}
    assert len(enrolments) == 5


@pytest.mark.parametrize(
    ("name", "rooms", "courses", "sections", "students", "enrolments"),
    [("muni-fsps-spr17", 44, 226, 561, 865, 6715), ("muni-fi-spr17", 35, 186, 516, 1469, 9137)],
)
def test_a_real_problem_is_read_as_a_whole(
    name: str, rooms: int, courses: int, sections: int, students: int, enrolments: int
) -> None:
    found = read_itc2019(open_bundle(real_problem(name)), names=NAMES)
    count = Counter(record.kind for record in found.records)
    assert (count[Kind.ROOM], count[Kind.COURSE], count[Kind.SECTION]) == (rooms, courses, sections)
    assert count[Kind.ENROLMENT] == enrolments
    assert sum(record.fields.get("role") == "student" for record in found.records) == students
    assert len({(record.kind, record.key) for record in found.records}) == len(found.records)


# --- Hostile files ----------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10 if number else "ha"}">' for number in range(10))
BILLION = f"<!DOCTYPE problem [{LAUGHS}]>"
OUTSIDE = '<!DOCTYPE problem [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BILLION, OUTSIDE])
def test_entities_are_never_expanded(doctype: str) -> None:
    content = small_problem((DOCTYPE, doctype), ("Tiny School", "&l9;"))
    assert refusal(content) == "The file declares entities, which are never expanded; remove them."


def test_a_file_over_20_megabytes_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(UnreadableError, match="larger than 20 MB"):
        open_bundle(io.BytesIO(small_problem() + b" " * MAX_BYTES), "huge.xml")


def test_a_file_over_20_megabytes_in_a_small_zip_is_refused_too() -> None:
    noise = random.Random(1).randbytes(350_000)
    small = zip_of({"huge.xml": small_problem() + b" " * MAX_BYTES, "noise.bin": noise})
    with pytest.raises(UnreadableError) as raised:
        problem_in(open_bundle(io.BytesIO(small), "huge.zip"))
    assert str(raised.value) == "The file is larger than 20 MB."


@pytest.mark.parametrize("content", [b"\0", b"<", b"<problem/>", b"\xff\xfe<\0", b"<problem>" * 10_000])
def test_what_is_no_problem_is_refused_with_a_sentence(content: bytes) -> None:
    assert refusal(content).endswith(".")


def test_a_bundle_has_one_problem() -> None:
    with pytest.raises(UnreadableError) as raised:
        problem_in(bundle_of({"a.xml": small_problem(), "b.xml": small_problem()}))
    assert str(raised.value) == "There has to be one XML file in it; there are 2."


def test_a_course_that_nobody_can_take_is_named() -> None:
    split = small_problem(('<class id="4"', '</subpart><subpart id="9"><class id="4"'))
    assert refusal(split) == "Course 1 has no choice of classes that agrees with their parents."
