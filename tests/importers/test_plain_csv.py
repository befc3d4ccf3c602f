"""CSV files of our own format: what becomes of good rows, and the sentence for each bad one."""

import csv
import io
import string
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from attendance.importers.plain_csv import read_plain_csv
from attendance.importers.records import Kind, Place, Reading, Record, UnreadableError
from attendance.importers.sheets import SHEETS, STATUS_OF_LETTER
from attendance.models import (
    Course,
    CourseStaff,
    Department,
    Enrolment,
    Holiday,
    Lecture,
    Meeting,
    Organisation,
    Room,
    Section,
    Status,
    Term,
    User,
)
from tests.importers.files import bundle_of


def reading(name: str, text: str, **options: str) -> Reading:
    return read_plain_csv(bundle_of({f"{name}.csv": text}), **options)


def refusal(name: str, header: str, row: str) -> tuple[int, str, str]:
    """Return line, field and sentence of the only row, which has to be refused."""
    found = reading(name, f"{header}\n{row}\n")
    (refused,) = found.refused
    assert found.records == ()
    return refused.place.line, refused.field, refused.reason


# --- Good rows --------------------------------------------------------------------------------------------------

GOOD: list[tuple[str, str, str, tuple[str, ...], dict[str, Any]]] = [
    (
        "institution",
        "name,time_zone,at_risk_percent,warning_percent,late_after_minutes,session_minutes,school_year_month,school_year_day",
        "Alpha University,Europe/Prague,75,70,10,15,9,1",
        (),
        {
            "name": "Alpha University",
            "time_zone": "Europe/Prague",
            "at_risk_percent": 75,
            "warning_percent": 70,
            "late_after_minutes": 10,
            "session_minutes": 15,
            "school_year_month": 9,
            "school_year_day": 1,
        },
    ),
    ("departments", "name", "Informatics", ("Informatics",), {}),
    ("rooms", "name,capacity,archived", "A1,30,no", ("A1",), {"capacity": 30, "archived": False}),
    ("rooms", "name,capacity,archived", "A1,,", ("A1",), {"capacity": None}),
    ("rooms", "name", "قاعة ١", ("قاعة ١",), {}),
    (
        "terms",
        "name,first_day,last_day",
        "Autumn 2026,2026-09-14,2026-12-18",
        ("Autumn 2026",),
        {"first_day": "2026-09-14", "last_day": "2026-12-18"},
    ),
    (
        "holidays",
        "name,first_day,last_day",
        "Republic Day,2026-10-28,2026-10-28",
        ("2026-10-28", "Republic Day"),
        {"last_day": "2026-10-28"},
    ),
    (
        "people",
        "number,role,family_name,given_name,username,email,department,active",
        "S001,student,Haddad,Amira,Amira.H,amira@alpha.example,Informatics,yes",
        ("S001",),
        {
            "role": "student",
            "family_name": "Haddad",
            "given_name": "Amira",
            "username": "amira.h",
            "email": "amira@alpha.example",
            "department": "Informatics",
            "active": True,
        },
    ),
    (
        "people",
        "number,role,family_name,given_name,username,email,department,active",
        "S001,Auditor,Haddad,,,,,",
        ("S001",),
        {"role": "auditor", "family_name": "Haddad", "given_name": "", "email": "", "department": None},
    ),
    (
        "courses",
        "code,title,department,archived",
        "IN101,Programming,Informatics,YES",
        ("IN101",),
        {"title": "Programming", "department": "Informatics", "archived": True},
    ),
    (
        "offerings",
        "course,term,late_weight,left_early_weight,remote_weight,blank_counts_absent,drop_lowest",
        "IN101,Autumn 2026,80,50,100,yes,2",
        ("IN101", "Autumn 2026"),
        {
            "late_weight": 80,
            "left_early_weight": 50,
            "remote_weight": 100,
            "blank_counts_absent": True,
            "drop_lowest": 2,
        },
    ),
    ("sections", "course,term,name,limit", "IN101,T,Seminar 1,24", ("IN101", "T", "Seminar 1"), {"limit": 24}),
    (
        "enrolments",
        "course,term,number,roll_number,from_day,until_day,sections",
        "IN101,T,S001,7,2026-09-14,,Seminar 1; Lab 2;Seminar 1;",
        ("IN101", "T", "S001"),
        {"roll_number": "7", "from_day": "2026-09-14", "until_day": None, "sections": ["Seminar 1", "Lab 2"]},
    ),
    (
        "enrolments",
        "course,term,number,roll_number,sections",
        "IN101,T,S001,,",
        ("IN101", "T", "S001"),
        {"sections": []},
    ),
    (
        "meetings",
        "course,term,section,weekday,starts_at,minutes,weeks,room",
        "IN101,T,,Monday,9:00,90,110111,A1",
        ("IN101", "T", "", "0", "09:00"),
        {"minutes": 90, "weeks": "110111", "room": "A1"},
    ),
    (
        "meetings",
        "course,term,weekday,starts_at,minutes,weeks",
        "IN101,T,7,09:00:00,90,1",
        ("IN101", "T", "", "6", "09:00"),
        {"minutes": 90, "weeks": "1"},
    ),
    (
        "lectures",
        "course,term,section,planned_for,starts_at,ends_at,room,mode,topic,cancelled",
        "IN101,T,Lab,2026-09-14T09:00,2026-09-15 10:00,2026-09-15T11:30:00,,Online,Loops,no",
        ("IN101", "T", "Lab", "2026-09-14T09:00"),
        {
            "starts_at": "2026-09-15T10:00",
            "ends_at": "2026-09-15T11:30",
            "room": None,
            "mode": "online",
            "topic": "Loops",
            "cancelled": False,
        },
    ),
    (
        "lectures",
        "course,term,starts_at,ends_at",
        "IN101,T,2026-09-14T09:00:30,2026-09-14T10:30+02:00",
        ("IN101", "T", "", "2026-09-14T09:00:30"),
        {"starts_at": "2026-09-14T09:00:30", "ends_at": "2026-09-14T08:30+00:00"},
    ),
    ("staff", "course,term,number,duty", "IN101,T,T01,owner", ("IN101", "T", "T01", "", ""), {"duty": "owner"}),
    (
        "staff",
        "course,term,number,duty,section,planned_for",
        "IN101,T,T01,substitute,Lab,2026-09-14T09:00Z",
        ("IN101", "T", "T01", "Lab", "2026-09-14T09:00+00:00"),
        {"duty": "substitute"},
    ),
    (
        "marks",
        "course,term,section,planned_for,number,status,at",
        "IN101,T,,2026-09-14T09:00,S001,d,2026-09-14T09:04:05.123456+02:00",
        ("IN101", "T", "", "2026-09-14T09:00", "S001"),
        {"status": "left_early", "at": "2026-09-14T07:04:05.123456+00:00"},
    ),
    (
        "marks",
        "course,term,starts_at,number,status",
        "IN101,T,2026-09-14T09:00,S001,Left early",
        ("IN101", "T", "", "2026-09-14T09:00", "S001"),
        {"status": "left_early"},
    ),
]


