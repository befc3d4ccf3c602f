"""What people ask for: each request has one person, one decision and a state that says who has to act."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models.catalogue import Offering
from attendance.models.organisation import Organisation
from attendance.models.people import User
from attendance.models.records import CheckInAttempt, Status
from attendance.models.timetable import Lecture


class Request(models.Model):
    """A student's request: to be excused, to have a mark corrected, or for something of the administration.

    Course staff decides those that name a lecture or an offering; an administrator decides all others.
    """

    class Kind(models.TextChoices):
        """What is asked for."""

        LEAVE = "leave", _("Leave")
        CORRECTION = "correction", _("Correction of a mark")
        CLAIM = "claim", _("Claim after a refused scan")
        CLASS_DROP = "class_drop", _("Leaving a course")
        NEXT_SEMESTER = "next_semester", _("Next semester")
        CARD = "card", _("Student card")
        INFORMATION = "information", _("Change of information")

    class State(models.TextChoices):
        """Pending waits for a decision; approved waits for somebody to carry it out, which completes it."""

        PENDING = "pending", _("Pending")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        CANCELLED = "cancelled", _("Cancelled")
        COMPLETED = "completed", _("Completed")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    student = models.ForeignKey(User, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    attempt = models.OneToOneField(
        CheckInAttempt, on_delete=models.PROTECT, null=True, blank=True, related_name="claim"
    )
    wanted_status = models.CharField(_("mark asked for"), max_length=10, choices=Status, blank=True)
    from_day = models.DateField(_("from"), null=True, blank=True)
    until_day = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["organisation", "state", "created_at"], name="request_to_decide")]
        constraints = [
            models.CheckConstraint(
                name="request_kind_known",
                condition=Q(
                    kind__in=["leave", "correction", "claim", "class_drop", "next_semester", "card", "information"]
                ),
            ),
            models.CheckConstraint(
                name="request_state_known",
                condition=Q(state__in=["pending", "approved", "rejected", "cancelled", "completed"]),
            ),
            models.CheckConstraint(
                name="request_about_a_mark_names_lecture_and_mark",
                condition=Q(kind__in=["correction", "claim"], lecture__isnull=False) & ~Q(wanted_status="")
                | ~Q(kind__in=["correction", "claim"]) & Q(lecture__isnull=True, wanted_status=""),
            ),
            models.CheckConstraint(
                name="request_leave_names_days",
                condition=Q(kind="leave", from_day__isnull=False, until_day__gte=F("from_day"))
                | ~Q(kind="leave") & Q(from_day__isnull=True, until_day__isnull=True),
            ),
            models.CheckConstraint(
                name="request_class_drop_names_offering", condition=~Q(kind="class_drop") | Q(offering__isnull=False)
            ),
            models.CheckConstraint(
                name="request_decided_by_somebody",
                condition=Q(state__in=["pending", "cancelled"]) | Q(decided_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["student", "lecture"],
                name="request_pending_once_per_lecture",
                condition=Q(state="pending", lecture__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.student}"
