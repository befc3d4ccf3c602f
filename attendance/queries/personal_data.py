"""What is stored about one person, as rows of CSV files: one file and one query for each kind.

Of others there is no more in it than the person may see: who marked or answered, and nothing about other students.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.functions import Concat, Trim
from django.utils.translation import gettext_noop

from attendance.archives.csv_files import Cell
from attendance.models import (
    Activation,
    Attendance,
    AttendanceEvent,
    CheckInAttempt,
    CourseStaff,
    Device,
    Enrolment,
    Invitation,
    LinkedIdentity,
    LoginSession,
    Request,
    User,
)
from attendance.queries.export_expressions import streamed
from attendance.queries.people import browser_of

Rows = Iterator[Sequence[Cell]]


@dataclass(frozen=True)
class PersonalFile:
    """A kind of rows about a person: a sentence that tells what they are, their columns, and who reads them."""

    told: str
    columns: Sequence[str]
    rows: Callable[[User], Rows]


_COURSE = ("course", "title", "term")
_LECTURE = (*_COURSE, "lecture")


def _course(path: str) -> tuple[str, ...]:
    return f"{path}__course__code", f"{path}__course__title", f"{path}__term__name"


_OF_LECTURE = (*_course("lecture__offering"), "lecture__starts_at")


def _name(path: str) -> Trim:
    """Return the full name of whom a foreign key leads to, nothing when it leads to nobody."""
    return Trim(Concat(f"{path}__given_name", Value(" "), f"{path}__family_name"))


# --- Courses and marks ------------------------------------------------------------------------------------------------


def _enrolments(person: User) -> Rows:
    """Yield enrolments; a row of the query is one section of one of them, and those of one come together."""
    own = Enrolment.objects.filter(student=person).order_by("pk", "sections__name")
    days = ("from_day", "until_day", "enrolled_at")
    rows = streamed(own, "pk", *_course("offering"), "roll_number", *days, "sections__name")
    for (_key, *enrolment), sections in groupby(rows, key=lambda row: row[:-1]):
        yield *enrolment, ";".join(row[-1] for row in sections if row[-1] is not None)


def _duties(person: User) -> Rows:
    own = CourseStaff.objects.filter(user=person).order_by("pk")
    return streamed(own, *_course("offering"), "lecture__starts_at", "duty")


def _marks(person: User) -> Rows:
    own = Attendance.objects.filter(student=person).exclude(status="").order_by("lecture__starts_at", "pk")
    return streamed(own, *_OF_LECTURE, "status", "recorded_at", "event__method", _name("event__actor"))


def _events(person: User) -> Rows:
    own = AttendanceEvent.objects.filter(student=person).order_by("pk")
    statuses = ("from_status", "to_status", "method")
    moments = ("scanned_at", "received_at")
    return streamed(
        own, *_OF_LECTURE, "kind", *statuses, *moments, _name("actor"), "event_id", "ledger_entry__index", "body"
    )


def _acts(person: User) -> Rows:
    """Yield what the person did; the words of an act about somebody else are that person's, and left out."""
    own = AttendanceEvent.objects.filter(actor=person).order_by("pk")
    about_nobody_else = Q(student__isnull=True) | Q(student=person)
    words = Case(When(about_nobody_else, then=F("body")), default=Value(""), output_field=TextField())
    moments = ("scanned_at", "received_at")
    return streamed(own, *_OF_LECTURE, "kind", "method", *moments, "event_id", "ledger_entry__index", words)


# --- Checking in and asking -------------------------------------------------------------------------------------------


def _scans(person: User) -> Rows:
    """Yield scans; the device of somebody else with which one was made stays unnamed."""
    own = CheckInAttempt.objects.filter(student=person).order_by("pk")
    browser = Case(When(device__student=person, then=F("device__browser")), default=Value(""))
    moments = ("code_made_at", "scanned_at", "said_at", "received_at")
    return streamed(
        own, *_OF_LECTURE, "outcome", "assurance", *moments, browser, "device_proof", "on_campus", "address_hash"
    )


def _devices(person: User) -> Rows:
    own = Device.objects.filter(student=person).order_by("pk")
    for *row, key in streamed(own, "browser", "bound_at", "last_used_at", "revoked_at", "public_key"):
        yield *row, base64.b64encode(key).decode()