@pytest.mark.parametrize(("name", "header", "row", "key", "fields"), GOOD)
def test_a_good_row_is_a_record(name: str, header: str, row: str, key: tuple[str, ...], fields: dict[str, Any]) -> None:
    kind, file = SHEETS[name].kind, f"{name}.csv"

    expected = Record(kind=kind, key=key, fields=fields, place=Place(file, 2))
    assert reading(name, f"{header}\n{row}\n") == Reading(records=(expected,))


def test_every_file_and_column_is_among_the_good_rows() -> None:
    tried = {
        name: {column for each, header, *_ in GOOD if each == name for column in header.split(",")} for name in SHEETS
    }
    assert tried == {name: {column.name for column in sheet.columns} for name, sheet in SHEETS.items()}
    assert {sheet.kind for sheet in SHEETS.values()} == set(Kind)


@pytest.mark.parametrize("status", Status)
def test_every_mark_is_read_by_its_word_and_its_letter(status: Status) -> None:
    rows = (
        f"course,term,planned_for,number,status\nC,T,2026-09-14T09:00,1,{status}\nC,T,2026-09-14T09:00,2,{status.key}\n"
    )
    assert [record.fields["status"] for record in reading("marks", rows).records] == [status, status]
    assert STATUS_OF_LETTER[status.key] == status


