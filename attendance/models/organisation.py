"""The institution: every other row belongs to one."""

import uuid
import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    """Accept the name of a zone in the IANA database, such as `Europe/Prague`.

    Raises:
        ValidationError: no such zone.
    """
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("%(name)s is not a time zone. Choose one such as Europe/Prague."), params={"name": name}
        )


class Organisation(models.Model):
    """A university, or the group or district that several belong to (`parent`), with its thresholds.

    `record_years` after the end of the last enrolment a student is erased; nobody is, when it is empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("group")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[validate_time_zone])
    school_year_month = models.PositiveSmallIntegerField(_("month in which the school year starts"), default=9)
    school_year_day = models.PositiveSmallIntegerField(_("day on which the school year starts"), default=1)
    at_risk_percent = models.PositiveSmallIntegerField(_("at risk under, in percent"), default=75)
    warning_percent = models.PositiveSmallIntegerField(_("warning under, in percent"), default=70)
    late_after_minutes = models.PositiveSmallIntegerField(_("late after, in minutes"), default=10)
    session_minutes = models.PositiveSmallIntegerField(_("length of check-in, in minutes"), default=15)
    record_years = models.PositiveSmallIntegerField(_("years for which records are kept"), null=True, blank=True)
    campus_networks = models.JSONField(_("networks of the campus"), default=list, blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                name="organisation_thresholds_in_order",
                condition=Q(at_risk_percent__lte=100, warning_percent__lte=F("at_risk_percent")),
            ),
            models.CheckConstraint(
                name="organisation_session_minutes_1_to_120", condition=Q(session_minutes__range=(1, 120))
            ),
            models.CheckConstraint(name="organisation_record_years_1_to_50", condition=Q(record_years__range=(1, 50))),
            models.CheckConstraint(
                name="organisation_school_year_start",
                condition=Q(school_year_month__range=(1, 12), school_year_day__range=(1, 31)),
            ),
            models.CheckConstraint(name="organisation_not_its_own_group", condition=~Q(parent=F("id"))),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which this institution's days and hours are meant."""
        return zoneinfo.ZoneInfo(self.time_zone)
