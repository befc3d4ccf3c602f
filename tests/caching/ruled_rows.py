"""One row of every ruled table: what it needs to exist, which tags it belongs to, which of its columns count.

`HERE` and `THERE` in the functions below are two institutions; a row is made in the first and may move to the second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from django.db.models import Model

from attendance.models import (
    Anchor,
    Attendance,
    AttendanceSession,
    BlockShare,
    Checkpoint,
    Course,
    CourseStaff,
    Department,
    Enrolment,
    Lecture,
    LedgerKey,
    LoginSession,
    Offering,
    Organisation,
    Room,
    Section,
    Term,
    TimeConfig,
    TimeSlot,
    User,
)
from attendance.models.people import ERASED_NAME
from tests.models.institution import MONDAY_NINE, MONDAY_TEN, Institution, event

Changes = dict[str, dict[str, Any]]
Seat = Enrolment.sections.through
LATER = datetime(2026, 12, 1, 12, tzinfo=UTC)
NOT_WATCHED: Changes = {}
_codes = count()


@dataclass(frozen=True)
class RuledRow:
    """How to make one row of a table, and what the rule of the table is to make of its changes.

    Attributes:
        make: builds the row without storing it; whatever it stands on is stored.
        tags: the fine tags of a stored row as it is.
        watched: column to a change of it that dirties the row's tags, before and after.
        unwatched: column to a change of it that dirties nothing.
    """

    make: Callable[[Institution], Model]
    tags: Callable[[Any], set[str]]
    watched: Callable[[Institution, Institution], Changes]
    unwatched: Callable[[Institution, Institution], Changes] = lambda here, there: NOT_WATCHED


def each(**columns: Any) -> Changes:
    """One change per column, of that column alone."""
    return {name: {name: value} for name, value in columns.items()}


def _each_of(columns: dict[str, Any]) -> Changes:
    """One change per column, of all of them together."""
    return dict.fromkeys(columns, columns)


def block(number: int) -> Checkpoint:
    """Return the block of that number, made when it is missing; nobody could check its signature."""
    key, _made = LedgerKey.objects.get_or_create(number=1, text="key", added_at=LATER)
    columns = {"size": number, "root": bytes(32), "note": "", "key": key, "sealed_at": LATER, "events_through": number}
    return Checkpoint.objects.get_or_create(number=number, defaults=columns)[0]


def signed_anchor() -> dict[str, Any]:
    """Return the columns of an anchor of the first block, signed; no chain would take it."""
    number = next(_codes)
    signed = {"envelope": "AAAA", "transaction_hash": f"{number:064}", "account": "G", "sequence": number}
    return {**signed, "checkpoint": block(1), "ends_at": LATER, "signed_at": LATER}


def confirmed_anchor() -> dict[str, Any]:
    """Return the columns of an anchor of the first block that is in a ledger of its chain."""
    return {**signed_anchor(), "submitted_at": LATER, "confirmed_at": LATER, "ledger": 7}


def _own(name: str) -> Callable[[Any], set[str]]:
    return lambda row: {f"{name}.id={row.pk}", f"{name}.organisation={row.organisation_id.hex}"}


def _handle(start: str, here: Institution) -> str:
    return f"{start}{here.organisation.slug}".replace("-", "")[:16]


def _organisation_tags(row: Organisation) -> set[str]:
    above = {f"organisation.parent={row.parent_id.hex}"} if row.parent_id else set()
    return {f"organisation.id={row.pk.hex}"} | above


def _of_offering(name: str, *more: str) -> Callable[[Any], set[str]]:
    def tags(row: Any) -> set[str]:
        people = {f"{name}.{column}={getattr(row, f'{column}_id')}" for column in more}
        organisation = Offering.objects.get(pk=row.offering_id).organisation_id.hex
        return {f"{name}.offering={row.offering_id}", f"{name}.organisation={organisation}", *people}

    return tags


def _session_tags(row: AttendanceSession) -> set[str]:
    lecture = Lecture.objects.get(pk=row.lecture_id)
    return {
        f"session.lecture={lecture.pk}",
        f"session.offering={lecture.offering_id}",
        f"session.organisation={lecture.organisation_id.hex}",
    }


def _attendance_tags(row: Attendance) -> set[str]:
    offering = Lecture.objects.get(pk=row.lecture_id).offering
    return {
        f"attendance.lecture={row.lecture_id}",
        f"attendance.student={row.student_id}",
        f"attendance.offering={offering.pk}",
        f"attendance.organisation={Lecture.objects.get(pk=row.lecture_id).organisation_id.hex}",
    }


def _taken_tags(row: Attendance) -> set[str]:
    lecture = Lecture.objects.get(pk=row.lecture_id)
    return {f"taken.offering={lecture.offering_id}", f"taken.organisation={lecture.organisation_id.hex}"}


def _seat_tags(row: Any) -> set[str]:
    enrolment = Enrolment.objects.get(pk=row.enrolment_id)
    return {
        f"seat.enrolment={row.enrolment_id}",
        f"seat.section={row.section_id}",
        f"seat.student={enrolment.student_id}",
        f"seat.offering={enrolment.offering_id}",
    }


NOBODY = {"given_name": "", "family_name": ERASED_NAME, "email": "", "number": "", "department": None}
"""What the table says of who was erased."""


def nobody(here: Institution, letter: str) -> User:
    """Return an account, not yet stored, of which any one column can be changed, the moment of its erasure too."""
    return User(
        organisation=here.organisation,
        role="student",
        username=f"{letter}-{here.organisation.slug}",
        family_name=ERASED_NAME,
        is_active=False,
    )


def enrolled(here: Institution, student: User) -> Enrolment:
    """Store and return the student's place in the offering."""
    return Enrolment.objects.create(offering=here.offering, student=student, roll_number=f"R{student.pk}")


