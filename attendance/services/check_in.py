"""Checking in by code: one scan is one attempt with one outcome, stored in one short transaction.

The scan marks a blank and nothing else: a mark that a teacher set stands, and the scan waits for the teacher then.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from attendance import clock
from attendance.access import scans_shown_to
from attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    CheckInAttempt,
    Lecture,
    Status,
    Throttle,
    User,
)
from attendance.qr import tokens
from attendance.queries.claims import LIFETIME, Claim, session_numbered
from attendance.queries.registers import HERE
from attendance.queries.rosters import is_expected
from attendance.queries.scans import lecture_now, open_sessions_for
from attendance.services import throttle
from attendance.services.events import EventDraft, record

Outcome = CheckInAttempt.Outcome
Assurance = CheckInAttempt.Assurance
Method = AttendanceEvent.Method

AT_ONCE = timedelta(seconds=15)
SOON = timedelta(minutes=3)
"""How long a scan may have waited in a browser; what comes later waits for the teacher."""

_TRIES = 3
_OF_OWN_LECTURE = (Outcome.CHECKED_IN, Outcome.PENDING, Outcome.CODE_EXPIRED, Outcome.CLOSED, Outcome.TOO_EARLY)


@dataclass(frozen=True)
class Verdict:
    """What is to become of a scan as far as the scan itself tells, and the lecture that a claim would be about."""

    outcome: CheckInAttempt.Outcome
    session: AttendanceSession | None = None
    lecture: Lecture | None = None
    assurance: str = ""


@dataclass(frozen=True)
class TypedAnswer:
    """The attempt that a typed code made, and how many more may fail; None where failures are not counted."""

    attempt: CheckInAttempt
    tries: throttle.Attempt | None


def check_in(*, student: User, claim: Claim) -> CheckInAttempt:
    """Take a scan, and return the attempt it became; the same scan sent again returns the same attempt."""
    return _kept(student, claim, _judged(student, claim))


def check_in_typed(*, student: User, code: str) -> TypedAnswer:
    """Take a typed code for whichever check-in is open for the student, and return what became of it.

    A try is counted for the account in that session before it is looked at, so that guessing ends after five.
    """
    sessions = open_sessions_for(student)
    if not sessions:
        return TypedAnswer(_kept(student, _typed_claim(), _nothing_open(student)), None)
    # Where several are open at once, the first one counts for all.
    subject = throttle.subject_in(student, f"session {sessions[0].pk}")
    tries = throttle.begin_attempt(purpose=Throttle.Purpose.CHECK_IN_CODE, subject=subject)
    claim = _claim_of_typed(code, sessions) if tries.admitted else None
    if claim is not None:
        throttle.forgive(purpose=Throttle.Purpose.CHECK_IN_CODE, subject=subject)
        return TypedAnswer(check_in(student=student, claim=claim), None)
    outcome = Outcome.CODE_UNKNOWN if tries.admitted else Outcome.TOO_MANY
    return TypedAnswer(_kept(student, _typed_claim(), Verdict(outcome, sessions[0], sessions[0].lecture)), tries)


def _claim_of_typed(code: str, sessions: Sequence[AttendanceSession]) -> Claim | None:
    """Return the claim of a typed code that one of these sessions shows, None when none does."""
    now = tokens.step_at(clock.now().timestamp(), tokens.TYPED_STEP_SECONDS)
    for session in sessions:
        step = tokens.step_of_typed_code(bytes(session.key or b""), session.pk, code, now)
        if step is not None:
            return _typed_claim(session, datetime.fromtimestamp(step * tokens.TYPED_STEP_SECONDS, UTC))
    return None


def _typed_claim(session: AttendanceSession | None = None, code_made_at: datetime | None = None) -> Claim:
    session_id = session.pk if session else None
    return Claim(session_id, code_made_at, clock.now(), uuid.uuid4(), Method.TYPED_CODE)


# --- Judging a scan -----------------------------------------------------------------------------------------------


def _nothing_open(student: User) -> Verdict:
    """Return what becomes of a typed code while no check-in is open for the student."""
    lecture = lecture_now(student)
    if lecture is None:
        return Verdict(Outcome.CODE_UNKNOWN)
    was_open = lecture.sessions.order_by("-opened_at").first()
    return Verdict(Outcome.CLOSED if was_open else Outcome.TOO_EARLY, was_open, lecture)


def _judged(student: User, claim: Claim) -> Verdict:
    """Return what a scan is worth by itself: whose code, how old, and whether its student belongs there."""
    session = session_numbered(claim.session_id)
    if session is None or claim.code_made_at is None:
        return _of_unknown_code(student)
    lecture = session.lecture
    if lecture.organisation_id != student.organisation_id:
        return Verdict(Outcome.OTHER_ORGANISATION)
    if not is_expected(student, lecture):
        own = lecture_now(student)
        return Verdict(Outcome.OTHER_LECTURE if own else Outcome.NOT_ENROLLED, session, own or lecture)
    return Verdict(*_by_time(claim, claim.code_made_at, session))


def _of_unknown_code(student: User) -> Verdict:
    """Count the failure, so that nobody tries codes without end."""
    subject = throttle.subject_in(student, "scan")
    tries = throttle.begin_attempt(purpose=Throttle.Purpose.CHECK_IN_CODE, subject=subject)
    return Verdict(Outcome.CODE_UNKNOWN if tries.admitted else Outcome.TOO_MANY)


def _by_time(
    claim: Claim, code_made_at: datetime, session: AttendanceSession
) -> tuple[CheckInAttempt.Outcome, AttendanceSession, Lecture, str]:
    """Judge a good code of the student's own lecture: the moment of the scan counts, not that of its arrival."""
    lecture, waited = session.lecture, clock.now() - claim.scanned_at
    typed = claim.method == Method.TYPED_CODE
    lives = tokens.TYPED_STEP_SECONDS * tokens.TYPED_STEPS if typed else session.code_seconds
    if lecture.cancelled_at is not None or claim.scanned_at >= session.ended_at:
        return Outcome.CLOSED, session, lecture, ""
    if claim.scanned_at - code_made_at >= timedelta(seconds=lives) or waited > LIFETIME:
        return Outcome.CODE_EXPIRED, session, lecture, ""
    if waited > SOON:
        return Outcome.PENDING, session, lecture, ""
    live = Assurance.LIVE if waited <= AT_ONCE else Assurance.KEPT
    return Outcome.CHECKED_IN, session, lecture, Assurance.TYPED if typed else live


