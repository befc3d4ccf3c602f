"""OneRoster bundles as records: the small one by hand, each refusal, and three real ones row by row."""

import csv
import io
import zipfile
from collections import Counter

import pytest

from attendance.importers.bundle import open_bundle
from attendance.importers.oneroster import read_oneroster
from attendance.importers.records import Kind, Place, UnreadableError
from tests.importers.files import bundle_of
from tests.importers.rosters import MANIFEST, ROSTER, of_kind, roster, sentences
from tests.timetable.real_input import real_roster

EMPTY = "The cell is empty, and it has to say something."
ADMINISTRATORS = "Administrators are invited, not imported."

# --- The small one ----------------------------------------------------------------------------------------------


def test_only_the_administrator_of_the_small_bundle_is_refused() -> None:
    assert sentences(roster()) == [("users.csv", 7, "role", ADMINISTRATORS)]


def test_orgs_of_that_type_and_those_that_courses_name_are_departments() -> None:
    found = roster()
    assert list(of_kind(found, Kind.DEPARTMENT)) == [("Physics",)]
    assert "No department, and named by no course: Alpha District." in found.notes
    named = roster(("courses.csv", "Optics,,\n", "Optics,,o2\n"))
    assert list(of_kind(named, Kind.DEPARTMENT)) == [("Physics",), ("Alpha District",)]
    assert of_kind(named, Kind.COURSE)["OPT",].fields["department"] == "Alpha District"


def test_a_session_is_a_term_as_far_as_classes_are_in_it() -> None:
    found = roster()
    terms = of_kind(found, Kind.TERM)
    assert list(terms) == [("Autumn",)]
    assert terms["Autumn",].fields == {"first_day": "2026-09-14", "last_day": "2026-12-18"}
    assert terms["Autumn",].place == Place("academicSessions.csv", 2)
    assert "No class is in these academic sessions: t2." in found.notes


def test_sessions_that_share_a_title_all_have_their_id_behind_it() -> None:
    terms = of_kind(roster(("academicSessions.csv", "Spring", "Autumn")), Kind.TERM)
    assert list(terms) == [("Autumn (t1)",)]


def test_a_course_has_its_own_code_or_that_of_its_only_class_or_its_id() -> None:
    def codes(*changes: tuple[str, str, str]) -> list[tuple[str, ...]]:
        return list(of_kind(roster(*changes), Kind.COURSE))

    assert codes() == [("PH101",), ("OPT",)]
    assert codes(("classes.csv", "OPT", "")) == [("PH101",), ("c2",)]
    assert codes(("classes.csv", "OPT", "A")) == [("PH101",), ("c2",)]
    assert codes(("classes.csv", "OPT", "PH101")) == [("PH101",), ("c2",)]
    assert codes(("courses.csv", "PH101", "")) == [("c1",), ("OPT",)]
    assert codes(("courses.csv", "Optics,", "Optics,PH101")) == [("c1",), ("OPT",)]


def test_a_course_without_an_org_belongs_to_the_school_of_its_class_or_the_only_department() -> None:
    assert of_kind(roster(), Kind.COURSE)["OPT",].fields == {"title": "Optics", "department": "Physics"}
    nowhere = ("classes.csv", "OPT,o1", "OPT,")
    assert of_kind(roster(nowhere), Kind.COURSE)["OPT",].fields["department"] == "Physics"
    found = roster(nowhere, ("orgs.csv", "district", "school"))
    assert sentences(found)[:1] == [
        ("classes.csv", 4, "courseSourcedId", f"“c2” was refused in line 3 of courses.csv: {NO_DEPARTMENT}")
    ]


NO_DEPARTMENT = "Nothing says which department this course belongs to."


def test_without_orgs_nothing_is_said_of_departments() -> None:
    found = roster(("manifest.csv", "orgs,bulk", "orgs,absent"), without="orgs.csv")
    assert of_kind(found, Kind.COURSE)["PH101",].fields == {"title": "Mechanics"}
    assert "department" not in of_kind(found, Kind.PERSON)["S001",].fields
    assert len(found.refused) == 1


def test_an_only_class_is_the_offering_and_several_are_its_sections() -> None:
    found = roster()
    assert list(of_kind(found, Kind.OFFERING)) == [("PH101", "Autumn"), ("OPT", "Autumn")]
    assert list(of_kind(found, Kind.SECTION)) == [("PH101", "Autumn", "A"), ("PH101", "Autumn", "B")]