def _requests(person: User) -> Rows:
    own = Request.objects.filter(student=person).order_by("pk")
    asked = ("kind", "state", "wanted_status", "from_day", "until_day", "reason", "created_at")
    course = ("lecture__offering__course__code", "offering__course__code", "lecture__starts_at")
    answered = ("updated_at", _name("decided_by"), "answer")
    for of_lecture, of_offering, *row in streamed(own, *course, *asked, *answered):
        yield of_lecture or of_offering, *row


# --- Getting in -------------------------------------------------------------------------------------------------------


def _activations(person: User) -> Rows:
    own = Activation.objects.filter(user=person).order_by("pk")
    moments = ("created_at", "expires_at", "sent_at", "failed_at", "used_at", "revoked_at")
    return streamed(own, "kind", _name("created_by"), *moments)


def _invitations(person: User) -> Rows:
    own = Invitation.objects.filter(accepted_by=person).order_by("pk")
    return streamed(own, "email", "role", _name("invited_by"), "created_at", "expires_at")


def _identities(person: User) -> Rows:
    own = LinkedIdentity.objects.filter(user=person).order_by("pk")
    return streamed(own, "issuer", "subject", "linked_at")


def _browsers(person: User) -> Rows:
    for session in LoginSession.objects.filter(user=person).order_by("expire_date", "pk").iterator():
        browser = browser_of(session)
        yield browser.name, browser.since, browser.until


FILES: Mapping[str, PersonalFile] = {
    "enrolments": PersonalFile(
        gettext_noop("Which courses you are in, from when until when, and your roll number there."),
        (*_COURSE, "roll_number", "from_day", "until_day", "enrolled_at", "sections"),
        _enrolments,
    ),
    "duties": PersonalFile(
        gettext_noop("Which courses you teach or assist in."),
        (*_LECTURE, "duty"),
        _duties,
    ),
    "marks": PersonalFile(
        gettext_noop("Your present mark in each lecture. Your teachers, the administration and auditors see it."),
        (*_LECTURE, "status", "recorded_at", "method", "by"),
        _marks,
    ),
    "events": PersonalFile(
        gettext_noop("Who marked you, when, how and why. It is kept so that nobody can change a mark unseen."),
        (
            *_LECTURE,
            "kind",
            "from",
            "to",
            "method",
            "scanned_at",
            "received_at",
            "by",
            "event",
            "ledger_entry",
            "text",
        ),
        _events,
    ),
    "acts": PersonalFile(
        gettext_noop("Each mark you made and each check-in you opened or closed, under your name."),
        (*_LECTURE, "kind", "method", "scanned_at", "received_at", "event", "ledger_entry", "text"),
        _acts,
    ),
    "scans": PersonalFile(
        gettext_noop(
            "When you scanned a code, what became of it, with which device, and whether it came from the campus"
            " network. A hash of the network address goes after 30 days."
        ),
        (
            *_LECTURE,
            "outcome",
            "assurance",
            "code_made_at",
            "scanned_at",
            "said_at",
            "received_at",
            "device",
            "device_proof",
            "on_campus",
            "address_hash",
        ),
        _scans,
    ),
    "devices": PersonalFile(
        gettext_noop(
            "The public key of each browser you checked in with, the name it gives itself, and when it did first and"
            " last."
        ),
        ("browser", "bound_at", "last_used_at", "revoked_at", "public_key"),
        _devices,
    ),
    "requests": PersonalFile(
        gettext_noop("What you asked for, and the answers."),
        (
            "course",
            "lecture",
            "kind",
            "state",
            "wanted_status",
            "from_day",
            "until_day",
            "reason",
            "created_at",
            "updated_at",
            "by",
            "answer",
        ),
        _requests,
    ),
    "activations": PersonalFile(
        gettext_noop("When you were given a link or a code for your first password, by whom, and what became of it."),
        ("kind", "by", "created_at", "expires_at", "sent_at", "failed_at", "used_at", "revoked_at"),
        _activations,
    ),
    "invitations": PersonalFile(
        gettext_noop("The invitation with which your account began, and who sent it."),
        ("email", "role", "by", "created_at", "expires_at"),
        _invitations,
    ),
    "identities": PersonalFile(
        gettext_noop("The name under which your institution’s login knows you."),
        ("issuer", "subject", "linked_at"),
        _identities,
    ),
    "browsers": PersonalFile(
        gettext_noop("The name your browser gives itself, and when you logged in. It goes when you log out."),
        ("browser", "since", "until"),
        _browsers,
    ),
}
"""The files by kind, as `stored_about` names and counts them."""