LENGTHS = {
    ("institution", "name"): (Organisation, "name"),
    ("departments", "name"): (Department, "name"),
    ("rooms", "name"): (Room, "name"),
    ("terms", "name"): (Term, "name"),
    ("holidays", "name"): (Holiday, "name"),
    ("people", "number"): (User, "number"),
    ("people", "family_name"): (User, "family_name"),
    ("people", "given_name"): (User, "given_name"),
    ("people", "username"): (User, "username"),
    ("courses", "code"): (Course, "code"),
    ("courses", "title"): (Course, "title"),
    ("sections", "name"): (Section, "name"),
    ("enrolments", "roll_number"): (Enrolment, "roll_number"),
    ("lectures", "topic"): (Lecture, "topic"),
    ("enrolments", "course"): (Course, "code"),
    ("enrolments", "term"): (Term, "name"),
    ("enrolments", "number"): (User, "number"),
    ("enrolments", "sections"): (Section, "name"),
    ("lectures", "section"): (Section, "name"),
    ("lectures", "room"): (Room, "name"),
    ("people", "department"): (Department, "name"),
    ("courses", "department"): (Department, "name"),
}


@pytest.mark.parametrize(("sheet", "column"), LENGTHS)
def test_a_text_may_be_as_long_as_its_column_in_the_database(sheet: str, column: str) -> None:
    model, name = LENGTHS[sheet, column]
    longest = model._meta.get_field(name).max_length
    (shape,) = (each.shape for each in SHEETS[sheet].columns if each.name == column)
    assert shape("x" * longest) in ("x" * longest, ["x" * longest])
    with pytest.raises(ValueError, match=f"there is room for {longest}"):
        shape("x" * (longest + 1))


def test_choices_are_those_of_the_models() -> None:
    def accepted(sheet: str, column: str, words: list[str]) -> list[object]:
        (shape,) = (each.shape for each in SHEETS[sheet].columns if each.name == column)
        return [shape(word) for word in words]

    modes, duties = list(Lecture.Mode.values), list(CourseStaff.Duty.values)
    roles = [role for role in User.Role.values if role != User.Role.ADMIN]
    assert accepted("lectures", "mode", modes) == modes
    assert accepted("staff", "duty", duties) == duties
    assert accepted("people", "role", roles) == roles
    weeks = Meeting._meta.get_field("weeks").max_length
    assert accepted("meetings", "weeks", ["1" * weeks]) == ["1" * weeks]


# --- Columns and cells that are not there -----------------------------------------------------------------------


def test_a_column_that_is_missing_says_nothing() -> None:
    (record,) = reading("people", "number,role,family_name\nS1,student,Haddad\n").records
    assert dict(record.fields) == {"role": "student", "family_name": "Haddad"}


def test_cells_that_a_row_leaves_out_at_its_end_say_nothing() -> None:
    rows = "number,role,family_name,given_name,email\nS1,student,Haddad\nS2,student,Moreau,,\n"
    first, second = reading("people", rows).records
    assert dict(first.fields) == {"role": "student", "family_name": "Haddad"}
    assert dict(second.fields) == {"role": "student", "family_name": "Moreau", "given_name": "", "email": ""}


@pytest.mark.parametrize("rows", ["course,number\nIN101,S1\n", "course,term,number\nIN101,,S1\n"])
def test_the_default_term_serves_where_none_is_named(rows: str) -> None:
    (record,) = reading("enrolments", rows, default_term="Autumn 2026").records
    assert record.key == ("IN101", "Autumn 2026", "S1")


def test_a_term_that_is_named_goes_before_the_default() -> None:
    (record,) = reading("enrolments", "course,term,number\nIN101,Spring 2027,S1\n", default_term="Autumn").records
    assert record.key[1] == "Spring 2027"