def test_a_class_of_another_term_is_an_offering_of_its_own() -> None:
    found = roster(("classes.csv", "B,o1,t1", "B,o1,t2"))
    assert set(of_kind(found, Kind.OFFERING)) == {("PH101", "Autumn"), ("PH101", "Spring"), ("OPT", "Autumn")}
    assert of_kind(found, Kind.SECTION) == {}


@pytest.mark.parametrize(
    ("code", "title", "sections"),
    [
        ("", "Mechanics A", ["Mechanics A", "B"]),
        ("B", "Mechanics A", ["B (k1)", "B (k2)"]),
        ("", "B", ["B (k1)", "B (k2)"]),
        ("", "x" * 61, ["k1", "B"]),
    ],
)
def test_a_section_is_named_by_code_or_title_and_by_its_id_where_several_share_one(
    code: str, title: str, sections: list[str]
) -> None:
    found = roster(("classes.csv", "Mechanics A,c1,A", f"{title},c1,{code}"))
    assert [key[2] for key in of_kind(found, Kind.SECTION)] == sections


def test_a_class_with_several_terms_is_in_the_first_that_is_known() -> None:
    found = roster(("classes.csv", "OPT,o1,t1", 'OPT,o1,"t9, t2,t1"'))
    assert ("OPT", "Spring") in of_kind(found, Kind.OFFERING)
    assert "Classes with several terms were taken for the first of them: k3." in found.notes


def test_people_have_their_identifier_as_number_or_else_their_id() -> None:
    people = of_kind(roster(), Kind.PERSON)
    assert list(people) == [("S001",), ("S002",), ("u3",), ("T001",), ("T002",)]
    assert people["S001",].fields == {
        "role": "student",
        "family_name": "Haddad",
        "given_name": "Amira",
        "username": "amira",
        "email": "amira@alpha.example",
        "active": True,
        "department": "Physics",
    }


def test_what_a_user_leaves_open_stays_as_it_is() -> None:
    fields = of_kind(roster(("users.csv", "true,bilal,Bilal", ",,")), Kind.PERSON)["S002",].fields
    assert fields == {"role": "student", "family_name": "Khan", "department": "Physics"}


def test_a_user_who_is_not_enabled_may_not_log_in() -> None:
    fields = of_kind(roster(), Kind.PERSON)["u3",].fields
    assert (fields["active"], "department" in fields) == (False, False)


@pytest.mark.parametrize("word", ["teacher", "aide", "proctor", "Aide"])
def test_aides_and_proctors_are_teachers(word: str) -> None:
    people = of_kind(roster(("roles.csv", "secondary,aide", f"primary,{word}")), Kind.PERSON)
    assert people["T002",].fields["role"] == "teacher"


def test_a_primary_role_goes_before_others_and_one_that_is_imported_before_one_that_is_not() -> None:
    more = "r7,active,u1,secondary,teacher,o1\nr8,active,u6,secondary,teacher,o1\nr9,active,u4,primary,guardian,\n"
    people = of_kind(roster(("roles.csv", "r1,", f"{more}r1,")), Kind.PERSON)
    assert [people[number,].fields["role"] for number in ("S001", "A001", "T001")] == ["student", "teacher", "teacher"]


def test_a_role_that_is_to_be_deleted_does_not_count() -> None:
    more = "r7,active,u1,secondary,teacher,o1\n"
    people = of_kind(roster(("roles.csv", "r1,active,", f"{more}r1,tobedeleted,")), Kind.PERSON)
    assert people["S001",].fields["role"] == "teacher"


def test_a_student_in_two_classes_of_a_course_has_one_enrolment_with_both_sections() -> None:
    found = roster()
    enrolments = of_kind(found, Kind.ENROLMENT)
    assert enrolments["PH101", "Autumn", "S001"].fields == {
        "from_day": "2026-09-14",
        "until_day": None,
        "sections": ["A", "B"],
    }
    assert enrolments["OPT", "Autumn", "S002"].fields == {"from_day": None, "until_day": None}
    assert "Joined with another enrollment of the same person in the same course: e2." in found.notes


