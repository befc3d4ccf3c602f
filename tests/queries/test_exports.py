"""The export: its columns are a contract, its rows all that was put in, and its bytes follow from the rows alone."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.models import (
    Attendance,
    Course,
    CourseStaff,
    Enrolment,
    Holiday,
    Lecture,
    Meeting,
    Organisation,
    Room,
    Section,
    User,
)
from attendance.queries.export_zip import LeftOut, export_zip, left_out
from tests.caching.conftest import by_hand
from tests.cast import Campus, enrol, person

pytestmark = pytest.mark.django_db(transaction=True)

NINE = datetime(2026, 9, 14, 8, tzinfo=UTC)
"""Nine o'clock in London, on a Monday in summer."""
MARKED = datetime(2026, 9, 14, 8, 3, 14, 500, tzinfo=UTC)
COLUMNS = {
    "institution.csv": "name,time_zone,at_risk_percent,warning_percent,late_after_minutes,session_minutes,"
    "school_year_month,school_year_day",
    "departments.csv": "name",
    "rooms.csv": "name,capacity,archived",
    "terms.csv": "name,first_day,last_day",
    "holidays.csv": "name,first_day,last_day",
    "people.csv": "number,role,family_name,given_name,username,email,department,active",
    "courses.csv": "code,title,department,archived",
    "offerings.csv": "course,term,late_weight,left_early_weight,remote_weight,blank_counts_absent,drop_lowest",
    "sections.csv": "course,term,name,limit",
    "enrolments.csv": "course,term,number,roll_number,from_day,until_day,sections",
    "meetings.csv": "course,term,section,weekday,starts_at,minutes,weeks,room",
    "lectures.csv": "course,term,section,planned_for,starts_at,ends_at,room,mode,topic,cancelled",
    "staff.csv": "course,term,number,duty,section,planned_for",
    "marks.csv": "course,term,section,planned_for,number,status,at",
}


@pytest.fixture
def taught(campus: Campus) -> Campus:
    """The campus with a seminar on Mondays at nine, one hour of which was moved, and marks in the lecture and in it."""
    Lecture.objects.filter(pk=campus.lecture.pk).update(
        starts_at=NINE + timedelta(days=1), ends_at=NINE + timedelta(days=1, minutes=90), topic="=Joins"
    )
    seminar = Section.objects.create(offering=campus.offering, name="Seminar B", limit=20)
    tutorial = Section.objects.create(offering=campus.offering, name="Seminar A")
    for section in (seminar, tutorial):
        Enrolment.objects.get(student=campus.amira).sections.add(section)
    weekly = Meeting.objects.create(
        offering=campus.offering,
        section=seminar,
        weekday=0,
        starts_at=time(9),
        minutes=45,
        weeks="0110",
        room=campus.room,
    )
    moved = Lecture.objects.create(
        organisation=campus.organisation,
        offering=campus.offering,
        section=seminar,
        meeting=weekly,
        planned_day=date(2026, 9, 14),
        starts_at=NINE + timedelta(days=2, seconds=30),
        ends_at=NINE + timedelta(days=2, minutes=45),
        mode="online",
        cancelled_at=MARKED,
    )
    CourseStaff.objects.create(offering=campus.offering, user=campus.other_teacher, duty="substitute", lecture=moved)
    marks = [(campus.lecture, campus.bilal, "late"), (moved, campus.amira, "present"), (moved, campus.bilal, "")]
    for lecture, student, status in marks:
        Attendance.objects.create(lecture=lecture, student=student, status=status, recorded_at=MARKED)
    Holiday.objects.create(
        organisation=campus.organisation, name="Easter", first_day=date(2026, 4, 3), last_day=date(2026, 4, 6)
    )
    Room.objects.create(organisation=campus.organisation, name="Attic", archived_at=MARKED)
    Enrolment.objects.filter(student=campus.bilal).update(from_day=date(2026, 9, 21))
    User.objects.filter(pk=campus.ines.pk).update(department=campus.department, is_active=False)
    return campus


def exported(organisation: Organisation) -> bytes:
    return b"".join(export_zip(organisation))