def test_without_a_default_the_term_is_needed() -> None:
    with pytest.raises(UnreadableError, match="no column “term”"):
        reading("enrolments", "course,number\nIN101,S1\n")
    assert refusal("enrolments", "course,term,number", "IN101,,S1")[1] == "term"


# --- Rows that are refused --------------------------------------------------------------------------------------

EMPTY = "The cell is empty, and it has to say something."
PEOPLE = "number,role,family_name,given_name,username,email,active"
LECTURES = "course,term,starts_at,ends_at"
MEETINGS = "course,term,weekday,starts_at,minutes,weeks"
STAFF = "course,term,number,duty,section,planned_for"
MARKS = "course,term,planned_for,number,status"
NO_MOMENT = "” is no moment. Write it as 2026-09-14T09:00, or with an offset as 2026-09-14T09:00+02:00."


@pytest.mark.parametrize(
    ("name", "header", "row", "field", "sentence"),
    [
        ("departments", "name,extra", ",x", "name", EMPTY),
        ("people", PEOPLE, "S1,student", "family_name", EMPTY),
        ("people", PEOPLE, "S1,admin,Haddad", "role", "Administrators are invited, not imported."),
        ("people", PEOPLE, "S1,dean,Haddad", "role", "“dean” is none of these: student, teacher, auditor."),
        ("people", PEOPLE, "S1,student,Haddad,,,amira", "email", "“amira” is no e-mail address."),
        (
            "people",
            PEOPLE,
            "S1,student,Haddad,,a b",
            "username",
            "“a b” is no user name. Letters, digits and . @ + - _ will do.",
        ),
        (
            "people",
            PEOPLE,
            "S1,student,Haddad,,,,perhaps",
            "active",
            "“perhaps” is none of these: yes, no, true, false, 1, 0.",
        ),
        (
            "people",
            PEOPLE,
            f"{'9' * 41},student,Haddad",
            "number",
            f"“{'9' * 41}” has 41 characters; there is room for 40.",
        ),
        (
            "people",
            PEOPLE,
            f"S1,student,{'x' * 5000}",
            "family_name",
            f"“{'x' * 60}…” has 5000 characters; there is room for 100.",
        ),
        (
            "rooms",
            "name,capacity",
            "A1,many",
            "capacity",
            "“many” does not fit. Write a whole number from 0 to 100000.",
        ),
        ("rooms", "name,capacity", "A1,-5", "capacity", "“-5” does not fit. Write a whole number from 0 to 100000."),
        ("rooms", "name,capacity", "A1,3.0", "capacity", "“3.0” does not fit. Write a whole number from 0 to 100000."),
        ("rooms", "name,capacity", "A1,٣", "capacity", "“٣” does not fit. Write a whole number from 0 to 100000."),
        (
            "rooms",
            "name,capacity",
            "A1,100001",
            "capacity",
            "“100001” does not fit. Write a whole number from 0 to 100000.",
        ),
        (
            "terms",
            "name,first_day,last_day",
            "T,14.09.2026,2026-12-18",
            "first_day",
            "“14.09.2026” is no day from 2000 to 2099. Write it as 2026-09-14.",
        ),
        (
            "terms",
            "name,first_day,last_day",
            "T,2026-02-30,2026-12-18",
            "first_day",
            "“2026-02-30” is no day from 2000 to 2099. Write it as 2026-09-14.",
        ),
        (
            "terms",
            "name,first_day,last_day",
            "T,1926-09-14,2026-12-18",
            "first_day",
            "“1926-09-14” is no day from 2000 to 2099. Write it as 2026-09-14.",
        ),
        (
            "terms",
            "name,first_day,last_day",
            "T,2026-09-14,2026-09-13",
            "last_day",
            "2026-09-13 is before 2026-09-14. Write a later one.",
        ),
        (
            "enrolments",
            "course,term,number,from_day,until_day",
            "C,T,S1,2026-09-14,2026-09-13",
            "until_day",
            "2026-09-13 is before 2026-09-14. Write a later one.",
        ),
        (
            "institution",
            "name,time_zone",
            "Alpha,Prague",
            "time_zone",
            "Prague is not a time zone. Choose one such as Europe/Prague.",
        ),
        (
            "institution",
            "name,at_risk_percent,warning_percent",
            "Alpha,70,75",
            "warning_percent",
            "The warning lies at the line of risk or below it.",
        ),
        (
            "meetings",
            MEETINGS,
            "C,T,Montag,09:00,90,11",
            "weekday",
            "“Montag” is none of these: monday, tuesday, wednesday, thursday, friday, saturday, sunday, "
            "1, 2, 3, 4, 5, 6, 7.",
        ),
        ("meetings", MEETINGS, "C,T,1,24:00,90,11", "starts_at", "“24:00” is no time of day. Write it as 09:00."),
        ("meetings", MEETINGS, "C,T,1,9am,90,11", "starts_at", "“9am” is no time of day. Write it as 09:00."),
        (
            "meetings",
            MEETINGS,
            "C,T,1,09:00,0,11",
            "minutes",
            "“0” does not fit. Write a whole number from 1 to 1440.",
        ),
        *(
            (
                "meetings",
                MEETINGS,
                f"C,T,1,09:00,90,{weeks}",
                "weeks",
                f"“{weeks}” does not say in which weeks. Write a 1 or a 0 for each week of the term, as in 1111011.",
            )
            for weeks in ("1.11E+10", "000", "12")
        ),
        *(
            ("lectures", LECTURES, f"C,T,{moment},2026-09-14T10:00", "planned_for", f"“{moment}{NO_MOMENT}")
            for moment in ("2026-09-14", "2026-09-14T9:00", "2026-09-14T25:00", "2026-09-14T09:00+25:00", "noon")
        ),
        (
            "lectures",
            LECTURES,
            "C,T,2026-09-14T09:00,2026-09-14T08:00",
            "ends_at",
            "2026-09-14T08:00 is before 2026-09-14T09:00. Write a later one.",
        ),
        (
            "lectures",
            LECTURES,
            "C,T,2026-09-14T09:00,2026-09-14T09:00",
            "ends_at",
            "The lecture ends when it begins. Write a later end.",
        ),
        (
            "staff",
            STAFF,
            "C,T,T1,substitute",
            "planned_for",
            "A substitute stands in for one lecture. Write when it was planned.",
        ),
        (
            "staff",
            STAFF,
            "C,T,T1,owner,Lab",
            "section",
            "Only a substitute is named for one lecture. Leave this cell empty.",
        ),
        (
            "staff",
            STAFF,
            "C,T,T1,assistant,,2026-09-14T09:00",
            "planned_for",
            "Only a substitute is named for one lecture. Leave this cell empty.",
        ),
        (
            "marks",
            MARKS,
            "C,T,2026-09-14T09:00,S1,here",
            "status",
            "“here” is none of these: present, late, left_early, excused, remote, absent, exempt, p, l, d, e, r, a, x.",
        ),
        ("marks", MARKS, "C,T,,S1,P", "planned_for", EMPTY),
    ],
)
def test_a_row_is_refused_with_its_sentence(name: str, header: str, row: str, field: str, sentence: str) -> None:
    assert refusal(name, header, row) == (2, field, sentence)


