from datetime import time

import pytest

from attendance.timetable.itc2019 import MAX_BYTES, ProblemError, read_problem
from attendance.timetable.problem import ClassTime, ProblemClass, ProblemRoom
from tests.timetable.real_input import real_problem
from tests.timetable.small_problem import small_problem

BOM = b"\xef\xbb\xbf"
LAUGHS = '<!DOCTYPE problem [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE problem [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
DOCTYPE = small_problem().decode().splitlines()[1]
NAME = 'name="Tiny School"'


def refusal(content: bytes) -> str:
    with pytest.raises(ProblemError) as caught:
        read_problem(content)
    return str(caught.value)


def test_a_small_problem_is_read_completely() -> None:
    problem = read_problem(small_problem())
    assert (problem.name, problem.weeks) == ("Tiny School", 4)
    assert problem.rooms == (ProblemRoom(1, 30), ProblemRoom(2, 12))
    assert [[each.id for each in course.classes()] for course in problem.courses] == [[1, 2, 3, 4], [5]]
    assert [(student.id, student.courses) for student in problem.students] == [(1, (1, 2)), (2, (1,)), (3, (1, 2))]


def test_a_class_takes_the_first_time_and_room_of_least_penalty() -> None:
    first, second, third, *_ = read_problem(small_problem()).courses[0].classes()
    assert first == ProblemClass(1, 2, None, ClassTime("1101", "1010000", 108, 18), 1)
    assert (second.room, third.room, third.parent) == (None, 2, 1)


def test_slots_are_told_as_hours_and_minutes() -> None:
    moment = ClassTime("1101", "1010000", 109, 18)
    assert (moment.weekdays, moment.starts_at, moment.minutes) == ([0, 2], time(9, 5), 90)


def test_a_byte_order_mark_and_the_document_type_are_accepted() -> None:
    assert read_problem(BOM + small_problem()) == read_problem(small_problem())


@pytest.mark.parametrize(
    ("name", "rooms", "courses", "classes", "students", "wishes"),
    [("muni-fsps-spr17", 44, 226, 561, 865, 6715), ("muni-fi-spr17", 35, 186, 516, 1469, 9137)],
)
def test_the_competition_files_are_read_completely(
    name: str, rooms: int, courses: int, classes: int, students: int, wishes: int
) -> None:
    problem = read_problem(real_problem(name).read_bytes())
    assert problem.name == name
    assert (len(problem.rooms), len(problem.courses), len(problem.students)) == (rooms, courses, students)
    assert sum(1 for course in problem.courses for _ in course.classes()) == classes
    assert sum(len(student.courses) for student in problem.students) == wishes


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
def test_a_file_that_declares_entities_is_refused(doctype: str) -> None:
    assert refusal(small_problem((DOCTYPE, doctype), (NAME, 'name="&a;"'))).startswith("The file declares entities")


def test_a_file_that_uses_an_entity_of_the_outside_document_type_is_refused() -> None:
    assert "undefined entity" in refusal(small_problem(("<rooms>", "<rooms>&chairs;")))


def test_a_file_over_20_megabytes_is_refused() -> None:
    assert refusal(small_problem() + b" " * MAX_BYTES) == "The file is larger than 20 MB."


def test_a_file_that_is_no_xml_is_refused_with_the_place() -> None:
    assert "line 3" in refusal(small_problem(("<rooms>", ""), ("<problem", "<problem <")))
    assert "not well-formed" in refusal(b"")


