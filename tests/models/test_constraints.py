"""What the database itself refuses to store: each rule is broken once, and its nearest neighbours are kept."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from attendance.ledger.commitment import new_salt
from attendance.models import (
    Activation,
    Anchor,
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    BlockShare,
    CheckInAttempt,
    Checkpoint,
    Course,
    CourseStaff,
    Department,
    Device,
    Enrolment,
    Holiday,
    Import,
    ImportRow,
    Invitation,
    LedgerEntry,
    LedgerKey,
    LinkedIdentity,
    Meeting,
    Offering,
    Organisation,
    Request,
    Room,
    Section,
    Term,
    Throttle,
    TimeConfig,
    TimeSlot,
    User,
)
from attendance.models.people import ERASED_NAME
from tests.models.institution import MONDAY_NINE, MONDAY_TEN, Institution, event, found_institution, lecture, person

MONDAY = date(2026, 10, 5)
LATER = date(2026, 12, 1)


@pytest.fixture
def uppsala(db: None) -> Institution:
    """A university to which every case adds its own rows."""
    return found_institution()


# --- How a case stores its rows: every function returns an act, and needs no more than the case is about -------

Act = Callable[[Institution], object]


def both(first: Act, second: Act) -> Act:
    return lambda at: (first(at), second(at))


def organisation(**fields: Any) -> Act:
    return lambda at: Organisation.objects.create(**{"slug": "lund", "name": "Lund"} | fields)


def act(kind: str, **fields: Any) -> Act:
    """Return an event that names no lecture."""

    def store(at: Institution) -> AttendanceEvent:
        columns = {"organisation": at.organisation, "actor": at.novak, "received_at": MONDAY_NINE, **fields}
        text = {"body": "{}", "salt": new_salt(), "commitment": new_salt()}
        return AttendanceEvent.objects.create(kind=kind, schema_version=1, **text, **columns)

    return store


def entry(index: int) -> Act:
    return lambda at: LedgerEntry.objects.create(index=index, event=event(at.lecture, by=at.novak), hashes=bytes(32))


def block(**fields: Any) -> Any:
    """Return a block, stored, that nobody signed."""
    key, _made = LedgerKey.objects.get_or_create(number=1, text="key", added_at=MONDAY_NINE)
    columns = {"number": 1, "size": 1, "sealed_at": MONDAY_NINE, "events_through": 1, **fields}
    return Checkpoint.objects.create(root=bytes(32), key=key, **columns)


def share_twice(at: Institution) -> None:
    counts = {"entries": 1, "sealed": 1, "waiting": 0, "longest_wait": MONDAY_TEN - MONDAY_NINE}
    only = block()
    for _time in range(2):
        BlockShare.objects.create(checkpoint=only, organisation=at.organisation, **counts)


def anchor(**fields: Any) -> Act:
    """Return an anchor that is begun."""
    return lambda at: Anchor.objects.create(
        **{"network": "testnet", "begun_at": MONDAY_NINE, "next_try_at": MONDAY_NINE} | fields
    )


def signed_anchor(number: int = 1, **fields: Any) -> Act:
    """Return an anchor of the first block, signed, that no chain would take."""

    def store(at: Institution) -> object:
        only = Checkpoint.objects.first() or block()
        signed = {"envelope": "AAAA", "transaction_hash": f"{number:064}", "account": "G", "sequence": number}
        signed |= {"checkpoint": only, "ends_at": MONDAY_TEN, "signed_at": MONDAY_NINE}
        return anchor(**signed | fields)(at)

    return store


_IN_A_LEDGER = {"submitted_at": MONDAY_NINE, "confirmed_at": MONDAY_TEN, "ledger": 7}
_GIVEN_UP = {"given_up_at": MONDAY_TEN}


def somebody(username: str, role: Any = User.Role.STUDENT, **fields: Any) -> Act:
    return lambda at: person(at.organisation, role, username, **fields)


def erased_but(**fields: Any) -> Act:
    """Return an account that was erased, but for these columns."""
    nobody = {"given_name": "", "family_name": ERASED_NAME, "email": "", "number": "", "is_active": False}

    def store(at: Institution) -> None:
        account = person(at.organisation, User.Role.STUDENT, "carla")
        User.objects.filter(pk=account.pk).update(**{"erased_at": MONDAY_NINE, **nobody, **fields})

    return store


def somebody_in_lund(username: str, **fields: Any) -> Act:
    return lambda at: person(found_institution("lund").organisation, User.Role.STUDENT, username, **fields)


def invitation(token: str, **fields: Any) -> Act:
    given = {"email": "carla@example.org", "role": User.Role.TEACHER, "expires_at": MONDAY_TEN}
    return lambda at: Invitation.objects.create(
        organisation=at.organisation, invited_by=at.novak, token_hash=token, **given | fields
    )


def activation(secret: str, of: str = "amira", **fields: Any) -> Act:
    given = {"kind": Activation.Kind.LINK, "expires_at": MONDAY_TEN}
    return lambda at: Activation.objects.create(
        user=getattr(at, of), created_by=at.novak, secret_hash=secret, **given | fields
    )


def device(of: str, **fields: Any) -> Act:
    return lambda here: Device.objects.create(student=getattr(here, of), key_hash="0" * 64, public_key=b"", **fields)


def offline_scan(outcome: str = "pending") -> Act:
    return lambda here: CheckInAttempt.objects.create(
        organisation=here.organisation,
        student=here.amira,
        lecture=here.lecture,
        outcome=outcome,
        scanned_at=MONDAY_NINE,
        said_at=MONDAY_NINE,
    )


def identity(subject: str, of: str = "amira", issuer: str = "https://id.example") -> Act:
    return lambda at: LinkedIdentity.objects.create(user=getattr(at, of), issuer=issuer, subject=subject)


def imported(source: str = "csv", **fields: Any) -> Act:
    return lambda at: Import.objects.create(organisation=at.organisation, source=source, file_name="a.csv", **fields)


def imported_row(**fields: Any) -> Act:
    return lambda at: ImportRow.objects.create(of=imported()(at), **fields)


def accepted(token: str, **fields: Any) -> Act:
    return lambda at: invitation(token, accepted_by=at.amira, **fields)(at)


def failures(address: str) -> Act:
    return lambda at: Throttle.objects.create(purpose="login", account="amira", address=address, since=MONDAY_NINE)


def department(name: str) -> Act:
    return lambda at: Department.objects.create(organisation=at.organisation, name=name)


def room(name: str) -> Act:
    return lambda at: Room.objects.create(organisation=at.organisation, name=name)


def term(name: str, first_day: date = MONDAY, last_day: date = LATER) -> Act:
    return lambda at: Term.objects.create(
        organisation=at.organisation, name=name, first_day=first_day, last_day=last_day
    )


def course(code: str) -> Act:
    return lambda at: Course.objects.create(
        organisation=at.organisation, department=at.department, code=code, title="Genetics"
    )


def offering(term_name: str, **fields: Any) -> Act:
    def offer(at: Institution) -> Offering:
        other = Term.objects.create(organisation=at.organisation, name=term_name, first_day=MONDAY, last_day=LATER)
        return Offering.objects.create(organisation=at.organisation, course=at.course, term=other, **fields)

    return offer


def offering_again(at: Institution) -> None:
    Offering.objects.create(organisation=at.organisation, course=at.course, term=at.term)


def coded_offering(term_name: str, code: str, **fields: Any) -> Act:
    return offering(term_name, enrolment_code=code, **{"enrolment_code_expires_at": MONDAY_TEN} | fields)


def duty(kind: str) -> Act:
    return lambda at: CourseStaff.objects.create(offering=at.offering, user=at.novak, duty=kind)


def duty_in_lecture(kind: str) -> Act:
    return lambda at: CourseStaff.objects.create(offering=at.offering, user=at.novak, duty=kind, lecture=at.lecture)


def duty_in_next_lecture(kind: str) -> Act:
    return lambda at: CourseStaff.objects.create(
        offering=at.offering, user=at.novak, duty=kind, lecture=at.next_lecture
    )


def section(name: str) -> Act:
    return lambda at: Section.objects.create(offering=at.offering, name=name)


def enrolment(of: str, roll_number: str, **fields: Any) -> Act:
    return lambda at: Enrolment.objects.create(
        offering=at.offering, student=getattr(at, of), roll_number=roll_number, **fields
    )


def meeting(weekday: int = 0, hour: int = 13, minutes: int = 60) -> Act:
    return lambda at: Meeting.objects.create(
        offering=at.offering, weekday=weekday, starts_at=time(hour), minutes=minutes, weeks="1"
    )


def seminar_meeting(hour: int) -> Act:
    return lambda at: Meeting.objects.create(
        offering=at.offering, section=at.seminar, weekday=0, starts_at=time(hour), minutes=60, weeks="1"
    )


def lecture_with(**fields: Any) -> Act:
    return lambda at: lecture(at.offering, **fields)


def planned_lecture(day: date | None) -> Act:
    return lambda at: lecture(at.offering, meeting=at.weekly, planned_day=day)


def session(**fields: Any) -> Act:
    given = {"opened_at": MONDAY_NINE, "ends_at": MONDAY_TEN}
    return lambda at: AttendanceSession.objects.create(lecture=at.lecture, opened_by=at.novak, **given | fields)


def closed_session(at: Institution) -> None:
    session(closed_by=at.novak, closed_at=MONDAY_TEN)(at)


def mark(of: str, status: str) -> Act:
    return lambda at: Attendance.objects.create(lecture=at.lecture, student=getattr(at, of), status=status)


def holiday(first_day: date = MONDAY, last_day: date = MONDAY) -> Act:
    return lambda at: Holiday.objects.create(
        organisation=at.organisation, name="Founders' day", first_day=first_day, last_day=last_day
    )


def time_config(**fields: Any) -> Act:
    given = {"working_days": 5, "slots_per_day": 8, "start_time": time(8), "end_time": time(17)}
    return lambda at: TimeConfig.objects.create(
        organisation=at.organisation, **{**given, "slot_duration_minutes": 60, **fields}
    )


def lunch(start: int | None, end: int | None) -> Act:
    hours = [None if hour is None else time(hour) for hour in (start, end)]
    return time_config(lunch_break_enabled=True, lunch_break_start=hours[0], lunch_break_end=hours[1])


def slot(weekday: int = 0, ends_at: int = 9) -> Act:
    def make(at: Institution) -> TimeSlot:
        config = TimeConfig.objects.first() or time_config()(at)
        hours = {"starts_at": time(8), "ends_at": time(ends_at)}
        return TimeSlot.objects.create(config=config, department=at.department, weekday=weekday, position=1, **hours)

    return make


def request(kind: str, **fields: Any) -> Act:
    return lambda at: Request.objects.create(
        organisation=at.organisation, student=at.amira, kind=kind, reason="As agreed", **fields
    )


def correction(state: str = "pending", **fields: Any) -> Act:
    wanted = {"wanted_status": "present", "state": state}
    return lambda at: request("correction", lecture=at.lecture, **wanted | fields)(at)


# --- The rules --------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, Act]] = [
    ("organisation_thresholds_in_order", organisation(at_risk_percent=101)),
    ("organisation_thresholds_in_order", organisation(at_risk_percent=70, warning_percent=71)),
    ("organisation_session_minutes_1_to_120", organisation(session_minutes=0)),
    ("organisation_session_minutes_1_to_120", organisation(session_minutes=121)),
    ("organisation_school_year_start", organisation(school_year_month=13)),
    ("organisation_school_year_start", organisation(school_year_day=0)),
    ("organisation_record_years_1_to_50", organisation(record_years=0)),
    ("organisation_record_years_1_to_50", organisation(record_years=51)),
    ("organisation_not_its_own_group", lambda at: Organisation.objects.update(parent=at.organisation)),
    ("user_role_known", somebody("carla", role="dean")),
    ("user_erased_is_nobody", erased_but(is_active=True)),
    ("user_erased_is_nobody", erased_but(is_superuser=True)),
    ("user_erased_is_nobody", erased_but(family_name="Novak")),
    ("user_erased_is_nobody", erased_but(given_name="Carla")),
    ("user_erased_is_nobody", erased_but(email="c@a.org")),
    ("user_erased_is_nobody", erased_but(number="7")),
    ("user_number_once_per_organisation", both(somebody("carla", number="7"), somebody("dan", number="7"))),
    ("user_email_once_per_organisation", both(somebody("carla", email="c@a.org"), somebody("dan", email="C@a.org"))),
    ("invitation_open_once_per_email", both(invitation("1"), invitation("2", email="Carla@Example.org"))),
    ("invitation_accepted_or_revoked", accepted("1", revoked_at=MONDAY_NINE)),
    ("activation_kind_known", activation("1", kind="song")),
    ("activation_open_once_per_person", both(activation("1"), activation("2", kind="code"))),
    ("activation_used_or_revoked", activation("1", used_at=MONDAY_NINE, revoked_at=MONDAY_NINE)),
    ("activation_mail_sent_or_failed", activation("1", sent_at=MONDAY_NINE, failed_at=MONDAY_NINE)),
    ("identity_subject_once_per_issuer", both(identity("s-1"), identity("s-1", of="ben"))),
    ("identity_once_per_person_and_issuer", both(identity("s-1"), identity("s-2"))),
    ("device_key_bound_once", both(device("amira"), device("ben"))),
    ("attempt_offline_waits_once", both(offline_scan(), offline_scan())),
    ("throttle_once_per_account_address", both(failures("192.0.2.1"), failures("192.0.2.1"))),
    ("department_name_once_per_organisation", department("Biology")),
    ("room_name_once_per_organisation", both(room("A1"), room("A1"))),
    ("term_name_once_per_organisation", term("Autumn")),
    ("term_days_in_order", term("Spring", first_day=LATER, last_day=MONDAY)),
    ("course_code_once_per_organisation", course("BIO1")),
    ("offering_once_per_course_and_term", offering_again),
    ("offering_weights_up_to_100", offering("Spring", late_weight=101)),
    ("offering_weights_up_to_100", offering("Spring", left_early_weight=101)),
    ("offering_weights_up_to_100", offering("Spring", remote_weight=101)),
    ("offering_enrolment_code_once", both(coded_offering("Spring", "A"), coded_offering("Summer", "A"))),
    ("offering_code_has_an_end", coded_offering("Spring", "A", enrolment_code_expires_at=None)),
    ("offering_code_has_an_end", coded_offering("Spring", "")),
    ("course_staff_once_per_person", both(duty("owner"), duty("assistant"))),
    ("course_staff_substitute_once", both(duty_in_lecture("substitute"), duty_in_lecture("substitute"))),
    ("course_staff_substitute_has_lecture", duty("substitute")),
    ("course_staff_substitute_has_lecture", duty_in_lecture("owner")),
    ("course_staff_substitute_has_lecture", duty("dean")),
    ("section_name_once_per_offering", section("Seminar A")),
    ("enrolment_once_per_student", both(enrolment("amira", "1"), enrolment("amira", "2"))),
    ("enrolment_roll_number_once", both(enrolment("amira", "1"), enrolment("ben", "1"))),
    ("enrolment_days_in_order", enrolment("amira", "1", from_day=LATER, until_day=MONDAY)),
    ("meeting_weekday_0_to_6", meeting(weekday=7)),
    ("meeting_has_length", meeting(minutes=0)),
    ("meeting_once_per_hour", meeting(hour=9)),
    ("meeting_once_per_hour_of_section", both(seminar_meeting(9), seminar_meeting(9))),
    ("lecture_ends_after_start", lecture_with(ends_at=MONDAY_NINE)),
    ("lecture_mode_known", lecture_with(mode="dream")),
    ("lecture_once_per_meeting_and_day", both(planned_lecture(MONDAY), planned_lecture(MONDAY))),
    ("session_one_open_per_lecture", both(session(), session())),
    ("session_ends_after_opening", session(ends_at=MONDAY_NINE)),
    ("session_step_1_to_60_seconds", session(step_seconds=0)),
    ("session_step_1_to_60_seconds", session(step_seconds=61)),
    ("session_accepts_1_to_20_codes", session(accepted_steps=0)),
    ("session_accepts_1_to_20_codes", session(accepted_steps=21)),
    ("session_closed_by_somebody", session(closed_at=MONDAY_TEN)),
    ("session_closed_by_somebody", lambda at: session(closed_by=at.novak)(at)),
    ("event_mark_names_a_student", lambda at: event(at.lecture, by=at.novak, kind="marked")),
    ("event_of_a_lecture_names_it", act("session_opened")),
    ("event_names_who_did_it_and_where", act("policy_changed", actor=None)),
    ("event_names_who_did_it_and_where", act("policy_changed", organisation=None)),
    ("event_names_who_did_it_and_where", act("person_erased", organisation=None)),
    ("ledger_entry_counts_from_0", entry(-1)),
    ("block_is_not_empty", lambda at: block(number=0)),
    ("block_is_not_empty", lambda at: block(size=0)),
    ("block_share_once_per_organisation", share_twice),
    ("anchor_one_at_a_time", both(anchor(), anchor())),
    (
        "anchor_confirmed_once_per_block",
        both(signed_anchor(1, **_IN_A_LEDGER), signed_anchor(2, **_IN_A_LEDGER)),
    ),
    ("anchor_has_its_own_transaction", both(signed_anchor(1, **_GIVEN_UP), signed_anchor(1))),
    ("anchor_is_signed_whole", signed_anchor(account="")),
    ("anchor_is_signed_whole", signed_anchor(envelope="")),
    ("anchor_is_signed_whole", signed_anchor(transaction_hash="")),
    ("anchor_is_signed_whole", signed_anchor(checkpoint=None)),
    ("anchor_is_signed_whole", signed_anchor(sequence=None)),
    ("anchor_is_signed_whole", signed_anchor(ends_at=None)),
    ("anchor_is_signed_whole", signed_anchor(signed_at=None)),
    ("anchor_is_signed_first", anchor(submitted_at=MONDAY_TEN)),
    ("anchor_is_confirmed_in_a_ledger", signed_anchor(**_IN_A_LEDGER | {"ledger": None})),
    ("anchor_is_confirmed_in_a_ledger", signed_anchor(**_IN_A_LEDGER | {"submitted_at": None})),
    ("anchor_is_confirmed_in_a_ledger", signed_anchor(ledger=7)),
    ("anchor_ends_one_way", signed_anchor(**_IN_A_LEDGER, **_GIVEN_UP)),
    ("attendance_once_per_lecture_and_student", both(mark("amira", "present"), mark("amira", "absent"))),
    ("attendance_status_known", mark("amira", "asleep")),
    ("holiday_once_per_day_and_name", both(holiday(), holiday())),
    ("holiday_days_in_order", holiday(first_day=LATER, last_day=MONDAY)),
    ("time_config_day_in_order", time_config(end_time=time(8))),
    ("time_config_working_days_1_to_7", time_config(working_days=0)),
    ("time_config_working_days_1_to_7", time_config(working_days=8)),
    ("time_config_slots_1_to_24", time_config(slots_per_day=0)),
    ("time_config_slots_1_to_24", time_config(slots_per_day=25)),
    ("time_config_slot_has_length", time_config(slot_duration_minutes=0)),
    ("time_config_slot_has_length", time_config(slot_duration_minutes=1441)),
    ("time_config_lunch_within_the_day", lunch(7, 9)),
    ("time_config_lunch_within_the_day", lunch(16, 18)),
    ("time_config_lunch_within_the_day", lunch(12, 12)),
    ("time_config_lunch_within_the_day", lunch(12, None)),
    ("time_config_lunch_within_the_day", lunch(None, 13)),
    ("time_slot_once_per_place", both(slot(), slot())),
    ("time_slot_weekday_0_to_6", slot(weekday=7)),
    ("time_slot_ends_after_start", slot(ends_at=8)),
    ("import_source_known", imported("floppy disk")),
    ("import_state_known", imported(state="lost")),
    ("import_applied_at_a_moment", imported(state="applied")),
    ("import_applied_at_a_moment", imported(applied_at=MONDAY_NINE)),
    ("import_row_action_known", imported_row(action="mended")),
    ("import_row_refused_for_a_reason", imported_row(action="refused")),
    ("request_kind_known", request("wish")),
    ("request_state_known", lambda at: request("card", state="lost", decided_by=at.novak)(at)),
    ("request_about_a_mark_names_lecture_and_mark", request("correction")),
    ("request_about_a_mark_names_lecture_and_mark", correction(wanted_status="")),
    ("request_about_a_mark_names_lecture_and_mark", request("card", wanted_status="present")),
    ("request_leave_names_days", request("leave")),
    ("request_leave_names_days", request("leave", from_day=LATER, until_day=MONDAY)),
    ("request_leave_names_days", request("card", from_day=MONDAY)),
    ("request_class_drop_names_offering", request("class_drop")),
    ("request_decided_by_somebody", request("card", state="approved")),
    ("request_pending_once_per_lecture", both(correction(), correction())),
]
KEPT: dict[str, Act] = {
    "thresholds that are equal": organisation(at_risk_percent=100, warning_percent=100),
    "sessions of one minute": organisation(session_minutes=1),
    "sessions of two hours": organisation(session_minutes=120),
    "records for a year": organisation(record_years=1),
    "records for fifty years": organisation(record_years=50),
    "somebody who was erased": erased_but(),
    "a group above": lambda at: Organisation.objects.create(slug="lund", name="Lund", parent=at.organisation),
    "people without number and address": both(somebody("carla"), somebody("dan")),
    "the same number at another university": both(somebody("carla", number="7"), somebody_in_lund("dan", number="7")),
    "a second invitation after the first was revoked": both(invitation("1", revoked_at=MONDAY_NINE), invitation("2")),
    "a second invitation after the first was accepted": both(accepted("1"), invitation("2")),
    "an activation after another was used": both(activation("1", used_at=MONDAY_NINE), activation("2")),
    "an activation after another was revoked": both(activation("1", revoked_at=MONDAY_NINE), activation("2")),
    "activations of two people": both(activation("1"), activation("2", of="ben")),
    "one person at two providers": both(identity("s-1"), identity("s-1", issuer="https://other.example")),
    "failures from two addresses": both(failures("192.0.2.1"), failures("2001:db8::1")),
    "a term of one day": term("Exams", first_day=MONDAY, last_day=MONDAY),
    "offerings without a code": both(offering("Spring"), offering("Summer")),
    "an owner who also substitutes twice": both(
        duty("owner"), both(duty_in_lecture("substitute"), duty_in_next_lecture("substitute"))
    ),
    "an enrolment for one day": enrolment("amira", "1", from_day=MONDAY, until_day=MONDAY),
    "an enrolment with an open end": enrolment("amira", "1", from_day=MONDAY),
    "a seminar at the hour of the lecture": seminar_meeting(9),
    "two lectures outside the pattern": both(planned_lecture(None), planned_lecture(None)),
    "a session after another was closed": both(closed_session, both(closed_session, session())),
    "marks of two students": both(mark("amira", "present"), mark("ben", "present")),
    "a device that was forgotten and bound again": both(device("amira", revoked_at=MONDAY_TEN), device("ben")),
    "two offline scans of which one is too old": both(offline_scan(), offline_scan(outcome="code_expired")),
    "a policy that belongs to no lecture": act("policy_changed"),
    "a key that nobody at an organisation made": act("key_rotated", organisation=None, actor=None),
    "an erasure because time was over": act("person_erased", actor=None),
    "a mark that was taken back": mark("amira", ""),
    "a holiday of one day": holiday(),
    "lunch that takes the whole day": lunch(8, 17),
    "a lunch that is not kept": time_config(lunch_break_start=time(20), lunch_break_end=time(19)),
    "two configurations in force": both(time_config(), time_config()),
    "the same hour on two days": both(slot(), slot(weekday=6)),
    "leave of one day": request("leave", from_day=MONDAY, until_day=MONDAY),
    "a correction after another was cancelled": both(correction("cancelled"), correction()),
    "anchors on two networks": both(anchor(), anchor(network="public")),
    "an anchor after one that was given up": both(signed_anchor(1, **_GIVEN_UP), signed_anchor(2)),
    "an anchor after one that was confirmed": both(signed_anchor(1, **_IN_A_LEDGER), anchor()),
    "two requests for a card": both(request("card"), request("card")),
}


@pytest.mark.parametrize(("rule", "act"), REFUSED)
def test_a_broken_rule_is_refused(uppsala: Institution, rule: str, act: Act) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        act(uppsala)

    # SQLite names the rule only when it is a condition on one row.
    if connection.vendor == "postgresql" or "CHECK" in str(refusal.value):
        assert rule in str(refusal.value)


@pytest.mark.parametrize("act", KEPT.values(), ids=KEPT.keys())
def test_what_keeps_the_rules_is_stored(uppsala: Institution, act: Act) -> None:
    act(uppsala)


def test_every_rule_has_its_case() -> None:
    rules = {rule.name for model in apps.get_app_config("attendance").get_models() for rule in model._meta.constraints}

    assert rules == {rule for rule, _ in REFUSED}