def test_good_rows_stay_beside_refused_ones() -> None:
    found = reading("rooms", "name,capacity\nA1,30\nA2,many\nA3,12\n")
    assert [record.key for record in found.records] == [("A1",), ("A3",)]
    assert [refused.place for refused in found.refused] == [Place("rooms.csv", 3)]


def test_the_same_key_twice_keeps_the_first_and_names_its_line() -> None:
    found = reading("rooms", 'name,capacity\n"A1",30\nA2,1\nA1,12\n')
    assert [record.fields["capacity"] for record in found.records] == [30, 1]
    (refused,) = found.refused
    assert (refused.place.line, refused.field) == (4, "name")
    assert refused.reason == "The same stands in line 2 already. Take one of them away."


def test_a_moment_and_the_same_with_no_seconds_are_the_same_key() -> None:
    rows = f"{LECTURES}\nC,T,2026-09-14T09:00:00Z,2026-09-14T10:00Z\nC,T,2026-09-14T11:00+02:00,2026-09-14T10:00Z\n"
    assert [refused.place.line for refused in reading("lectures", rows).refused] == [3]


def test_an_institution_has_one_row() -> None:
    found = reading("institution", "name\nAlpha\nBeta\n")
    assert (len(found.records), [refused.place.line for refused in found.refused]) == (1, [3])


