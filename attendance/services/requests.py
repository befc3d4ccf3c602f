"""What students ask for, from filing to a decision; a decision that changes a mark or an enrolment carries it out."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, CheckInAttempt, Lecture, Offering, Request, Status, User
from attendance.queries.excuses import lectures_to_excuse
from attendance.queries.requests import offerings_attended
from attendance.services.enrolment import end_enrolment
from attendance.services.events import ActDraft, record_act
from attendance.services.excuses import excuse
from attendance.services.refusals import Refusal
from attendance.services.register import Mark, mark_register

LONGEST_LEAVE_DAYS = 120
Kind, State = Request.Kind, Request.State


# --- Filing -----------------------------------------------------------------------------------------------------------


def file_leave(
    *, student: User, from_day: date, until_day: date, reason: str, offering: Offering | None = None
) -> Request:
    """File that the student is away on these days, in one course or in all, and return the request.

    Raises:
        Refusal: the days are out of order, or too many.
    """
    if until_day < from_day:
        raise Refusal(_("The leave ends before it begins. Choose a later last day."))
    if (until_day - from_day).days >= LONGEST_LEAVE_DAYS:
        raise Refusal(_("A leave has at most %(days)d days. Ask the administration.") % {"days": LONGEST_LEAVE_DAYS})
    return _filed(student, Kind.LEAVE, reason, offering=offering, from_day=from_day, until_day=until_day)


def file_correction(
    *, student: User, lecture: Lecture, wanted_status: str, reason: str, attempt: CheckInAttempt | None = None
) -> Request:
    """File that a mark should be another one, for a refused scan if there was one, and return the request.

    Raises:
        Refusal: a mark that does not exist or stands already, or a request for this lecture that waits.
    """
    if wanted_status not in Status.values:
        raise Refusal(_("“%(status)s” is not a mark.") % {"status": wanted_status[:20]})
    if Attendance.objects.filter(lecture=lecture, student=student, status=wanted_status).exists():
        raise Refusal(_("You are marked so already. Nothing has to be corrected."))
    kind = Kind.CLAIM if attempt else Kind.CORRECTION
    about = {"lecture": lecture, "offering": lecture.offering, "attempt": attempt}
    return _filed(student, kind, reason, wanted_status=wanted_status, **about)


def file_other(*, student: User, kind: str, reason: str, offering: Offering | None = None) -> Request:
    """File something for the administration or, to leave a course, for its staff; return the request.

    Raises:
        Refusal: a course to leave is missing.
    """
    if kind == Kind.CLASS_DROP and offering is None:
        raise Refusal(_("Choose the course that you want to leave."))
    return _filed(student, kind, reason, offering=offering if kind == Kind.CLASS_DROP else None)


def _filed(student: User, kind: str, reason: str, **about: object) -> Request:
    try:
        with transaction.atomic():
            return Request.objects.create(
                organisation=student.organisation, student=student, kind=kind, reason=reason, **about
            )
    except IntegrityError as error:
        raise Refusal(_("You have asked for this already, and the answer is not there yet.")) from error


# --- Deciding ---------------------------------------------------------------------------------------------------------


def cancel(*, request: Request) -> None:
    """Take a request back that nobody has decided.

    Raises:
        Refusal: it was decided or taken back.
    """
    with transaction.atomic():
        row = _locked(request, State.PENDING)
        _moved(row, State.CANCELLED)


def decide(*, request: Request, actor: User, approve: bool, answer: str = "") -> Request:
    """Approve or reject a request that waits, carry an approval out where that is ours to do, and return it.

    Raises:
        Refusal: somebody else decided it meanwhile, or it cannot be carried out any more.
    """
    with transaction.atomic():
        row = _locked(request, State.PENDING)
        row.decided_by, row.answer = actor, answer
        _record_decision(row, actor, "approved" if approve else "rejected")
        if not approve:
            return _moved(row, State.REJECTED)
        return _moved(row, State.COMPLETED if _carried_out(row, actor) else State.APPROVED)


def _record_decision(row: Request, actor: User, decision: str) -> None:
    record_act(
        ActDraft(
            kind=AttendanceEvent.Kind.REQUEST_DECIDED,
            organisation_id=row.organisation_id,
            actor_id=actor.pk,
            received_at=clock.now(),
            student_id=row.student_id,
            told={"request": row.pk, "about": row.kind, "decision": decision, "why": row.reason, "answer": row.answer},
        )
    )


def complete(*, request: Request) -> Request:
    """Note that what was approved has been done, and return the request.

    Raises:
        Refusal: it was not approved, or is done already.
    """
    with transaction.atomic():
        return _moved(_locked(request, State.APPROVED), State.COMPLETED)


def _locked(request: Request, state: str) -> Request:
    row = Request.objects.select_for_update().get(pk=request.pk)
    if row.state != state:
        raise Refusal(_("Meanwhile this request is: %(state)s.") % {"state": row.get_state_display()})
    return row


def _moved(row: Request, state: str) -> Request:
    row.state, row.updated_at = state, clock.now()
    row.save(update_fields=["state", "updated_at", "decided_by", "answer"])
    return row


def _carried_out(row: Request, actor: User) -> bool:
    """Do what the request asks for, and say whether that was ours to do."""
    if row.lecture is not None:
        _mark(row, actor, row.lecture, row.wanted_status)
        return True
    if row.kind == Kind.LEAVE and row.from_day and row.until_day:
        _excuse(row, actor, row.from_day, row.until_day)
        return True
    if row.kind == Kind.CLASS_DROP and row.offering is not None:
        end_enrolment(offering=row.offering, student=row.student, actor=actor)
        return True
    return False


def _mark(row: Request, actor: User, lecture: Lecture, status: str) -> None:
    current = Attendance.objects.filter(lecture=lecture, student=row.student).first()
    mark = Mark(row.student_id, status, current.version if current else 0)
    by_request = AttendanceEvent.Method.REQUEST
    mark_register(lecture=lecture, actor=actor, marks=[mark], reason=row.reason, method=by_request)


def _excuse(row: Request, actor: User, from_day: date, until_day: date) -> None:
    """Excuse every lecture of the leave in which the student is blank or absent; whoever came stays as marked."""
    offerings = [row.offering] if row.offering else list(offerings_attended(row.student))
    excused = [
        each for offering in offerings for each in lectures_to_excuse(offering, [row.student], from_day, until_day)
    ]
    excuse(excused=excused, actor=actor, reason=row.reason, method=AttendanceEvent.Method.REQUEST)
