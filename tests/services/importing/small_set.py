"""A small institution as records, one or more of every kind, and what becomes of records."""

from dataclasses import replace
from typing import Any

from attendance.importers.records import Kind, Place, Reading, Record, Value
from attendance.models import Import, ImportRow, Organisation, User
from attendance.services.importing.applying import apply
from attendance.services.importing.preparing import begin, prepare

HASH = "ab" * 32
CS, TERM = "CS 204", "Autumn"
COURSE = (CS, TERM)
MONDAY_LECTURE = (*COURSE, "", "2026-10-05T09:00")
LAB_LECTURE = (*COURSE, "Lab 1", "2026-10-07T14:00")


def record(kind: Kind, *key: str, **fields: Value) -> Record:
    """Return a record that stands in some line."""
    return Record(kind=kind, key=key, fields=fields, place=Place("set.zip", 2))


def ended(kind: Kind, *key: str) -> Record:
    """Return a record that brings something to its end."""
    return replace(record(kind, *key), ends=True)


INSTITUTION = record(Kind.INSTITUTION, name="Aldermoor", late_after_minutes=12)
ROOM = record(Kind.ROOM, "Hall B-12", capacity=240)
AMIRA = record(Kind.PERSON, "S1", role="student", family_name="Haddad", given_name="Amira", email="a@example.org")
BILAL = record(Kind.PERSON, "S2", role="student", family_name="Adeyemi", given_name="Bilal", department="Computing")
INES = record(Kind.PERSON, "T1", role="teacher", family_name="Ferreira", given_name="Ines")
KWAME = record(Kind.PERSON, "T2", role="teacher", family_name="Osei", username="kwame")
AMIRA_ENROLLED = record(Kind.ENROLMENT, *COURSE, "S1", sections=["Lab 1"])
BILAL_ENROLLED = record(Kind.ENROLMENT, *COURSE, "S2", roll_number="77", from_day="2026-09-21")
MEETING = record(Kind.MEETING, *COURSE, "", "0", "09:00", minutes=90, weeks="1111", room="Hall B-12")
GUEST_LECTURE = record(
    Kind.LECTURE,
    *COURSE,
    "",
    "2026-10-02T18:00",
    starts_at="2026-10-02T18:30",
    ends_at="2026-10-02T20:00",
    mode="online",
    topic="Guests",
)
LAB = record(Kind.LECTURE, *LAB_LECTURE, starts_at="2026-10-07T13:00:00+00:00", ends_at="2026-10-07T14:00:00+00:00")
MARKS = (
    record(Kind.MARK, *MONDAY_LECTURE, "S1", status="present", at="2026-10-05T09:02"),
    record(Kind.MARK, *MONDAY_LECTURE, "S2", status="late", at="2026-10-05T08:12:30+00:00"),
    record(Kind.MARK, *LAB_LECTURE, "S1", status="excused"),
)
WITHOUT_MARKS = (
    INSTITUTION,
    record(Kind.DEPARTMENT, "Computing"),
    ROOM,
    record(Kind.TERM, TERM, first_day="2026-09-14", last_day="2026-12-11"),
    record(Kind.HOLIDAY, "2026-09-21", "Founders' day", last_day="2026-09-21"),
    AMIRA,
    BILAL,
    INES,
    KWAME,
    record(Kind.COURSE, CS, title="Databases", department="Computing"),
    record(Kind.OFFERING, *COURSE, drop_lowest=1),
    record(Kind.SECTION, *COURSE, "Lab 1", limit=30),
    AMIRA_ENROLLED,
    BILAL_ENROLLED,
    MEETING,
    GUEST_LECTURE,
    LAB,
    record(Kind.STAFF, *COURSE, "T1", "", "", duty="owner"),
    record(Kind.STAFF, *COURSE, "T2", "Lab 1", "2026-10-07T14:00", duty="substitute"),
)
EVERYTHING = WITHOUT_MARKS + MARKS


def prepared(organisation: Organisation, *records: Record, **options: Any) -> Import:
    """Compare records with an institution."""
    started = begin(organisation=organisation, source="csv", file_name="set.zip", file_hash=HASH, actor=None)
    return prepare(started=started, read=lambda: Reading(records=records), **options)


def applied(organisation: Organisation, *records: Record, actor: User | None = None, **options: Any) -> Import:
    """Compare records with an institution and apply them."""
    return apply(prepared=prepared(organisation, *records, **options), file_hash=HASH, actor=actor)


def totals(done: Import) -> dict[str, int]:
    """Return how many rows of an import are new, changed, gone, the same and refused, zeros left out."""
    sums: dict[str, int] = {}
    for counts in done.counts.values():
        for action, number in counts.items():
            sums[action] = sums.get(action, 0) + number
    return sums


def refused(done: Import) -> list[tuple[str, str]]:
    """Return field and sentence of the refused rows."""
    return [(row.field, row.reason) for row in done.rows.filter(action=ImportRow.Action.REFUSED)]