# --- Keeping it ---------------------------------------------------------------------------------------------------


def _kept(student: User, claim: Claim, verdict: Verdict) -> CheckInAttempt:
    """Store the attempt with what follows from it, once: the same scan sent again finds the attempt of the first."""
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _stored(student, claim, verdict)
        except IntegrityError:
            # Either this scan was sent before, or somebody else made the student's first mark in this very moment.
            former = CheckInAttempt.objects.filter(nonce=claim.nonce).first()
            if former is None:
                continue
            if former.student_id == student.pk:
                return scans_shown_to(student).get(pk=former.pk)
            # A copy: whoever sent it first has it. Another name of its own makes a repeat of this harmless as well.
            claim = replace(claim, nonce=uuid.uuid5(claim.nonce, str(student.pk)))
            verdict = Verdict(Outcome.OTHER_ACCOUNT, verdict.session, verdict.lecture)
    raise RuntimeError(f"The scan of {student.pk} found other writers {_TRIES} times.")


def _stored(student: User, claim: Claim, verdict: Verdict) -> CheckInAttempt:
    outcome, event = verdict.outcome, None
    if verdict.lecture is not None and outcome in _OF_OWN_LECTURE:
        outcome, event = _marked(student, claim, verdict, verdict.lecture)
    return CheckInAttempt.objects.create(
        organisation_id=student.organisation_id,
        student=student,
        lecture=verdict.lecture,
        session=verdict.session,
        outcome=outcome,
        assurance=verdict.assurance if outcome == Outcome.CHECKED_IN else "",
        event=event,
        code_made_at=claim.code_made_at,
        nonce=claim.nonce,
        scanned_at=claim.scanned_at,
    )


def _marked(
    student: User, claim: Claim, verdict: Verdict, lecture: Lecture
) -> tuple[CheckInAttempt.Outcome, AttendanceEvent | None]:
    """Mark the student when nobody has yet; return what became of the scan, and the event that says so."""
    marks = Attendance.objects.select_for_update(of=("self",)).select_related("event")
    mark = marks.filter(lecture=lecture, student=student).first() or Attendance(lecture=lecture, student=student)
    if mark.status in HERE:
        return Outcome.ALREADY_IN, mark.event
    if verdict.outcome != Outcome.CHECKED_IN:
        return verdict.outcome, None
    if mark.status:
        return Outcome.PENDING, None
    [event] = record([_draft(student, claim, lecture)])
    mark.follow(event)
    mark.save()
    return Outcome.CHECKED_IN, event


def _draft(student: User, claim: Claim, lecture: Lecture) -> EventDraft:
    on_time_until = lecture.starts_at + timedelta(minutes=lecture.organisation.late_after_minutes)
    return EventDraft(
        kind=AttendanceEvent.Kind.MARKED,
        lecture=lecture,
        actor=student,
        method=claim.method,
        received_at=clock.now(),
        scanned_at=claim.scanned_at,
        student_id=student.pk,
        to_status=Status.PRESENT if claim.scanned_at < on_time_until else Status.LATE,
    )