def test_without_columns_of_days_an_enrolment_says_nothing_of_them() -> None:
    text = "".join(line.rsplit(",", 2)[0] + "\n" for line in ROSTER["enrollments.csv"].splitlines())
    found = roster(without="enrollments.csv", enrollments=text)
    assert of_kind(found, Kind.ENROLMENT)["OPT", "Autumn", "S002"].fields == {}


def test_the_primary_teacher_owns_the_course_and_others_assist() -> None:
    duties = {key: record.fields["duty"] for key, record in of_kind(roster(), Kind.STAFF).items()}
    assert duties == {
        ("PH101", "Autumn", "T002", "", ""): "assistant",
        ("PH101", "Autumn", "T001", "", ""): "owner",
        ("OPT", "Autumn", "T002", "", ""): "assistant",
    }


def test_without_a_primary_teacher_the_first_one_owns_the_course() -> None:
    duties = of_kind(roster(("enrollments.csv", "u4,teacher,true", "u4,teacher,")), Kind.STAFF)
    assert [record.fields["duty"] for record in duties.values()] == ["owner", "assistant", "assistant"]


def test_passwords_are_never_read_and_the_reader_is_told() -> None:
    header, *rows = ROSTER["users.csv"].splitlines()
    users = "\n".join([f"{header},password", *(f"{row},Batman.Ru1ez" for row in rows)])
    found = roster(without="users.csv", users=users)
    assert "Passwords in users.csv are never read." in found.notes
    assert "Ru1ez" not in repr(found)
    assert len(of_kind(found, Kind.PERSON)) == 5


# --- Without courses --------------------------------------------------------------------------------------------

WITHOUT_COURSES = ("manifest.csv", "courses,bulk", "courses,absent")


def test_without_courses_each_class_is_one() -> None:
    found = roster(WITHOUT_COURSES, ("classes.csv", "OPT", ""), without="courses.csv")
    courses = of_kind(found, Kind.COURSE)
    assert list(courses) == [("A",), ("B",), ("k3",)]
    assert courses["A",].fields == {"title": "Mechanics A", "department": "Physics"}
    assert courses["A",].place == Place("classes.csv", 2)
    assert list(of_kind(found, Kind.OFFERING)) == [("A", "Autumn"), ("B", "Autumn"), ("k3", "Autumn")]
    assert of_kind(found, Kind.SECTION) == {}


def test_a_class_code_that_two_classes_have_is_no_code_of_a_course() -> None:
    found = roster(WITHOUT_COURSES, ("classes.csv", "B,c1,B", "B,c1,A"), without="courses.csv")
    assert list(of_kind(found, Kind.COURSE)) == [("k1",), ("k2",), ("OPT",)]


# --- What comes to an end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "kind", "key"),
    [
        ("orgs.csv", "o2,active,Alpha District,district", Kind.DEPARTMENT, ("Alpha District",)),
        ("users.csv", "u2,active", Kind.PERSON, ("S002",)),
        ("classes.csv", "k3,active", Kind.OFFERING, ("OPT", "Autumn")),
        ("classes.csv", "k2,active", Kind.SECTION, ("PH101", "Autumn", "B")),
        ("courses.csv", "c2,active", Kind.COURSE, ("OPT",)),
        ("enrollments.csv", "e3,active", Kind.ENROLMENT, ("OPT", "Autumn", "S002")),
        ("enrollments.csv", "e6,active", Kind.STAFF, ("OPT", "Autumn", "T002", "", "")),
    ],
)
def test_what_is_to_be_deleted_ends_and_says_nothing_else(
    file: str, old: str, kind: Kind, key: tuple[str, ...]
) -> None:
    new = old.replace("active", "tobedeleted").replace("district", "school")
    record = of_kind(roster((file, old, new)), kind)[key]
    assert (record.ends, record.fields) == (True, {})


def test_an_offering_ends_with_its_last_class() -> None:
    one, two = (("classes.csv", f"{each},active", f"{each},tobedeleted") for each in ("k1", "k2"))
    assert [of_kind(roster(*each), Kind.OFFERING)["PH101", "Autumn"].ends for each in ((one,), (one, two))] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    "change",
    [
        ("classes.csv", "k3,active", "k3,tobedeleted"),
        ("courses.csv", "c2,active", "c2,tobedeleted"),
        ("users.csv", "u2,active", "u2,tobedeleted"),
    ],
)
def test_an_enrolment_ends_with_its_class_its_course_or_its_person(change: tuple[str, str, str]) -> None:
    assert of_kind(roster(change), Kind.ENROLMENT)["OPT", "Autumn", "S002"].ends