@pytest.mark.parametrize("encoding", ["latin-klingon", "utf-32"])
def test_a_file_in_an_unknown_encoding_is_refused(encoding: str) -> None:
    assert "encoding" in refusal(small_problem(('encoding="UTF-8"', f'encoding="{encoding}"')))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (NAME, "", "<problem> has no name."),
        ('nrWeeks="4"', 'nrWeeks="61"', "<problem> has 61 weeks; a term has 1 to 60."),
        ('nrWeeks="4"', 'nrWeeks="0"', "<problem> has 0 weeks; a term has 1 to 60."),
        ('nrDays="7"', 'nrDays="5"', '<problem> has nrDays="5"; only 7 can be imported.'),
        ('slotsPerDay="288"', 'slotsPerDay="24"', '<problem> has slotsPerDay="24"; only 288 can be imported.'),
        ('capacity="30"', 'capacity="many"', '<room id="1"> has capacity="many"; a whole number is needed there.'),
        ('capacity="30"', 'capacity="-1"', '<room id="1"> has capacity="-1"; a whole number is needed there.'),
        ('capacity="30"', 'capacity="٣"', '<room id="1"> has capacity="٣"; a whole number is needed there.'),
        (
            'capacity="30"',
            f'capacity="{10**9}"',
            f'<room id="1"> has capacity="{10**9}"; a whole number is needed there.',
        ),
        ('<room id="1" capacity', "<room capacity", "<room> has no id."),
        ('<room id="2" capacity', '<room id="1" capacity', '<room id="1"> stands in the file twice.'),
        ('<class id="5"', '<class id="1"', '<class id="1"> stands in the file twice.'),
        ('<course id="2">', '<course id="1">', '<course id="1"> stands in the file twice.'),
        ('<subpart id="2">', '<subpart id="1">', '<subpart id="1"> stands in the file twice.'),
        ('<student id="3">', '<student id="1">', '<student id="1"> stands in the file twice.'),
        (
            '<room id="1" penalty="0"/>',
            '<room id="9" penalty="0"/>',
            '<class id="1"> names room 9, which is not among <rooms>.',
        ),
        ('<class id="2" limit="1" room="false">', '<class id="2" limit="1">', '<class id="2"> has no <room>.'),
        (' limit="2">', ">", '<class id="1"> has no limit.'),
        ('weeks="0110" penalty="0"', 'weeks="0110"', "<time> has no penalty."),
        (
            'weeks="1101"',
            'weeks="11"',
            'A <time> of <class id="1"> has weeks="11"; 4 digits 0 or 1 are needed, one of them 1.',
        ),
        (
            'weeks="1101"',
            'weeks="11x1"',
            'A <time> of <class id="1"> has weeks="11x1"; 4 digits 0 or 1 are needed, one of them 1.',
        ),
        (
            'days="1010000"',
            'days="0000000"',
            'A <time> of <class id="1"> has days="0000000"; 7 digits 0 or 1 are needed, one of them 1.',
        ),
        (
            'start="108" length="12"',
            'start="288" length="12"',
            'A <time> of <class id="2"> does not fit into a day of 288 slots.',
        ),
        (
            'start="108" length="12"',
            'start="108" length="0"',
            'A <time> of <class id="2"> does not fit into a day of 288 slots.',
        ),
        ('parent="1"', 'parent="5"', '<subpart id="2"> has a class whose parent is not in the same configuration.'),
        (
            '<class id="1" limit="2">',
            '<class id="1" limit="2" parent="3">',
            '<subpart id="1"> has classes that are their own parents in a circle.',
        ),
        (
            '<student id="2"><course id="1"/>',
            '<student id="2"><course id="7"/>',
            '<student id="2"> wants course 7, which is not among <courses>.',
        ),
        (
            '<course id="1"/><course id="2"/>',
            '<course id="2"/><course id="2"/>',
            '<student id="1"> wants a course twice.',
        ),
    ],
)
def test_a_flaw_is_named_with_the_element_it_is_in(old: str, new: str, sentence: str) -> None:
    assert refusal(small_problem((old, new))) == sentence


def test_a_class_without_a_time_is_refused() -> None:
    time_of_class_5 = '<time days="1000000" start="180" length="18" weeks="1111" penalty="0"/>'
    assert refusal(small_problem((time_of_class_5, ""))) == '<class id="5"> has no <time>.'


def test_parents_in_two_subparts_are_refused() -> None:
    third = (
        '<subpart id="9"><class id="9" limit="1" room="false" parent="{}"><time days="1000000" start="0" length="1" '
    )
    third += 'weeks="1111" penalty="0"/></class>{}</subpart></config>'
    other = third.format(1, third.format(3, "").removeprefix('<subpart id="9">').removesuffix("</subpart></config>"))
    content = small_problem(("</config>", other.replace('<class id="9"', '<class id="10"', 1)))
    assert refusal(content) == '<subpart id="9"> has classes whose parents are in different subparts.'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<timetable/>", "The file holds <timetable> where an ITC-2019 file holds <problem>."),
        (b'<problem name="x" nrDays="7" slotsPerDay="288" nrWeeks="4"/>', "<problem> has no <rooms>."),
        (
            b'<problem name="x" nrDays="7" slotsPerDay="288" nrWeeks="4"><rooms/><courses/></problem>',
            "<courses> is empty; there is nothing to import.",
        ),
        (
            b'<problem name="x" nrDays="7" slotsPerDay="288" nrWeeks="4"><rooms/><courses><course id="1"/></courses>'
            b"</problem>",
            '<course id="1"> has no <config>.',
        ),
    ],
)
def test_a_file_that_lacks_a_part_is_refused(content: bytes, sentence: str) -> None:
    assert refusal(content) == sentence