def _seat(here: Institution) -> Model:
    return Seat(enrolment=enrolled(here, here.amira), section=here.seminar)


def _seat_elsewhere(here: Institution, there: Institution) -> Changes:
    return each(enrolment=enrolled(here, here.ben), section=Section.objects.create(offering=here.offering, name="B"))


def _spare_offering(here: Institution) -> Offering:
    term = Term.objects.create(
        organisation=here.organisation, name="Spare", first_day=date(2027, 2, 1), last_day=date(2027, 6, 1)
    )
    return Offering(organisation=here.organisation, course=here.course, term=term)


def _time_config(here: Institution) -> TimeConfig:
    return TimeConfig(
        organisation=here.organisation,
        working_days=5,
        slots_per_day=8,
        start_time=time(8),
        end_time=time(17),
        slot_duration_minutes=60,
    )


def _stored_config(here: Institution) -> TimeConfig:
    config = _time_config(here)
    config.save()
    return config


def _time_slot_tags(row: TimeSlot) -> set[str]:
    organisation = TimeConfig.objects.get(pk=row.config_id).organisation_id.hex
    return {
        f"time_slot.config={row.config_id}",
        f"time_slot.department={row.department_id}",
        f"time_slot.organisation={organisation}",
    }


def _share_of_a_block(here: Institution) -> BlockShare:
    none = LATER - LATER
    return BlockShare(
        checkpoint=block(1), organisation=here.organisation, entries=1, sealed=1, waiting=0, longest_wait=none
    )


def _changes_of_a_share(here: Institution, there: Institution) -> Changes:
    return each(
        organisation=there.organisation,
        checkpoint=block(2),
        entries=2,
        sealed=2,
        waiting=1,
        longest_wait=LATER - MONDAY_TEN,
    )