def test_an_enrolment_in_two_classes_loses_the_section_that_ends() -> None:
    enrolment = of_kind(roster(("enrollments.csv", "e1,active", "e1,tobedeleted")), Kind.ENROLMENT)[
        "PH101", "Autumn", "S001"
    ]
    assert enrolment.fields == {"from_day": "2026-09-21", "until_day": "2026-12-11", "sections": ["B"]}
    assert not enrolment.ends


def test_a_teacher_who_leaves_does_not_stay_the_owner() -> None:
    staff = of_kind(roster(("enrollments.csv", "e5,active", "e5,tobedeleted")), Kind.STAFF)
    assert staff["PH101", "Autumn", "T002", "", ""].fields == {"duty": "owner"}


def test_a_term_ends_when_only_classes_that_end_are_in_it() -> None:
    ended = ("academicSessions.csv", "t2,active", "t2,tobedeleted")
    moved = ("classes.csv", "k3,active,Optics,c2,OPT,o1,t1", "k3,tobedeleted,Optics,c2,OPT,o1,t2")
    found = roster(ended, moved)
    assert of_kind(found, Kind.TERM)["Spring",].ends
    assert sentences(roster(ended, (*moved[:2], "k3,active,Optics,c2,OPT,o1,t2")))[0] == (
        "classes.csv",
        4,
        "termSourcedIds",
        "The term of this class is to be deleted, and the class is not.",
    )


def test_a_user_to_be_deleted_needs_no_role_but_is_no_administrator() -> None:
    gone = ("users.csv", "u2,active", "u2,tobedeleted")
    role = ("roles.csv", "r2,active", "r2,tobedeleted")
    assert of_kind(roster(gone, role), Kind.PERSON)["S002",].ends
    assert of_kind(roster(gone, ("roles.csv", "r2,active,u2", "r2,active,u3")), Kind.PERSON)["S002",].ends
    assert ("users.csv", 7, "role", ADMINISTRATORS) in sentences(roster(("users.csv", "u6,active", "u6,tobedeleted")))


def test_inactive_ends_in_version_1_1_only() -> None:
    found = roster(("courses.csv", "c2,active", "c2,inactive"))
    assert ("courses.csv", 3, "status", "“inactive” is none of these: active, tobedeleted.") in sentences(found)
    older = roster(
        ("manifest.csv", "version,1.2", "version,1.1"),
        ("manifest.csv", "file.roles,bulk", "file.roles,absent"),
        ("courses.csv", "c2,active", "c2,inactive"),
        without="users.csv",
        users="sourcedId,role,familyName\nu1,student,Haddad\n",
    )
    assert of_kind(older, Kind.COURSE)["OPT",].ends


# --- Version 1.1 ------------------------------------------------------------------------------------------------


def test_in_version_1_1_the_role_and_the_org_stand_with_the_user() -> None:
    users = (
        "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier,email\n"
        'u1,active,true,"o1,o2",student,amira,Amira,Haddad,S001,\n'
        "u2,active,true,o1,parent,bilal,Bilal,Khan,,\n"
        "u3,active,true,o1,,chen,Chen,Li,,\n"
        "u4,active,true,o9,teacher,dora,Dora,Novak,,\n"
    )
    found = roster(("manifest.csv", "version,1.2", "version,1.1"), without="users.csv", users=users)
    (amira,) = of_kind(found, Kind.PERSON).values()
    assert (amira.fields["role"], amira.fields["department"]) == ("student", "Physics")
    assert [each for each in sentences(found) if each[0] == "users.csv"] == [
        ("users.csv", 3, "role", "Guardians, parents and relatives of students have no account here."),
        ("users.csv", 4, "role", "Nothing says whether this is a student or a teacher."),
        ("users.csv", 5, "orgSourcedIds", "“o9” does not stand in orgs.csv."),
    ]


def test_of_two_users_with_one_id_the_first_keeps_its_role() -> None:
    users = "sourcedId,role,familyName\nu1,student,Haddad\nu1,teacher,Novak\n"
    found = roster(("manifest.csv", "version,1.2", "version,1.1"), without="users.csv", users=users)
    assert [(key, person.fields["role"]) for key, person in of_kind(found, Kind.PERSON).items()] == [
        (("u1",), "student")
    ]
    assert ("users.csv", 3, "sourcedId", "“u1” stands in line 2 already. Take one of them away.") in sentences(found)


