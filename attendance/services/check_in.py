"""Checking in by code: what a scan, or a code that was typed, is worth by itself; `services.scans` keeps it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from attendance import clock
from attendance.models import AttendanceEvent, AttendanceSession, CheckInAttempt, Lecture, Throttle, User
from attendance.qr import tokens
from attendance.queries.claims import LIFETIME, Claim, claim_of, session_numbered
from attendance.queries.rosters import is_expected
from attendance.queries.scans import lecture_now, open_sessions_for
from attendance.services import throttle
from attendance.services.scans import Scan, Sender, Verdict, keep

Outcome = CheckInAttempt.Outcome
Assurance = CheckInAttempt.Assurance
Method = AttendanceEvent.Method

AT_ONCE = timedelta(seconds=15)
SOON = timedelta(minutes=3)
"""How long a scan may have waited in a browser; what comes later waits for the teacher."""
KEPT_OFFLINE = timedelta(hours=24)
"""How long after its code was new a scan counts that was kept without a network."""
NOBODY_KNOWN = Sender()


@dataclass(frozen=True)
class TypedAnswer:
    """The attempt that a typed code made, and how many more may fail; None where failures are not counted."""

    attempt: CheckInAttempt
    tries: throttle.Attempt | None


@dataclass(frozen=True)
class OfflineScan:
    """A code that was scanned without a network, when its device says that was, and the name it gave the scan."""

    code: str
    said_at: datetime
    nonce: uuid.UUID

    @property
    def signed(self) -> str:
        """What the device signs of it."""
        return f"{self.nonce}\n{self.code}\n{round(self.said_at.timestamp() * 1000)}"


def check_in(*, student: User, claim: Claim, sender: Sender = NOBODY_KNOWN) -> CheckInAttempt:
    """Take a scan, and return the attempt it became; the same scan sent again returns the same attempt."""
    return keep(Scan(student, claim, _judged(student, claim), sender, str(claim.nonce)))


def check_in_offline(*, student: User, scan: OfflineScan, sender: Sender = NOBODY_KNOWN) -> CheckInAttempt:
    """Take a scan that a device kept while it had no network; at best it waits for the teacher.

    What its device says of the time proves nothing: a code proves that it was scanned after it was new, and no more.
    A second one of the same student and lecture returns the one that waits already.
    """
    found, _session = claim_of(scan.code)
    claim = replace(found, nonce=scan.nonce, scanned_at=found.code_made_at or found.scanned_at, said_at=scan.said_at)
    return keep(Scan(student, claim, _judged(student, claim), sender, scan.signed))


def check_in_typed(*, student: User, code: str, sender: Sender = NOBODY_KNOWN) -> TypedAnswer:
    """Take a typed code for whichever check-in is open for the student, and return what became of it.

    A try is counted for the account in that session before it is looked at, so that guessing ends after five.
    """
    sessions = open_sessions_for(student)
    if not sessions:
        return TypedAnswer(_kept_typed(student, _typed_claim(), _nothing_open(student), sender, code), None)
    # Where several are open at once, the first one counts for all.
    subject = throttle.subject_in(student, f"session {sessions[0].pk}")
    tries = throttle.begin_attempt(purpose=Throttle.Purpose.CHECK_IN_CODE, subject=subject)
    claim = _claim_of_typed(code, sessions) if tries.admitted else None
    if claim is not None:
        throttle.forgive(purpose=Throttle.Purpose.CHECK_IN_CODE, subject=subject)
        return TypedAnswer(_kept_typed(student, claim, _judged(student, claim), sender, code), None)
    outcome = Outcome.CODE_UNKNOWN if tries.admitted else Outcome.TOO_MANY
    verdict = Verdict(outcome, sessions[0], sessions[0].lecture)
    return TypedAnswer(_kept_typed(student, _typed_claim(), verdict, sender, code), tries)


def _kept_typed(student: User, claim: Claim, verdict: Verdict, sender: Sender, code: str) -> CheckInAttempt:
    return keep(Scan(student, claim, verdict, sender, code))


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
    if lecture.cancelled_at is not None or claim.scanned_at >= session.ended_at:
        return Outcome.CLOSED, session, lecture, ""
    if claim.scanned_at - code_made_at >= _life_of(claim, session) or waited > kept_at_most(claim.said_at):
        return Outcome.CODE_EXPIRED, session, lecture, ""
    if waited > SOON or claim.said_at is not None:
        return Outcome.PENDING, session, lecture, ""
    live = Assurance.LIVE if waited <= AT_ONCE else Assurance.KEPT
    return Outcome.CHECKED_IN, session, lecture, Assurance.TYPED if claim.method == Method.TYPED_CODE else live


def _life_of(claim: Claim, session: AttendanceSession) -> timedelta:
    """Return how long a code of this kind lives."""
    if claim.method == Method.TYPED_CODE:
        return timedelta(seconds=tokens.TYPED_STEP_SECONDS * tokens.TYPED_STEPS)
    return timedelta(seconds=session.code_seconds)


def kept_at_most(said_at: datetime | None) -> timedelta:
    """Return how long a scan may be kept: much longer when it was made without a network, and says when."""
    return LIFETIME if said_at is None else KEPT_OFFLINE
