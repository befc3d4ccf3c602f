"""The record: sessions, the events nobody may change, and the current status that follows from them."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from attendance import clock
from attendance.models.organisation import Organisation
from attendance.models.people import User
from attendance.models.timetable import Lecture


class Status(models.TextChoices):
    """What a register says of one student in one lecture; nothing at all is a blank, which is not absence."""

    PRESENT = "present", _("Present")
    LATE = "late", _("Late")
    LEFT_EARLY = "left_early", _("Left early")
    EXCUSED = "excused", _("Excused")
    REMOTE = "remote", _("Remote")
    ABSENT = "absent", _("Absent")
    EXEMPT = "exempt", _("Exempt")

    @property
    def letter(self) -> str:
        """The one letter that stands for it on a page, in the reader's language."""
        return str(_LETTERS[self])


_LETTERS = {
    Status.PRESENT: pgettext_lazy("letter of present", "P"),
    Status.LATE: pgettext_lazy("letter of late", "L"),
    Status.LEFT_EARLY: pgettext_lazy("letter of left early", "D"),
    Status.EXCUSED: pgettext_lazy("letter of excused", "E"),
    Status.REMOTE: pgettext_lazy("letter of remote", "R"),
    Status.ABSENT: pgettext_lazy("letter of absent", "A"),
    Status.EXEMPT: pgettext_lazy("letter of exempt", "X"),
}


class AttendanceSession(models.Model):
    """The time in which a lecture's attendance is being taken; at most one is open per lecture."""

    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, related_name="sessions")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now, editable=False)
    ends_at = models.DateTimeField(_("check-in ends"))
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("attendance session")
        verbose_name_plural = _("attendance sessions")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["lecture"], name="session_one_open_per_lecture", condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(name="session_ends_after_opening", condition=Q(ends_at__gt=F("opened_at"))),
            models.CheckConstraint(
                name="session_closed_by_somebody",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lecture}, opened {self.opened_at:%H:%M} UTC"


class AttendanceEvent(models.Model):
    """One act, written once: triggers in the database refuse to change or delete it.

    `body` is the event as RFC 8785 JSON text, `salt` 32 random bytes, and `commitment` SHA-256 over both, as
    `attendance.ledger.commitment` computes it. The other columns repeat what queries need of the body.
    """

    class Kind(models.TextChoices):
        """What happened."""

        SESSION_OPENED = "session_opened", _("Check-in opened")
        SESSION_CLOSED = "session_closed", _("Check-in closed")
        MARKED = "marked", _("Marked")

    class Method(models.TextChoices):
        """How it came in."""

        TEACHER = "teacher", _("By the teacher")
        CLOSING = "closing", _("On closing")
        IMPORT = "import", _("By an import")

    event_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, related_name="events")
    student = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10, blank=True)
    method = models.CharField(max_length=10, choices=Method)
    scanned_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    schema_version = models.PositiveSmallIntegerField()
    body = models.TextField(null=True)  # noqa: DJ001 -- NULL once erased; no text is ever empty
    salt = models.BinaryField(null=True)
    commitment = models.BinaryField(unique=True)

    class Meta:
        verbose_name = _("attendance event")
        verbose_name_plural = _("attendance events")
        ordering = ["id"]
        indexes = [models.Index(fields=["lecture", "student", "id"], name="event_history")]
        constraints = [
            models.CheckConstraint(
                name="event_mark_names_a_student", condition=~Q(kind="marked") | Q(student__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class Attendance(models.Model):
    """The current status of a student in a lecture: a projection of the events, never their source.

    An empty status is a mark that was taken back. `version` grows by one with each change, so that a form which was
    filled in before another change can be told.
    """

    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, related_name="attendances")
    student = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attendances")
    status = models.CharField(max_length=10, choices=Status, blank=True)
    version = models.PositiveIntegerField(default=0)
    event = models.ForeignKey(AttendanceEvent, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        indexes = [models.Index(fields=["student", "lecture", "status"], name="attendance_of_student")]
        constraints = [
            models.UniqueConstraint(fields=["lecture", "student"], name="attendance_once_per_lecture_and_student"),
            models.CheckConstraint(name="attendance_status_known", condition=Q(status__in=["", *Status.values])),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.status or 'blank'}"