# --- Rows that are refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "field", "sentence"),
    [
        ("orgs.csv", "o1,active,Physics", "o1,active,", 2, "name", EMPTY),
        ("orgs.csv", "o2,active", "o1,active", 3, "sourcedId", "“o1” stands in line 2 already. Take one of them away."),
        ("orgs.csv", "o2,active", ",active", 3, "sourcedId", EMPTY),
        (
            "academicSessions.csv",
            "2027-01-11",
            "11/01/2027",
            3,
            "startDate",
            "“11/01/2027” is no day from 2000 to 2099. Write it as 2026-09-14.",
        ),
        (
            "academicSessions.csv",
            "2027-04-30",
            "2026-04-30",
            3,
            "endDate",
            "2026-04-30 is before 2027-01-11. Write a later one.",
        ),
        (
            "academicSessions.csv",
            "Spring,term",
            "Spring,week",
            3,
            "type",
            "“week” is none of these: term, semester, schoolyear, gradingperiod.",
        ),
        (
            "courses.csv",
            "PH101",
            "P" * 31,
            2,
            "courseCode",
            f"“{'P' * 31}” has 31 characters; there is room for 30.",
        ),
        ("courses.csv", "PH101,o1", "PH101,o9", 2, "orgSourcedId", "“o9” does not stand in orgs.csv."),
        ("classes.csv", "OPT,o1,t1", "OPT,o1,t9", 4, "termSourcedIds", "“t9” does not stand in academicSessions.csv."),
        ("classes.csv", "OPT,o1,t1", "OPT,o1,", 4, "termSourcedIds", EMPTY),
        ("classes.csv", "Optics,c2", "Optics,c9", 4, "courseSourcedId", "“c9” does not stand in courses.csv."),
        ("classes.csv", "OPT,o1", "OPT,o9", 4, "schoolSourcedId", "“o9” does not stand in orgs.csv."),
        ("users.csv", "Haddad", "", 2, "familyName", EMPTY),
        ("users.csv", "amira@alpha.example", "amira", 2, "email", "“amira” is no e-mail address."),
        (
            "users.csv",
            "true,amira",
            "yes please,amira",
            2,
            "enabledUser",
            "“yes please” is none of these: yes, no, true, false, 1, 0.",
        ),
        (
            "users.csv",
            "S002",
            "S001",
            3,
            "",
            "“S001” stands in line 2 already. Take one of them away.",
        ),
        (
            "users.csv",
            "S001",
            "9" * 41,
            2,
            "identifier",
            f"“{'9' * 41}” has 41 characters; there is room for 40.",
        ),
        ("users.csv", "u1,active", "u1,retired", 2, "status", "“retired” is none of these: active, tobedeleted."),
        (
            "users.csv",
            "Amira,Haddad",
            "Amira,=HYPERLINK(1)",
            2,
            "familyName",
            "“=HYPERLINK(1)” is a formula. Write what it gives, or an apostrophe before it.",
        ),
        (
            "roles.csv",
            "primary,siteAdministrator",
            "primary,counselor",
            7,
            "role",
            "The role “counselor” has no place here. Students, teachers, aides and proctors are imported.",
        ),
        ("roles.csv", "r2,active,u2", "r2,active,u9", 3, "userSourcedId", "“u9” does not stand in users.csv."),
        ("roles.csv", "student,o1", "student,o9", 2, "orgSourcedId", "“o9” does not stand in orgs.csv."),
        ("enrollments.csv", "k3,u2", "k9,u2", 4, "classSourcedId", "“k9” does not stand in classes.csv."),
        ("enrollments.csv", "k3,u2", "k3,u9", 4, "userSourcedId", "“u9” does not stand in users.csv."),
        (
            "enrollments.csv",
            "k3,u2",
            "k3,u6",
            4,
            "userSourcedId",
            f"“u6” was refused in line 7 of users.csv: {ADMINISTRATORS}",
        ),
        (
            "enrollments.csv",
            "u2,student",
            "u2,guardian",
            4,
            "role",
            "Guardians, parents and relatives of students have no account here.",
        ),
        ("enrollments.csv", "u2,student", "u2,administrator", 4, "role", ADMINISTRATORS),
        (
            "enrollments.csv",
            "2026-09-21,2026-12-11",
            "2026-09-21,2026-09-20",
            3,
            "endDate",
            "2026-09-20 is before 2026-09-21. Write a later one.",
        ),
        (
            "enrollments.csv",
            "2026-12-11",
            "11 December",
            3,
            "endDate",
            "“11 December” is no day from 2000 to 2099. Write it as 2026-09-14.",
        ),
        (
            "enrollments.csv",
            "teacher,true",
            "teacher,first",
            6,
            "primary",
            "“first” is none of these: yes, no, true, false, 1, 0.",
        ),
    ],
)
def test_a_row_is_refused_with_its_sentence(
    file: str, old: str, new: str, line: int, field: str, sentence: str
) -> None:
    found = sentences(roster((file, old, new)))
    place = (file, line, field) if field != "role" or file == "enrollments.csv" else ("users.csv", 7, "role")
    assert (*place, sentence) in found


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "sentence"),
    [
        (
            "academicSessions.csv",
            "2026-09-14",
            "soon",
            2,
            "“t1” was refused in line 2 of academicSessions.csv: “soon” is no day from 2000 to 2099. "
            "Write it as 2026-09-14.",
        ),
        (
            "courses.csv",
            "PH101",
            "P" * 31,
            2,
            f"“c1” was refused in line 2 of courses.csv: “{'P' * 31}” has 31 characters; there is room for 30.",
        ),
    ],
)
def test_what_refers_to_a_refused_row_is_refused_with_that_reason(
    file: str, old: str, new: str, line: int, sentence: str
) -> None:
    found = sentences(roster((file, old, new)))
    assert ("classes.csv", 2, sentence) in [(name, line, reason) for name, line, _field, reason in found]
    enrollments = [reason for name, line, _field, reason in found if (name, line) == ("enrollments.csv", 2)]
    assert enrollments == [f"“k1” was refused in line 2 of classes.csv: {sentence}"]


