"""The record: sessions, the events nobody may change, and the current status that follows from them."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from attendance import clock
from attendance.models.devices import Device
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

    @property
    def key(self) -> str:
        """The key of the keyboard that gives this mark, the same in every language."""
        return _KEYS[self]


_KEYS = {
    Status.PRESENT: "P",
    Status.LATE: "L",
    Status.LEFT_EARLY: "D",
    Status.EXCUSED: "E",
    Status.REMOTE: "R",
    Status.ABSENT: "A",
    Status.EXEMPT: "X",
}
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
    """The time in which a lecture's attendance is being taken; at most one is open per lecture.

    `key` makes its codes, see `attendance.qr.tokens`; it is deleted a day after the end. A code lives `accepted_steps`
    times `step_seconds`.
    """

    class CodeLife(models.TextChoices):
        """How long a code lives, as a teacher chooses it."""

        STRICT = "strict", _("9 seconds: for a hall")
        NORMAL = "normal", _("15 seconds: for slow phones")
        RELAXED = "relaxed", _("30 seconds: for slow projectors and lectures that are also online")

        @property
        def steps(self) -> tuple[int, int]:
            """The seconds of a step, and how many steps are accepted."""
            return {"strict": (3, 3), "normal": (3, 5), "relaxed": (5, 6)}[self.value]

    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, related_name="sessions")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now, editable=False)
    ends_at = models.DateTimeField(_("check-in ends"))
    headcount = models.PositiveIntegerField(_("people counted in the room"), null=True, blank=True)
    key = models.BinaryField(max_length=32, null=True)
    step_seconds = models.PositiveSmallIntegerField(_("seconds until the code changes"), default=3)
    accepted_steps = models.PositiveSmallIntegerField(_("codes that are accepted, the present one included"), default=3)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("attendance session")
        verbose_name_plural = _("attendance sessions")
        ordering = ["-opened_at"]
        indexes = [models.Index(fields=["ends_at"], name="session_with_key", condition=Q(key__isnull=False))]
        constraints = [
            models.CheckConstraint(name="session_step_1_to_60_seconds", condition=Q(step_seconds__range=(1, 60))),
            models.CheckConstraint(name="session_accepts_1_to_20_codes", condition=Q(accepted_steps__range=(1, 20))),
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

    @property
    def ended_at(self) -> datetime:
        """The first moment at which nothing is taken any more: when it was closed, or as planned."""
        return min(self.closed_at, self.ends_at) if self.closed_at else self.ends_at

    @property
    def code_seconds(self) -> int:
        """How long a code lives."""
        return self.step_seconds * self.accepted_steps


class CheckInAttempt(models.Model):
    """One scan, whatever became of it: exactly one outcome of a closed list.

    The nonce is that of the scan's claim, so that the same scan sent twice is one attempt. `session` is whose code it
    was, `code_made_at` when that code was new; `lecture` is what a claim would be about: the session's, or the
    student's own when the code was the neighbour's. `event` is what it brought about, or what it found done already.

    A scan that was kept without a network has `said_at`, when its device says that it scanned; `scanned_at` is then
    when the code was new, which nobody could scan earlier. `device` is whose key signed it. `on_campus` is a hint and
    unknown (None) where no networks are set; `address_hash` goes after thirty days.
    """

    class Outcome(models.TextChoices):
        """What became of a scan; each refusal is a sentence for the student."""

        CHECKED_IN = "checked_in", _("Checked in")
        ALREADY_IN = "already_in", _("Checked in before")
        TOO_EARLY = "too_early", _("Check-in is not open yet")
        CLOSED = "closed", _("Check-in is closed")
        CODE_EXPIRED = "code_expired", _("The code was too old")
        CODE_UNKNOWN = "code_unknown", _("The code is none of ours")
        OTHER_LECTURE = "other_lecture", _("The code belongs to another lecture")
        NOT_ENROLLED = "not_enrolled", _("Not enrolled in the course")
        OTHER_ORGANISATION = "other_organisation", _("The code belongs to another institution")
        OTHER_DEVICE = "other_device", _("The device belongs to somebody else")
        OTHER_ACCOUNT = "other_account", _("The scan was sent by somebody else")
        TOO_MANY = "too_many", _("Too many attempts")
        PENDING = "pending", _("Waits for the teacher")

    class Assurance(models.TextChoices):
        """How sure it is that who is checked in was there, by what was shown."""

        LIVE = "live", _("the code on the screen, sent at once")
        KEPT = "kept", _("the code on the screen, sent within three minutes")
        TYPED = "typed", _("the typed code")

    class DeviceProof(models.TextChoices):
        """What the device's signature was worth; no signature, no proof."""

        KNOWN = "known", _("a known device")
        NEW = "new", _("a device seen for the first time")
        BAD = "bad", _("a signature that does not fit")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    student = models.ForeignKey(User, on_delete=models.PROTECT, related_name="check_in_attempts")
    lecture = models.ForeignKey(
        Lecture, on_delete=models.PROTECT, null=True, blank=True, related_name="check_in_attempts"
    )
    session = models.ForeignKey(AttendanceSession, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome)
    assurance = models.CharField(max_length=10, choices=Assurance, blank=True)
    event = models.ForeignKey("attendance.AttendanceEvent", on_delete=models.PROTECT, null=True, related_name="+")
    code_made_at = models.DateTimeField(null=True)
    nonce = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    scanned_at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    said_at = models.DateTimeField(null=True)
    device = models.ForeignKey(Device, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    device_proof = models.CharField(max_length=5, choices=DeviceProof, blank=True)
    on_campus = models.BooleanField(null=True)
    address_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["student", "-received_at"], name="attempt_of_student"),
            models.Index(fields=["received_at"], name="attempt_with_address", condition=~Q(address_hash="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "lecture"],
                name="attempt_offline_waits_once",
                condition=Q(said_at__isnull=False, outcome="pending"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.student}, {self.outcome}"

    @property
    def dots(self) -> int:
        """How sure it is, of four: by the code that was shown, and one more for a known device; 0 without a mark."""
        by_code = {"live": 3, "kept": 2, "typed": 2}.get(self.assurance, 0)
        return by_code and by_code + (self.device_proof == self.DeviceProof.KNOWN)

    @property
    def was_refused(self) -> bool:
        """Whether the student may file a claim about it."""
        return self.outcome not in (self.Outcome.CHECKED_IN, self.Outcome.ALREADY_IN, self.Outcome.PENDING)


class AttendanceEvent(models.Model):
    """One act, written once: triggers in the database refuse to change or delete it.

    What happens in a lecture names it. A decision or a new policy names its organisation only, and a new key of the
    ledger, which somebody at the terminal makes, not even that; their text says the rest. Who is erased because
    the time to keep it was over, is erased by nobody.

    `body` is the event as RFC 8785 JSON text, `salt` 32 random bytes, and `commitment` SHA-256 over both, as
    `attendance.ledger.commitment` computes it. The other columns repeat what queries need of the body.

    Text and salt of what was recorded about a person go when the person is erased, and `erased_by` is then the event
    that says so, see `attendance.ledger.erasure`. That is the one change that the triggers let through.
    """

    class Kind(models.TextChoices):
        """What happened."""

        SESSION_OPENED = "session_opened", _("Check-in opened")
        SESSION_CLOSED = "session_closed", _("Check-in closed")
        MARKED = "marked", _("Marked")
        REQUEST_DECIDED = "request_decided", _("Request decided")
        POLICY_CHANGED = "policy_changed", _("Policy changed")
        KEY_ROTATED = "key_rotated", _("New key of the ledger")
        PERSON_ERASED = "person_erased", _("Person erased")

    class Method(models.TextChoices):
        """How it came in."""

        TEACHER = "teacher", _("By the teacher")
        SCAN = "scan", _("By scanning the code")
        TYPED_CODE = "typed", _("By typing the code")
        CLOSING = "closing", _("On closing")
        IMPORT = "import", _("By an import")
        REQUEST = "request", _("By a request that was approved")

    event_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, null=True, related_name="events")
    student = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10, blank=True)
    method = models.CharField(max_length=10, choices=Method, blank=True)
    scanned_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    schema_version = models.PositiveSmallIntegerField()
    body = models.TextField(null=True)  # noqa: DJ001 -- NULL once erased; no text is ever empty
    salt = models.BinaryField(null=True)
    commitment = models.BinaryField(unique=True)
    erased_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="erased", db_index=False)

    class Meta:
        verbose_name = _("attendance event")
        verbose_name_plural = _("attendance events")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["lecture", "student", "id"], name="event_history"),
            models.Index(fields=["organisation", "id"], name="event_of_organisation"),
            # Few events are erased, and those of one erasure are read in this order.
            models.Index(fields=["erased_by", "event_id"], name="event_erased", condition=Q(erased_by__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="event_mark_names_a_student", condition=~Q(kind="marked") | Q(student__isnull=False)
            ),
            models.CheckConstraint(
                name="event_of_a_lecture_names_it",
                condition=~Q(kind__in=["session_opened", "session_closed", "marked"]) | Q(lecture__isnull=False),
            ),
            models.CheckConstraint(
                name="event_names_who_did_it_and_where",
                condition=Q(kind="key_rotated")
                | Q(kind="person_erased", organisation__isnull=False)
                | Q(organisation__isnull=False, actor__isnull=False),
            ),
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

    def follow(self, event: AttendanceEvent) -> None:
        """Say what the event says, as the next version."""
        self.status, self.event, self.recorded_at = event.to_status, event, event.received_at
        self.version += 1
