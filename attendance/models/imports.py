"""What is brought in from outside: an import with what it would change, or has changed, row by row."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models.organisation import Organisation
from attendance.models.people import User


class Import(models.Model):
    """A file held against what is stored. Nothing else changes until it is applied, and applying can be undone.

    `counts` has by kind of row how many are `new`, `changed`, `gone` (to be ended), `same` and `refused`:
    `{"room": {"new": 44, "same": 1}}`. `touched_at` moves while rows are being compared, so that one whose process
    died can be told from one that takes long.
    """

    class Source(models.TextChoices):
        """What the file was written by or for."""

        ITC2019 = "itc2019", _("Timetable of ITC-2019")
        ONEROSTER = "oneroster", _("OneRoster")
        CSV = "csv", _("CSV files")

    class State(models.TextChoices):
        """How far it is. Only `preparing` moves on by itself."""

        PREPARING = "preparing", _("Being compared")
        PREPARED = "prepared", _("Ready to be applied")
        FAILED = "failed", _("Not readable")
        DISCARDED = "discarded", _("Put aside")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Undone")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    source = models.CharField(_("source"), max_length=20, choices=Source)
    file_name = models.CharField(_("file"), max_length=255)
    file_hash = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREPARING)
    problem = models.TextField(_("why it cannot be read"), blank=True)
    notes = models.JSONField(default=list, editable=False)
    counts = models.JSONField(default=dict, editable=False)
    records = models.PositiveIntegerField(_("records in the file"), default=0)
    compared = models.PositiveIntegerField(_("of them compared"), default=0)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField(default=clock.now, editable=False)
    touched_at = models.DateTimeField(default=clock.now, editable=False)
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-prepared_at", "-id"]
        constraints = [
            models.CheckConstraint(name="import_source_known", condition=Q(source__in=["itc2019", "oneroster", "csv"])),
            models.CheckConstraint(
                name="import_state_known",
                condition=Q(state__in=["preparing", "prepared", "failed", "discarded", "applied", "undone"]),
            ),
            models.CheckConstraint(
                name="import_applied_at_a_moment",
                condition=Q(state__in=["applied", "undone"], applied_at__isnull=False)
                | (~Q(state__in=["applied", "undone"]) & Q(applied_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """One row of an import that changes something, or that is refused; those that are the same are only counted.

    `key` names the row within its kind and `before` and `after` are its fields, both as `attendance.importers.records`
    has them; `before` is null for a new row, `after` for one that is deleted. Of what is changed they hold no more than
    the fields that change.
    """

    class Action(models.TextChoices):
        """What applying does with it."""

        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        GONE = "gone", _("Gone")
        REFUSED = "refused", _("Refused")

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=12, blank=True)
    action = models.CharField(max_length=8, choices=Action)
    key = models.JSONField(default=list)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    file = models.CharField(max_length=255, blank=True)
    line = models.PositiveIntegerField(default=0)
    field = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of an import")
        ordering = ["id"]
        indexes = [models.Index(fields=["of", "action", "kind", "id"], name="import_row_by_action")]
        constraints = [
            models.CheckConstraint(
                name="import_row_action_known", condition=Q(action__in=["new", "changed", "gone", "refused"])
            ),
            models.CheckConstraint(
                name="import_row_refused_for_a_reason", condition=~Q(action="refused") | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {' '.join(self.key)}"