def test_a_user_whose_role_was_refused_is_told_why() -> None:
    found = sentences(roster(("roles.csv", "student,o1", "student,o9")))
    assert (
        "users.csv",
        2,
        "role",
        "The role in line 2 of roles.csv was refused: “o9” does not stand in orgs.csv.",
    ) in found


def test_a_user_without_a_role_is_refused() -> None:
    found = sentences(roster(("roles.csv", "r2,active,u2", "r2,active,u3")))
    assert ("users.csv", 3, "role", "Nothing says whether this is a student or a teacher.") in found


def test_two_sessions_never_end_up_with_one_name() -> None:
    sessions = (
        "sourcedId,title,type,startDate,endDate\n"
        "t1,Autumn,term,2026-09-14,2026-12-18\n"
        "t2,Autumn,term,2026-09-14,2026-12-18\n"
        "t3,Autumn (t1),term,2026-09-14,2026-12-18\n"
    )
    found = roster(("classes.csv", "OPT,o1,t1", "OPT,o1,t3"), without="academicSessions.csv", academicSessions=sessions)
    assert (
        "academicSessions.csv",
        4,
        "title",
        "“Autumn (t1)” stands in line 2 already. Take one of them away.",
    ) in sentences(found)


# --- The bundle as a whole --------------------------------------------------------------------------------------


def unreadable(*changes: tuple[str, str, str], without: str = "") -> str:
    with pytest.raises(UnreadableError) as raised:
        roster(*changes, without=without)
    return str(raised.value)


def test_a_bundle_needs_a_manifest() -> None:
    assert unreadable(without="manifest.csv") == (
        "There is no manifest.csv in it, which says what a OneRoster bundle holds."
    )


@pytest.mark.parametrize("version", ["1.0", "2.0", ""])
def test_another_version_is_not_read(version: str) -> None:
    assert unreadable(("manifest.csv", "oneroster.version,1.2", f"oneroster.version,{version}")) == (
        f"The manifest names version “{version}” of OneRoster; 1.1 and 1.2 can be read."
    )


@pytest.mark.parametrize("mode", ["bulk", "delta"])
def test_a_file_that_is_announced_and_missing_makes_the_bundle_unreadable(mode: str) -> None:
    assert unreadable(("manifest.csv", "orgs,bulk", f"orgs,{mode}"), without="orgs.csv") == (
        "The manifest says that orgs.csv is delivered, and it is not there."
    )