ROWS: dict[str, RuledRow] = {
    "organisation": RuledRow(
        lambda here: Organisation(slug=f"{here.organisation.slug}-2", name="Second"),
        _organisation_tags,
        lambda here, there: each(
            parent=there.organisation,
            name="Renamed",
            time_zone="Europe/Prague",
            at_risk_percent=80,
            warning_percent=60,
            late_after_minutes=5,
            session_minutes=20,
        ),
        lambda here, there: each(
            slug=f"{here.organisation.slug}-3",
            school_year_month=8,
            school_year_day=2,
            campus_networks=["192.0.2.0/24"],
            record_years=5,
        ),
    ),
    "organisations": RuledRow(
        lambda here: Organisation(slug=f"{here.organisation.slug}-2", name="Second"),
        lambda row: {"organisations"},
        lambda here, there: each(name="Renamed"),
        lambda here, there: each(
            slug=f"{here.organisation.slug}-3",
            parent=there.organisation,
            time_zone="Europe/Prague",
            school_year_month=8,
            school_year_day=2,
            at_risk_percent=80,
            warning_percent=60,
            late_after_minutes=5,
            session_minutes=20,
            campus_networks=["192.0.2.0/24"],
            record_years=5,
        ),
    ),
    "user": RuledRow(
        lambda here: nobody(here, "c"),
        _own("user"),
        lambda here, there: each(
            organisation=there.organisation,
            role="teacher",
            username=f"clara-{here.organisation.slug}",
            email="clara@example.org",
            number="C1",
            given_name="Clara",
            family_name="Weiss",
            department=here.department,
            is_active=True,
            erased_at=LATER,
        ),
        lambda here, there: each(
            password="!",
            last_login=LATER,
            is_superuser=True,
            date_joined=LATER,
            language="ar",
            time_zone="Europe/Prague",
        ),
    ),
    "account": RuledRow(
        lambda here: nobody(here, "d"),
        lambda row: {f"account.id={row.pk}"},
        lambda here, there: each(
            organisation=there.organisation,
            role="teacher",
            password="!",
            is_active=True,
            is_superuser=True,
            language="ar",
        ),
        lambda here, there: (
            each(
                username=f"dora-{here.organisation.slug}",
                email="dora@example.org",
                number="D1",
                given_name="Dora",
                family_name="Weiss",
                department=here.department,
                last_login=LATER,
                date_joined=LATER,
                time_zone="Europe/Prague",
            )
            | {"erased_at": {**NOBODY, "erased_at": LATER}}
        ),
    ),
    "login": RuledRow(
        lambda here: LoginSession(
            session_key=f"k-{here.organisation.slug}",
            session_data="",
            expire_date=MONDAY_TEN,
            user=here.amira,
            handle=_handle("h", here),
        ),
        lambda row: {f"login.handle={row.handle}"},
        lambda here, there: each(handle=_handle("i", here), user=there.ben, session_data="changed", expire_date=LATER),
    ),
    "department": RuledRow(
        lambda here: Department(organisation=here.organisation, name="Chemistry"),
        _own("department"),
        lambda here, there: each(organisation=there.organisation, name="Physics"),
    ),
    "room": RuledRow(
        lambda here: Room(organisation=here.organisation, name="A 1"),
        _own("room"),
        lambda here, there: each(organisation=there.organisation, name="A 2", capacity=30, archived_at=LATER),
    ),
    "term": RuledRow(
        lambda here: Term(
            organisation=here.organisation, name="Spring", first_day=date(2027, 2, 1), last_day=date(2027, 6, 1)
        ),
        _own("term"),
        lambda here, there: each(
            organisation=there.organisation, name="S", first_day=date(2027, 2, 2), last_day=date(2027, 6, 2)
        ),
    ),
    "time_config": RuledRow(
        _time_config,
        _own("time_config"),
        lambda here, there: {
            **each(
                organisation=there.organisation,
                is_active=False,
                working_days=6,
                slots_per_day=7,
                start_time=time(7),
                end_time=time(18),
                slot_duration_minutes=50,
                lunch_break_start=time(12),
                lunch_break_end=time(13),
            ),
            "lunch_break_enabled": {
                "lunch_break_enabled": True,
                "lunch_break_start": time(11),
                "lunch_break_end": time(12),
            },
        },
        lambda here, there: each(created_at=LATER),
    ),
    "time_slot": RuledRow(
        lambda here: TimeSlot(
            config=_stored_config(here),
            department=here.department,
            weekday=0,
            position=1,
            starts_at=time(8),
            ends_at=time(9),
        ),
        _time_slot_tags,
        lambda here, there: each(
            config=_stored_config(there),
            department=there.department,
            weekday=1,
            position=2,
            starts_at=time(8, 5),
            ends_at=time(9, 5),
        ),
    ),
    "course": RuledRow(
        lambda here: Course(organisation=here.organisation, department=here.department, code="BIO2", title="Genes"),
        _own("course"),
        lambda here, there: each(
            organisation=there.organisation,
            department=there.department,
            code="BIO3",
            title="Genetics",
            archived_at=LATER,
        ),
    ),
    "offering": RuledRow(
        _spare_offering,
        lambda row: _own("offering")(row) | {f"offering.course={row.course_id}"},
        lambda here, there: (
            each(
                organisation=there.organisation,
                course=there.course,
                term=there.term,
                late_weight=90,
                left_early_weight=40,
                remote_weight=80,
                blank_counts_absent=True,
                drop_lowest=2,
            )
            | {
                "enrolment_code": {"enrolment_code": f"{next(_codes):08d}", "enrolment_code_expires_at": LATER},
                "enrolment_code_expires_at": {
                    "enrolment_code": f"{next(_codes):08d}",
                    "enrolment_code_expires_at": MONDAY_NINE,
                },
            }
        ),
    ),
    "staff": RuledRow(
        lambda here: CourseStaff(offering=here.offering, user=here.novak, duty="owner"),
        _of_offering("staff", "user"),
        lambda here, there: {
            **each(offering=there.offering, user=there.novak, duty="assistant"),
            "lecture": {"duty": "substitute", "lecture": here.lecture},
        },
    ),
    "enrolment": RuledRow(
        lambda here: Enrolment(offering=here.offering, student=here.amira, roll_number="1"),
        _of_offering("enrolment", "student"),
        lambda here, there: each(
            offering=there.offering,
            student=there.ben,
            roll_number="2",
            from_day=date(2026, 10, 1),
            until_day=date(2026, 11, 1),
        ),
        lambda here, there: each(enrolled_at=LATER),
    ),
    "section": RuledRow(
        lambda here: Section(offering=here.offering, name="Seminar C"),
        _of_offering("section"),
        lambda here, there: each(offering=there.offering, name="Seminar D", limit=12),
    ),
    "seat": RuledRow(_seat, _seat_tags, _seat_elsewhere),
    "lecture": RuledRow(
        lambda here: Lecture(
            organisation=here.organisation, offering=here.offering, starts_at=MONDAY_NINE, ends_at=MONDAY_TEN
        ),
        lambda row: _own("lecture")(row) | {f"lecture.offering={row.offering_id}"},
        lambda here, there: each(
            organisation=there.organisation,
            offering=there.offering,
            section=here.seminar,
            starts_at=MONDAY_NINE.replace(minute=5),
            ends_at=MONDAY_TEN.replace(minute=5),
            room=Room.objects.create(organisation=here.organisation, name="B 1"),
            mode="online",
            topic="Membranes",
            cancelled_at=LATER,
        ),
        lambda here, there: each(meeting=here.weekly, planned_day=date(2026, 10, 5)),
    ),
    "session": RuledRow(
        lambda here: AttendanceSession(
            lecture=here.lecture, opened_by=here.novak, opened_at=MONDAY_NINE, ends_at=MONDAY_TEN
        ),
        _session_tags,
        lambda here, there: {
            **each(lecture=there.lecture, opened_at=MONDAY_NINE.replace(minute=1), ends_at=LATER),
            "closed_at": {"closed_at": MONDAY_TEN, "closed_by": here.novak},
        },
        lambda here, there: each(opened_by=there.novak, headcount=30, key=bytes(32), step_seconds=5, accepted_steps=2),
    ),
    "attendance": RuledRow(
        lambda here: Attendance(lecture=here.lecture, student=here.amira, status="present"),
        _attendance_tags,
        lambda here, there: each(lecture=there.lecture, student=there.ben, status="late"),
        lambda here, there: each(version=3, event=event(here.lecture, here.novak), recorded_at=LATER),
    ),
    "taken": RuledRow(
        lambda here: Attendance(lecture=here.lecture, student=here.amira, status="present"),
        _taken_tags,
        lambda here, there: each(lecture=there.lecture, status=""),
        lambda here, there: each(
            student=there.ben, version=3, event=event(here.lecture, here.novak), recorded_at=LATER
        ),
    ),
    "block_share": RuledRow(
        _share_of_a_block, lambda row: {f"block_share.organisation={row.organisation_id.hex}"}, _changes_of_a_share
    ),
    "blocks": RuledRow(_share_of_a_block, lambda row: {"blocks"}, _changes_of_a_share),
    "anchor": RuledRow(
        lambda here: Anchor(network=_handle("", here)[-10:], begun_at=LATER, next_try_at=LATER),
        lambda row: {f"anchor.network={row.network}"},
        lambda here, there: {
            **dict.fromkeys(("confirmed_at", "ledger"), confirmed_anchor()),
            # Last: a row that is signed cannot be deleted any more.
            **each(network=f"chain{next(_codes)}"),
        },
        # What is signed is signed at once, and stays.
        lambda here, there: {
            **each(attempts=1, begun_at=MONDAY_TEN, next_try_at=MONDAY_TEN, problem="busy", problem_detail="504"),
            **_each_of(signed_anchor()),
            **each(submitted_at=LATER, given_up_at=LATER),
        },
    ),
}
