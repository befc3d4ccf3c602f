"""What a scan is answered: a heading, a sentence that says why and what to do, and the status of the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from attendance.models import AttendanceEvent, CheckInAttempt, Lecture, Status
from attendance.qr.tokens import TYPED_STEP_SECONDS, TYPED_STEPS
from attendance.queries.claims import LIFETIME
from attendance.queries.registers import minutes_late
from attendance.queries.staff import owner_of

Outcome = CheckInAttempt.Outcome

_LONG = 120
"""From so many seconds on an age is said in minutes, and from so many minutes on in hours."""


@dataclass(frozen=True)
class Answer:
    """What the page of a scan says above everything else."""

    heading: str
    sentence: str
    status: int


def answer_to(attempt: CheckInAttempt) -> Answer:
    """Return the words for an attempt, and the status with which a scan that became it is answered."""
    status, sentence = _ANSWERS[Outcome(attempt.outcome)]
    return Answer(_heading(attempt), sentence(attempt), status)


def _heading(attempt: CheckInAttempt) -> str:
    if attempt.event is not None:
        return str(Status(attempt.event.to_status).label)
    return _("Your scan waits") if attempt.outcome == Outcome.PENDING else _("Not checked in")


def clock_time(moment: datetime) -> str:
    """Return a moment as the reader's clock shows it, with seconds."""
    return f"{timezone.localtime(moment):%H:%M:%S}"


def here_since(event: AttendanceEvent) -> datetime:
    """Return since when a student is marked: when the code was scanned, or when the teacher marked."""
    return event.scanned_at or event.received_at


def place_of(lecture: Lecture) -> str:
    """Return a lecture as somebody at its door would call it: `Databases in Hall B-12`."""
    title = lecture.offering.course.title
    return _("%(course)s in %(room)s") % {"course": title, "room": lecture.room} if lecture.room else title


# --- Sentences ----------------------------------------------------------------------------------------------------


def _checked_in(attempt: CheckInAttempt) -> str:
    time = clock_time(attempt.scanned_at)
    if attempt.event is None or attempt.lecture is None or attempt.event.to_status != Status.LATE:
        return _("at %(time)s") % {"time": time}
    late = minutes_late(attempt.lecture, attempt.scanned_at)
    sentence = ngettext(
        "at %(time)s, %(count)d minute after the start", "at %(time)s, %(count)d minutes after the start", late
    )
    return sentence % {"time": time, "count": late}


def _already_in(attempt: CheckInAttempt) -> str:
    since = here_since(attempt.event) if attempt.event else attempt.received_at
    return _("You are already checked in, at %(time)s.") % {"time": clock_time(since)}


def _pending(attempt: CheckInAttempt) -> str:
    if attempt.said_at is not None:
        return _("You scanned without a network. Your teacher sees the scan and how long it took, and decides.")
    waited = int((attempt.received_at - attempt.scanned_at).total_seconds())
    if waited < _LONG:
        return _("You are marked otherwise in this lecture. Your teacher sees your scan and decides.")
    return _("It was sent %(waited)s after you scanned. Your teacher sees it and decides.") % {"waited": length(waited)}


def _too_early(attempt: CheckInAttempt) -> str:
    return _("Check-in for %(course)s is not open yet. Your teacher opens it in the lecture.") % {
        "course": _course(attempt)
    }


def _closed(attempt: CheckInAttempt) -> str:
    if attempt.lecture is not None and attempt.lecture.cancelled_at is not None:
        return _("%(course)s is cancelled, so there is no check-in.") % {"course": _course(attempt)}
    ended_at = attempt.session.ended_at if attempt.session else attempt.scanned_at
    return _("Check-in for %(course)s closed at %(time)s. If you were there, file a claim.") % {
        "course": _course(attempt),
        "time": f"{timezone.localtime(ended_at):%H:%M}",
    }


def _expired(attempt: CheckInAttempt) -> str:
    if attempt.said_at is not None:
        return _("Your scan of %(time)s was kept for more than 24 hours. If you were there, file a claim.") % {
            "time": clock_time(attempt.scanned_at)
        }
    if attempt.received_at - attempt.scanned_at > LIFETIME:
        return _("Your scan of %(time)s was kept for 15 minutes, and they are over. Scan the code again.") % {
            "time": clock_time(attempt.scanned_at)
        }
    made_at = attempt.code_made_at or attempt.scanned_at
    age = int((attempt.scanned_at - made_at).total_seconds())
    lives = attempt.session.code_seconds if attempt.session else TYPED_STEP_SECONDS * TYPED_STEPS
    return _("This code is %(age)s old. Codes live %(lives)s. Point the camera at the projector again.") % {
        "age": length(age),
        "lives": length(lives),
    }


def length(seconds: int) -> str:
    """Return a length of time in the one unit that says enough: seconds, minutes or hours."""
    if seconds < _LONG:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = seconds // 60
    if minutes >= _LONG:
        hours = minutes // 60
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _unknown(attempt: CheckInAttempt) -> str:
    return _("This is no code of a lecture. Scan the one on the projector, or type the letters beside it.")


def _other_lecture(attempt: CheckInAttempt) -> str:
    if attempt.session is None or attempt.lecture is None:
        return _unknown(attempt)
    return _("This is %(this)s, yours is %(yours)s.") % {
        "this": place_of(attempt.session.lecture),
        "yours": place_of(attempt.lecture),
    }


def _not_enrolled(attempt: CheckInAttempt) -> str:
    if attempt.lecture is None:
        return _unknown(attempt)
    owner, course = owner_of(attempt.lecture.offering), attempt.lecture.offering.course
    words = {"course": course.title, "code": course.code, "owner": owner}
    if owner is None:
        return _("You are not in %(course)s (%(code)s). If you should be, enrol with a course code.") % words
    return (
        _("You are not in %(course)s (%(code)s). If you should be, ask %(owner)s or enrol with a course code.") % words
    )


def _other_organisation(attempt: CheckInAttempt) -> str:
    return _("This code belongs to another institution than your account.")


def _other_device(attempt: CheckInAttempt) -> str:
    return _(
        "This device checks somebody else in. Use your own, or ask your teacher. If it is yours now, its former owner"
        " or a teacher can forget it."
    )


def _other_account(attempt: CheckInAttempt) -> str:
    return _("Another account has sent this scan already. Scan the code on the projector yourself.")


def _too_many(attempt: CheckInAttempt) -> str:
    return _("Too many codes were wrong. Scan the code on the projector, or ask your teacher.")


def _course(attempt: CheckInAttempt) -> str:
    return attempt.lecture.offering.course.title if attempt.lecture else ""


_ANSWERS: dict[CheckInAttempt.Outcome, tuple[int, Callable[[CheckInAttempt], str]]] = {
    Outcome.CHECKED_IN: (200, _checked_in),
    Outcome.ALREADY_IN: (200, _already_in),
    Outcome.PENDING: (202, _pending),
    Outcome.TOO_EARLY: (409, _too_early),
    Outcome.CLOSED: (410, _closed),
    Outcome.CODE_EXPIRED: (410, _expired),
    Outcome.CODE_UNKNOWN: (404, _unknown),
    Outcome.OTHER_LECTURE: (409, _other_lecture),
    Outcome.NOT_ENROLLED: (403, _not_enrolled),
    Outcome.OTHER_ORGANISATION: (403, _other_organisation),
    Outcome.OTHER_DEVICE: (403, _other_device),
    Outcome.OTHER_ACCOUNT: (403, _other_account),
    Outcome.TOO_MANY: (429, _too_many),
}