def texts(organisation: Organisation) -> Mapping[str, str]:
    """Return the files of the export."""
    with ZipFile(io.BytesIO(exported(organisation))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def rows(organisation: Organisation, name: str) -> list[str]:
    """Return the lines of a file behind its header."""
    return texts(organisation)[name].split("\r\n")[1:-1]


def test_files_and_columns_are_those_that_were_agreed_on(campus: Campus) -> None:
    files = texts(campus.organisation)

    assert list(files) == ["README.txt", *COLUMNS]
    assert {name: files[name].split("\r\n")[0] for name in COLUMNS} == COLUMNS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("institution.csv", ["University of Aldermoor,Europe/London,75,70,10,15,9,1"]),
        ("departments.csv", ["Computer Science"]),
        ("rooms.csv", ["Attic,,yes", "Hall B-12,240,no"]),
        ("holidays.csv", ["Easter,2026-04-03,2026-04-06"]),
        (
            "people.csv",
            [
                "AMIRA,student,Haddad,Amira,amira,amira@aldermoor.example,,yes",
                "BILAL,student,Adeyemi,Bilal,bilal,bilal@aldermoor.example,,yes",
                "BRUNO,teacher,Keller,Bruno,bruno,bruno@aldermoor.example,,yes",
                "GRETA,auditor,Moss,Greta,greta,greta@aldermoor.example,,yes",
                "INES,teacher,Ferreira,Ines,ines,ines@aldermoor.example,Computer Science,no",
                "KWAME,teacher,Osei,Kwame,kwame,kwame@aldermoor.example,,yes",
                "OMAR,student,Adeyemi,Omar,omar,omar@aldermoor.example,,yes",
            ],
        ),
        ("courses.csv", ["CS 204,Databases,Computer Science,no"]),
        ("offerings.csv", ["CS 204,Autumn,100,50,100,no,0"]),
        ("sections.csv", ["CS 204,Autumn,Seminar A,", "CS 204,Autumn,Seminar B,20"]),
        (
            "enrolments.csv",
            ["CS 204,Autumn,AMIRA,0001,,,Seminar A;Seminar B", "CS 204,Autumn,BILAL,0002,2026-09-21,,"],
        ),
        ("meetings.csv", ["CS 204,Autumn,Seminar B,monday,09:00,45,0110,Hall B-12"]),
        (
            "lectures.csv",
            [
                "CS 204,Autumn,,2026-09-15T09:00,2026-09-15T08:00+00:00,2026-09-15T09:30+00:00,"
                "Hall B-12,onsite,'=Joins,no",
                "CS 204,Autumn,Seminar B,2026-09-14T09:00,2026-09-16T08:00:30+00:00,2026-09-16T08:45+00:00,"
                ",online,,yes",
            ],
        ),
        (
            "staff.csv",
            [
                "CS 204,Autumn,BRUNO,substitute,Seminar B,2026-09-14T09:00",
                "CS 204,Autumn,INES,owner,,",
                "CS 204,Autumn,KWAME,assistant,,",
            ],
        ),
        (
            "marks.csv",
            [
                "CS 204,Autumn,,2026-09-15T09:00,BILAL,late,2026-09-14T08:03:14+00:00",
                "CS 204,Autumn,Seminar B,2026-09-14T09:00,AMIRA,present,2026-09-14T08:03:14+00:00",
            ],
        ),
    ],
)
def test_rows(taught: Campus, name: str, expected: list[str]) -> None:
    assert rows(taught.organisation, name) == expected


def test_rows_are_sorted_by_what_names_them_whichever_came_first(campus: Campus) -> None:
    for name in ("b", "a", "Z", "ä", "B", "=1", "10", "9"):
        Room.objects.create(organisation=campus.organisation, name=name)

    names = [next(csv.reader([line]))[0] for line in rows(campus.organisation, "rooms.csv")]
    assert names == ["10", "9", "'=1", "B", "Hall B-12", "Z", "a", "b", "ä"]


def test_a_lecture_around_a_change_of_clocks_is_named_by_the_clock_on_the_wall(campus: Campus) -> None:
    Lecture.objects.all().delete()
    for starts_at in (datetime(2026, 10, 24, 8, tzinfo=UTC), datetime(2026, 10, 26, 9, tzinfo=UTC)):
        campus.lecture_at(starts_at)

    named = [line.split(",")[3:5] for line in rows(campus.organisation, "lectures.csv")]
    assert named == [
        ["2026-10-24T09:00", "2026-10-24T08:00+00:00"],
        ["2026-10-26T09:00", "2026-10-26T09:00+00:00"],
    ]


def test_exporting_twice_gives_the_same_bytes(taught: Campus) -> None:
    assert exported(taught.organisation) == exported(taught.organisation)


