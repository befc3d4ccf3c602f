"""When teaching happens: the hours of the day, the weekly pattern, and the lectures that come of it."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models.catalogue import Department, Offering, Room, Section
from attendance.models.organisation import Organisation


class TimeConfig(models.Model):
    """How an institution cuts its working days, Monday first; its newest active row is the one in force."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    is_active = models.BooleanField(_("in force"), default=True)
    working_days = models.PositiveSmallIntegerField(_("working days"))
    slots_per_day = models.PositiveSmallIntegerField(_("slots per day"))
    start_time = models.TimeField(_("start of the day"))
    end_time = models.TimeField(_("end of the day"))
    slot_duration_minutes = models.PositiveSmallIntegerField(_("length of a slot, in minutes"))
    lunch_break_enabled = models.BooleanField(_("lunch break"), default=False)
    lunch_break_start = models.TimeField(_("start of lunch"), null=True, blank=True)
    lunch_break_end = models.TimeField(_("end of lunch"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("time configuration")
        verbose_name_plural = _("time configurations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="time_config_day_in_order", condition=Q(end_time__gt=F("start_time"))),
            models.CheckConstraint(name="time_config_working_days_1_to_7", condition=Q(working_days__range=(1, 7))),
            models.CheckConstraint(name="time_config_slots_1_to_24", condition=Q(slots_per_day__range=(1, 24))),
            models.CheckConstraint(
                name="time_config_slot_has_length", condition=Q(slot_duration_minutes__range=(1, 1440))
            ),
            models.CheckConstraint(
                name="time_config_lunch_within_the_day",
                condition=Q(lunch_break_enabled=False)
                | Q(
                    lunch_break_start__isnull=False,
                    lunch_break_end__isnull=False,
                    lunch_break_start__gte=F("start_time"),
                    lunch_break_end__gt=F("lunch_break_start"),
                    lunch_break_end__lte=F("end_time"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.start_time:%H:%M} to {self.end_time:%H:%M}"


class TimeSlot(models.Model):
    """One hour of the week in one department, made from the time configuration; on the wall alike in all of them."""

    config = models.ForeignKey(TimeConfig, on_delete=models.PROTECT, related_name="slots")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="time_slots")
    weekday = models.PositiveSmallIntegerField(_("weekday, Monday = 0"))
    position = models.PositiveSmallIntegerField(_("place in the day"))
    starts_at = models.TimeField(_("start"))
    ends_at = models.TimeField(_("end"))

    class Meta:
        verbose_name = _("time slot")
        verbose_name_plural = _("time slots")
        ordering = ["weekday", "position", "department_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["config", "department", "weekday", "position"], name="time_slot_once_per_place"
            ),
            models.CheckConstraint(name="time_slot_weekday_0_to_6", condition=Q(weekday__lte=6)),
            models.CheckConstraint(name="time_slot_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.department}, weekday {self.weekday}, {self.starts_at:%H:%M}"


class Holiday(models.Model):
    """Days without teaching, from the first to the last, both included: no lecture is planned on them."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=100)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["first_day"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "first_day", "name"], name="holiday_once_per_day_and_name"),
            models.CheckConstraint(name="holiday_days_in_order", condition=Q(last_day__gte=F("first_day"))),
        ]

    def __str__(self) -> str:
        return self.name


class Meeting(models.Model):
    """A weekly hour of an offering, or of one of its sections, in the organisation's own clock time.

    `weeks` has one digit per week of the term, counted from the week of its first day: 1 when it meets in that week.
    """

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="meetings")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings")
    weekday = models.PositiveSmallIntegerField(_("weekday, Monday = 0"))
    starts_at = models.TimeField(_("start"))
    minutes = models.PositiveSmallIntegerField(_("length in minutes"))
    weeks = models.CharField(_("weeks"), max_length=60, validators=[RegexValidator("^[01]+$")])
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = _("weekly meeting")
        verbose_name_plural = _("weekly meetings")
        constraints = [
            models.CheckConstraint(name="meeting_weekday_0_to_6", condition=Q(weekday__lte=6)),
            models.CheckConstraint(name="meeting_has_length", condition=Q(minutes__gt=0)),
            models.UniqueConstraint(
                fields=["offering", "weekday", "starts_at"],
                name="meeting_once_per_hour",
                condition=Q(section__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["section", "weekday", "starts_at"], name="meeting_once_per_hour_of_section"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offering}, weekday {self.weekday}, {self.starts_at:%H:%M}"


class Lecture(models.Model):
    """One hour of teaching; a register is kept for each.

    `planned_day` says which day of its meeting's pattern it stands for, also after it was moved, so that expanding the
    pattern again never makes it twice.
    """

    class Mode(models.TextChoices):
        """Where people sit."""

        ONSITE = "onsite", _("On site")
        ONLINE = "online", _("Online")
        HYBRID = "hybrid", _("On site and online")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="lectures")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, blank=True, related_name="lectures")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="lectures")
    planned_day = models.DateField(null=True, editable=False)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("room"))
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.ONSITE)
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    cancelled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("lecture")
        verbose_name_plural = _("lectures")
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["offering", "starts_at"], name="lecture_of_offering"),
            # With all that says whether a lecture is over, so that the past half of a term is passed over in the index.
            models.Index(
                fields=["organisation", "starts_at", "ends_at", "cancelled_at"], name="lecture_of_institution"
            ),
        ]
        constraints = [
            models.CheckConstraint(name="lecture_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="lecture_mode_known", condition=Q(mode__in=["onsite", "online", "hybrid"])),
            models.UniqueConstraint(fields=["meeting", "planned_day"], name="lecture_once_per_meeting_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.offering.course.code}, {self.starts_at:%Y-%m-%d %H:%M} UTC"