def test_a_file_that_is_announced_as_absent_and_there_is_read_with_a_note() -> None:
    found = roster(("manifest.csv", "file.orgs,bulk", "file.orgs,absent"))
    assert "The manifest does not announce orgs.csv; it was read all the same." in found.notes
    assert len(of_kind(found, Kind.DEPARTMENT)) == 1


def test_other_files_are_named_in_a_note() -> None:
    assert "Not read: demographics.csv." in roster(demographics="sourcedId\nu1\n").notes


def test_a_manifest_alone_is_no_roster() -> None:
    with pytest.raises(UnreadableError, match="None of the files of OneRoster"):
        read_oneroster(bundle_of({"manifest.csv": MANIFEST.partition("file.")[0]}))


def test_a_misspelt_needed_column_is_named_with_what_was_probably_meant() -> None:
    assert unreadable(("classes.csv", "courseSourcedId", "courseSourceId")) == (
        "classes.csv has no column “courseSourcedId”. Is it the one named “courseSourceId”?"
    )


def test_a_misspelt_column_that_is_not_needed_is_a_note() -> None:
    assert "Column “enabledUsr” of users.csv was not read. Is “enabledUser” meant?" in (
        roster(("users.csv", "enabledUser", "enabledUsr")).notes
    )


def test_a_delta_may_hold_users_alone() -> None:
    bundle = {
        "manifest.csv": "propertyName,value\noneroster.version,1.1\nfile.users,delta\n",
        "users.csv": "sourcedId,status,role,familyName\nu1,active,student,Haddad\nu2,tobedeleted,teacher,Novak\n",
    }
    people = of_kind(read_oneroster(bundle_of(dict(bundle))), Kind.PERSON)
    assert {key: record.ends for key, record in people.items()} == {("u1",): False, ("u2",): True}


# --- Real bundles -----------------------------------------------------------------------------------------------

REAL = ("Test_minimal_data_set", "oneroster_test_data", "v1p2_full_dataset")


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("file", ["users.csv", "classes.csv", "enrollments.csv"])
def test_every_row_of_a_real_bundle_is_a_record_or_refused_for_a_reason(name: str, file: str) -> None:
    path = real_roster(name)
    with zipfile.ZipFile(path) as archive:
        rows = list(csv.reader(io.StringIO(archive.read(file).decode(), newline="")))
    found = read_oneroster(open_bundle(path))
    taken = {record.place.line for record in found.records if record.place.file == file}
    refused = Counter(each.place.line for each in found.refused if each.place.file == file and each.reason)
    assert taken & set(refused) == set()
    assert Counter(taken) + refused == Counter(range(2, len(rows) + 1))


@pytest.mark.parametrize(
    ("name", "people", "courses", "enrolments", "ending", "refused"),
    [
        ("Test_minimal_data_set", 5, 2, 4, 0, [("users.csv", 4)]),
        ("oneroster_test_data", 1, 1, 1, 0, []),
        ("v1p2_full_dataset", 5, 1, 4, 4, [("academicSessions.csv", 4), ("users.csv", 4)]),
    ],
)
def test_real_bundles_give_these_records(
    name: str, people: int, courses: int, enrolments: int, ending: int, refused: list[tuple[str, int]]
) -> None:
    found = read_oneroster(open_bundle(real_roster(name)))
    count = Counter(record.kind for record in found.records)
    assert (count[Kind.PERSON], count[Kind.COURSE], count[Kind.ENROLMENT]) == (people, courses, enrolments)
    assert sum(record.ends for record in found.records) == ending
    assert [(each.place.file, each.place.line) for each in found.refused] == refused


def test_the_odd_headers_and_dates_of_a_real_bundle_are_notes_or_nothing() -> None:
    notes = read_oneroster(open_bundle(real_roster("v1p2_full_dataset"))).notes
    assert "Column “prefferedGivenName” of users.csv was not read. Is “preferredGivenName” meant?" in notes
    assert "Column “dataLastModified” of roles.csv was not read. Is “dateLastModified” meant?" in notes
    assert "Not read: userprofiles.csv." in notes


@pytest.mark.parametrize("name", REAL)
def test_a_real_bundle_read_again_gives_the_same(name: str) -> None:
    bundle = open_bundle(real_roster(name))
    assert read_oneroster(bundle) == read_oneroster(bundle)