# --- What is not in it ------------------------------------------------------------------------------------------------


def test_nothing_of_others_is_in_it(taught: Campus) -> None:
    """Rows of another institution, also where rows of this one lead to them, which only a hand in the database does."""
    elsewhere = taught.foreign_admin.organisation
    stranger = person(elsewhere, "sana", "student", "Sana Foreign")
    enrol(taught.offering, stranger, "0099")
    CourseStaff.objects.create(offering=taught.offering, user=stranger, duty="assistant")
    Attendance.objects.create(lecture=taught.lecture, student=stranger, status="absent", recorded_at=MARKED)
    room = Room.objects.create(organisation=elsewhere, name="Foreign room")
    Lecture.objects.filter(pk=taught.lecture.pk).update(room=room)
    Meeting.objects.update(room=room)
    faculty = taught.department.__class__.objects.create(organisation=elsewhere, name="Foreign faculty")
    User.objects.filter(pk=taught.amira.pk).update(department=faculty)
    Course.objects.filter(pk=taught.course.pk).update(department=faculty)

    for name, text in texts(taught.organisation).items():
        assert "Foreign" not in text, name
        assert "SANA" not in text, name
        assert "Brackley" not in text, name


def test_the_other_institution_has_its_own(taught: Campus) -> None:
    files = texts(taught.foreign_admin.organisation)

    assert files["institution.csv"].startswith(COLUMNS["institution.csv"] + "\r\nBrackley College,Asia/Karachi,")
    assert {name for name in COLUMNS if files[name].count("\r\n") > 1} == {"institution.csv"}


def test_who_cannot_be_named_is_counted(taught: Campus) -> None:
    nobody = person(taught.organisation, "nobody", "student", "No Body")
    User.objects.filter(pk=nobody.pk).update(number="")
    enrol(taught.offering, nobody, "0100")
    Attendance.objects.create(lecture=taught.lecture, student=nobody, status="present", recorded_at=MARKED)
    Attendance.objects.create(lecture=taught.lecture, student=taught.admin, status="", recorded_at=MARKED)
    CourseStaff.objects.create(offering=taught.offering, user=taught.admin, duty="assistant")
    taught.lecture_at(NINE + timedelta(days=1))
    expected = LeftOut(administrators=1, people_without_number=1, enrolments=1, duties=1, marks=1, lectures_alike=2)
    readme = texts(taught.organisation)["README.txt"]

    assert left_out(taught.organisation) == expected
    assert "administrators, who are invited and not imported: 1\n" in readme
    assert "importing takes them for one: 2 lectures" in readme
    assert "No,Body" not in rows(taught.organisation, "people.csv")
    assert len(rows(taught.organisation, "enrolments.csv")) == 2
    assert len(rows(taught.organisation, "marks.csv")) == 2


# --- Cost and moment --------------------------------------------------------------------------------------------------


def test_more_rows_take_no_more_queries(taught: Campus) -> None:
    def number_of_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            exported(taught.organisation)
        return len(queries)

    before = number_of_queries()
    for number in range(30):
        student = person(taught.organisation, f"s{number}", "student", f"Student {number}")
        enrolment = enrol(taught.offering, student, f"1{number:03}")
        enrolment.sections.set(Section.objects.all())
        lecture = taught.lecture_at(NINE + timedelta(days=number))
        Attendance.objects.create(lecture=lecture, student=student, status="absent", recorded_at=MARKED)
        Room.objects.create(organisation=taught.organisation, name=f"Room {number}")
    assert number_of_queries() == before <= 24


def test_it_is_of_the_moment_in_which_it_begins(taught: Campus) -> None:
    stream = export_zip(taught.organisation)
    begun = next(stream)
    with by_hand() as somebody_else:
        somebody_else.execute("UPDATE attendance_room SET capacity = 7")
    with ZipFile(io.BytesIO(begun + b"".join(stream))) as archive:
        assert b"Hall B-12,240,no" in archive.read("rooms.csv")
    assert "Hall B-12,7,no" in rows(taught.organisation, "rooms.csv")


def test_who_stops_fetching_leaves_no_transaction_behind(taught: Campus) -> None:
    stream = export_zip(taught.organisation)
    next(stream)
    stream.close()

    Room.objects.create(organisation=taught.organisation, name="Cellar")
    assert Room.objects.filter(name="Cellar").exists()
    assert "Cellar,,no" in rows(taught.organisation, "rooms.csv")
