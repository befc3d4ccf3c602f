"""What was brought in from outside: one row for each import that was applied."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models.catalogue import Term
from attendance.models.organisation import Organisation


class Import(models.Model):
    """An import that was applied: from which file, into which term, and what became of its rows.

    `counts` has by kind of row (`rooms`, `students`, ...) how many were made and how many were there before:
    `{"rooms": {"made": 44, "existing": 0}}`.
    """

    class Source(models.TextChoices):
        """What the file was written by or for."""

        ITC2019 = "itc2019", _("Timetable of ITC-2019")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    term = models.ForeignKey(Term, on_delete=models.PROTECT)
    source = models.CharField(_("source"), max_length=20, choices=Source)
    file_name = models.CharField(_("file"), max_length=255)
    applied_at = models.DateTimeField(default=clock.now, editable=False)
    counts = models.JSONField(editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-applied_at", "-id"]
        constraints = [models.CheckConstraint(name="import_source_known", condition=Q(source__in=["itc2019"]))]

    def __str__(self) -> str:
        return self.file_name