def test_sentences_speak_the_readers_language() -> None:
    with translation.override("ar"):
        (_line, _field, sentence) = refusal("people", PEOPLE, "S1,admin,Haddad")
    assert sentence == "المسؤولون يُدعَون ولا يُستوردون."


# --- Which file is about what -----------------------------------------------------------------------------------


def test_files_come_in_the_order_in_which_rows_build_on_each_other() -> None:
    found = read_plain_csv(
        bundle_of(
            {
                "courses.csv": "code,title,department\nIN101,Programming,Informatics\n",
                "Departments.CSV": "name\nInformatics\n",
                "rooms.csv": "name\nA1\n",
            }
        )
    )
    assert [record.kind for record in found.records] == [Kind.DEPARTMENT, Kind.ROOM, Kind.COURSE]


@pytest.mark.parametrize(("name", "header"), {(name, header) for name, header, *_ in GOOD if header.count(",") > 2})
def test_a_file_of_any_name_is_known_by_its_header(name: str, header: str) -> None:
    row = next(row for _name, each, row, *_ in GOOD if each == header)
    (record,) = reading("Export (3)", f"{header}\n{row}\n").records
    assert record.kind == SHEETS[name].kind


def test_a_file_that_may_be_about_several_things_is_not_guessed() -> None:
    with pytest.raises(UnreadableError) as raised:
        reading("days", "name,first_day,last_day\nAutumn,2026-09-14,2026-12-18\n")
    assert (
        str(raised.value) == "What days.csv is about cannot be told. Name it as one of these: terms.csv, holidays.csv."
    )


@pytest.mark.parametrize("header", ["colour,shape", ""])
def test_a_file_about_nothing_known_is_refused_with_all_names(header: str) -> None:
    with pytest.raises(UnreadableError, match="one of these: institution"):
        reading("things", f"{header}\nred,round\n")


def test_two_files_about_the_same_are_refused() -> None:
    with pytest.raises(UnreadableError) as raised:
        read_plain_csv(bundle_of({"rooms.csv": "name\nA1\n", "more.csv": "name,capacity,archived\nA2,3,no\n"}))
    assert str(raised.value) == "more.csv and rooms.csv are both about rooms. Put their rows into one."


def test_other_files_are_left_aside_with_a_note() -> None:
    found = read_plain_csv(bundle_of({"rooms.csv": "name\nA1\n", "plan.pdf": "%PDF"}))
    assert (len(found.records), found.notes) == (1, ("plan.pdf was not read; it is no CSV file.",))


def test_a_bundle_without_any_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="no CSV file in it"):
        read_plain_csv(bundle_of({"a.pdf": "%PDF", "b.pdf": "%PDF"}))


# --- Any table --------------------------------------------------------------------------------------------------

WORDS = st.text(string.ascii_letters + " ,;\"'\téالعربية", min_size=1, max_size=20).filter(
    lambda word: word.strip() and not word.strip().startswith("'")
)


@given(st.dictionaries(WORDS.map(str.strip), st.integers(0, 100_000), min_size=1), st.sampled_from(",;\t"))
def test_what_is_written_is_read_back(rooms: dict[str, int], delimiter: str) -> None:
    rooms = {name: seats for name, seats in rooms.items() if "\t" not in name}
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows([("name", "capacity"), *rooms.items()])
    found = reading("rooms", file.getvalue())
    assert {record.key[0]: record.fields["capacity"] for record in found.records} == rooms
    assert found.refused == ()
