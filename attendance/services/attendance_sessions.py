"""Opening and closing the time in which a lecture's attendance is taken."""

import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import Attendance, AttendanceEvent, AttendanceSession, Lecture, Status, User
from attendance.qr.tokens import KEY_BYTES
from attendance.queries.rosters import roster_of
from attendance.services.events import EventDraft, record
from attendance.services.networks import delete_old_address_hashes
from attendance.services.refusals import Refusal
from attendance.services.register import Mark, mark_register
from attendance.services.sealing_thread import seal_soon

CodeLife = AttendanceSession.CodeLife
MINUTES = range(1, 121)
HEADS = range(10001)
OPENS_BEFORE_START = timedelta(hours=1)
KEYS_KEPT = timedelta(hours=24)


def open_session(
    *, lecture: Lecture, actor: User, minutes: int, codes: CodeLife = CodeLife.STRICT
) -> AttendanceSession:
    """Open the lecture's attendance for that many minutes (1 to 120), with codes that live so long; return the session.

    When two people open at once, one session is opened and both get it.

    Raises:
        Refusal: the lecture was cancelled or is more than an hour away, or the length is out of bounds.
    """
    _check_opening(lecture, minutes)
    delete_old_keys()
    delete_old_address_hashes()
    try:
        with transaction.atomic():
            return _opened(lecture, actor, minutes, codes)
    except IntegrityError:
        # The constraint allows one open session per lecture: somebody was faster, or it was open all along.
        return AttendanceSession.objects.get(lecture=lecture, closed_at__isnull=True)


def _check_opening(lecture: Lecture, minutes: int) -> None:
    if lecture.cancelled_at is not None:
        raise Refusal(_("This lecture was cancelled, so there is no check-in."))
    if minutes not in MINUTES:
        raise Refusal(_("%(minutes)d minutes do not work. Choose 1 to 120.") % {"minutes": minutes})
    first_moment = lecture.starts_at - OPENS_BEFORE_START
    if clock.now() < first_moment:
        local = first_moment.astimezone(lecture.organisation.zone)
        raise Refusal(
            _("Too early: check-in for this lecture can be opened from %(time)s on %(day)s, an hour before it starts.")
            % {"time": f"{local:%H:%M}", "day": f"{local:%d %B}"}
        )


def _opened(lecture: Lecture, actor: User, minutes: int, codes: CodeLife) -> AttendanceSession:
    moment, (step_seconds, accepted_steps) = clock.now(), codes.steps
    session = AttendanceSession.objects.create(
        lecture=lecture,
        opened_by=actor,
        opened_at=moment,
        ends_at=moment + timedelta(minutes=minutes),
        key=secrets.token_bytes(KEY_BYTES),
        step_seconds=step_seconds,
        accepted_steps=accepted_steps,
    )
    _record_session(AttendanceEvent.Kind.SESSION_OPENED, session, actor)
    return session


def delete_old_keys() -> int:
    """Delete the keys of sessions that ended a day ago, and return how many there were.

    Without its key nobody can make or check a session's codes any more; what they proved stands in the record.
    """
    day_ago = clock.now() - KEYS_KEPT
    old = AttendanceSession.objects.filter(Q(closed_at__lte=day_ago) | Q(ends_at__lte=day_ago), key__isnull=False)
    return old.update(key=None) if old.exists() else 0


def close_session(*, session: AttendanceSession, actor: User, mark_rest_absent: bool) -> int:
    """Close the session and return how many blanks became absent, which happens only when asked for.

    Raises:
        Refusal: it was closed already.
    """
    with transaction.atomic():
        rows = AttendanceSession.objects.select_related("lecture__organisation").select_for_update(of=("self",))
        session = rows.get(pk=session.pk)
        if session.closed_at is not None:
            raise Refusal(_("This check-in was closed already; nothing was changed."))
        absent = _mark_blanks_absent(session.lecture, actor) if mark_rest_absent else 0
        session.closed_at, session.closed_by = clock.now(), actor
        session.save(update_fields=["closed_at", "closed_by"])
        _record_session(AttendanceEvent.Kind.SESSION_CLOSED, session, actor)
        transaction.on_commit(seal_soon)
        return absent


def _mark_blanks_absent(lecture: Lecture, actor: User) -> int:
    """Mark whoever has no mark; one who is marked by somebody else in this very moment keeps that mark."""
    versions = dict(Attendance.objects.filter(lecture=lecture, status="").values_list("student", "version"))
    marked = Attendance.objects.filter(lecture=lecture).exclude(status="").values("student")
    blanks = roster_of(lecture).exclude(student__in=marked).values_list("student", flat=True)
    marks = [Mark(student, Status.ABSENT, versions.get(student, 0)) for student in blanks]
    closing = AttendanceEvent.Method.CLOSING
    return len(mark_register(lecture=lecture, actor=actor, marks=marks, method=closing).changed)


def _record_session(kind: AttendanceEvent.Kind, session: AttendanceSession, actor: User) -> None:
    moment = session.closed_at or session.opened_at
    teacher = AttendanceEvent.Method.TEACHER
    record([EventDraft(kind=kind, lecture=session.lecture, actor=actor, method=teacher, received_at=moment)])


def note_headcount(*, session: AttendanceSession, people: int | None) -> None:
    """Store how many people the teacher counted in the room; None takes the number away.

    Raises:
        Refusal: the number is out of bounds, or check-in was closed meanwhile.
    """
    if people is not None and people not in HEADS:
        raise Refusal(_("%(people)d heads do not fit into a room. Write 0 to 10000.") % {"people": people})
    if not AttendanceSession.objects.filter(pk=session.pk, closed_at__isnull=True).update(headcount=people):
        raise Refusal(_("Check-in was closed, so the number of heads was not saved."))
