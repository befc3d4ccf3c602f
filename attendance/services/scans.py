"""Keeping a scan: the attempt with its one outcome, and the mark that follows, in one short transaction.

The scan marks a blank and nothing else: a mark that a teacher set stands, and the scan waits for the teacher then.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import IntegrityError, transaction

from attendance import clock
from attendance.access import scans_shown_to
from attendance.models import Attendance, AttendanceEvent, AttendanceSession, CheckInAttempt, Lecture, Status, User
from attendance.prepared import Prepared
from attendance.queries.claims import Claim
from attendance.queries.registers import HERE
from attendance.services.bulk_rows import append
from attendance.services.devices import NO_SIGNATURE, Signature, SignedBy, note_check_in, recognised, signed_by
from attendance.services.events import EventDraft, record_one
from attendance.services.networks import address_hash, is_on_campus

Outcome = CheckInAttempt.Outcome

_MARK = Prepared(
    lambda lecture, student: (
        Attendance.objects.select_for_update(of=("self",))
        .select_related("event")
        .filter(lecture=lecture, student=student)
        .order_by()
    ),
    lecture=int,
    student=int,
)
_TRIES = 3
_OF_OWN_LECTURE = (
    Outcome.CHECKED_IN,
    Outcome.PENDING,
    Outcome.CODE_EXPIRED,
    Outcome.CLOSED,
    Outcome.TOO_EARLY,
    Outcome.OTHER_DEVICE,
)


@dataclass(frozen=True)
class Sender:
    """The browser that sends a scan, as far as its request tells: its device's signature and its network address."""

    signature: Signature = NO_SIGNATURE
    address: str = ""


@dataclass(frozen=True)
class Verdict:
    """What is to become of a scan as far as the scan itself tells, and the lecture that a claim would be about."""

    outcome: CheckInAttempt.Outcome
    session: AttendanceSession | None = None
    lecture: Lecture | None = None
    assurance: str = ""


@dataclass(frozen=True)
class Scan:
    """A claim that a student sends, with what became of it and where it comes from; `subject` is what was signed."""

    student: User
    claim: Claim
    verdict: Verdict
    sender: Sender
    subject: str

    def renamed(self) -> "Scan":
        """Return the scan of somebody who copied it: refused, under a name of its own that stays the same."""
        claim = replace(self.claim, nonce=uuid.uuid5(self.claim.nonce, str(self.student.pk)))
        verdict = Verdict(Outcome.OTHER_ACCOUNT, self.verdict.session, self.verdict.lecture)
        return replace(self, claim=claim, verdict=verdict)


def keep(scan: Scan) -> CheckInAttempt:
    """Store the attempt with what follows from it, once: the same scan sent again finds the attempt of the first."""
    by = _signed_by(scan)
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _stored(scan, by)
        except IntegrityError:
            # This scan was sent before, or somebody else made the student's first mark or bound the device just now.
            former = _former(scan)
            if former is None:
                continue
            if former.student_id == scan.student.pk:
                return scans_shown_to(scan.student).get(pk=former.pk)
            # A copy: whoever sent it first has it. Another name of its own makes a repeat of this harmless as well.
            scan = scan.renamed()
    raise RuntimeError(f"The scan of {scan.student.pk} found other writers {_TRIES} times.")


def _former(scan: Scan) -> CheckInAttempt | None:
    """Return the attempt that stands where this one would: of the same scan, or the one that waits for its lecture."""
    former = CheckInAttempt.objects.filter(nonce=scan.claim.nonce).first()
    if former is not None or scan.claim.said_at is None:
        return former
    waiting = CheckInAttempt.objects.filter(said_at__isnull=False, outcome=Outcome.PENDING)
    return waiting.filter(student=scan.student, lecture=scan.verdict.lecture).first()


def _signed_by(scan: Scan) -> SignedBy:
    """Return what the signature is worth, before any lock is held; nobody asks for one of a scan that is refused."""
    wanted = scan.verdict.outcome in (Outcome.CHECKED_IN, Outcome.PENDING)
    return signed_by(scan.sender.signature, scan.student, scan.subject) if wanted else SignedBy()


def _stored(scan: Scan, by: SignedBy) -> CheckInAttempt:
    student, claim, verdict = scan.student, scan.claim, scan.verdict
    by, outcome, event = recognised(by), verdict.outcome, None
    if by.belongs_to_other_than(student) and outcome != Outcome.OTHER_ACCOUNT:
        outcome = Outcome.OTHER_DEVICE
    if verdict.lecture is not None and outcome in _OF_OWN_LECTURE:
        outcome, event = _marked(student, claim, outcome, verdict.lecture)
    done = outcome == Outcome.CHECKED_IN
    attempt = CheckInAttempt(
        organisation_id=student.organisation_id,
        student=student,
        lecture=verdict.lecture,
        session=verdict.session,
        outcome=outcome,
        assurance=verdict.assurance if done else "",
        event=event,
        code_made_at=claim.code_made_at,
        nonce=claim.nonce,
        scanned_at=claim.scanned_at,
        said_at=claim.said_at,
        device=note_check_in(student, by) if done else by.device,
        device_proof=by.proof,
        on_campus=is_on_campus(student.organisation, scan.sender.address),
        address_hash=address_hash(student.organisation, scan.sender.address),
    )
    return append(attempt)


def _marked(
    student: User, claim: Claim, outcome: CheckInAttempt.Outcome, lecture: Lecture
) -> tuple[CheckInAttempt.Outcome, AttendanceEvent | None]:
    """Mark the student when nobody has yet; return what became of the scan, and the event that says so."""
    mark = _MARK.first(lecture=lecture.pk, student=student.pk) or Attendance(lecture=lecture, student=student)
    if mark.status in HERE:
        return Outcome.ALREADY_IN, mark.event
    if outcome != Outcome.CHECKED_IN:
        return outcome, None
    if mark.status:
        return Outcome.PENDING, None
    event = record_one(_draft(student, claim, lecture))
    mark.follow(event)
    if mark.pk is None:
        append(mark)
    else:
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
