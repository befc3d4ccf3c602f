"""What is taught, when in the year, by whom and to whom."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models.organisation import Organisation
from attendance.models.people import User


class Department(models.Model):
    """A teaching unit of an organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="department_name_once_per_organisation")
        ]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A place where lectures happen; `capacity` in seats, empty when nobody counted."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=100)
    capacity = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="room_name_once_per_organisation")]

    def __str__(self) -> str:
        return self.name


class Term(models.Model):
    """A teaching period, from its first to its last day, both included."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=100)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["-first_day"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="term_name_once_per_organisation"),
            models.CheckConstraint(name="term_days_in_order", condition=Q(last_day__gte=F("first_day"))),
        ]

    def __str__(self) -> str:
        return self.name


class Course(models.Model):
    """A subject in the catalogue; it is taught as an `Offering` in each term."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, verbose_name=_("department"))
    code = models.CharField(_("code"), max_length=30)
    title = models.CharField(_("title"), max_length=200)
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="course_code_once_per_organisation")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Offering(models.Model):
    """A course in one term: what students enrol in and teachers teach, with its attendance policy.

    Weights are percent of a full attendance that a status counts for. With `blank_counts_absent` a student without a
    mark in a lecture that was taken counts as absent; otherwise that lecture is left out until somebody marks it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="offerings")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="offerings")
    late_weight = models.PositiveSmallIntegerField(_("late counts, in percent"), default=100)
    left_early_weight = models.PositiveSmallIntegerField(_("left early counts, in percent"), default=50)
    remote_weight = models.PositiveSmallIntegerField(_("remote counts, in percent"), default=100)
    blank_counts_absent = models.BooleanField(_("a blank counts as absent"), default=False)
    drop_lowest = models.PositiveSmallIntegerField(_("lectures left out, lowest first"), default=0)
    enrolment_code = models.CharField(_("enrolment code"), max_length=8, blank=True, editable=False)
    enrolment_code_expires_at = models.DateTimeField(null=True, editable=False)
    students: Any = models.ManyToManyField(User, through="attendance.Enrolment", related_name="offerings")

    class Meta:
        verbose_name = _("course of a term")
        verbose_name_plural = _("courses of a term")
        ordering = ["course__code", "-term__first_day"]
        constraints = [
            models.UniqueConstraint(fields=["course", "term"], name="offering_once_per_course_and_term"),
            models.UniqueConstraint(
                fields=["enrolment_code"], name="offering_enrolment_code_once", condition=~Q(enrolment_code="")
            ),
            models.CheckConstraint(
                name="offering_weights_up_to_100",
                condition=Q(late_weight__lte=100, left_early_weight__lte=100, remote_weight__lte=100),
            ),
            models.CheckConstraint(
                name="offering_code_has_an_end",
                condition=Q(enrolment_code="", enrolment_code_expires_at__isnull=True)
                | (~Q(enrolment_code="") & Q(enrolment_code_expires_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}, {self.term}"


class CourseStaff(models.Model):
    """Who works on an offering: its owner, an assistant, or a substitute for one lecture; of any role."""

    class Duty(models.TextChoices):
        """What a member of the course staff may do; a substitute only in one lecture."""

        OWNER = "owner", _("Owner")
        ASSISTANT = "assistant", _("Assistant")
        SUBSTITUTE = "substitute", _("Substitute")

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="staff")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="duties")
    duty = models.CharField(_("duty"), max_length=10, choices=Duty)
    lecture = models.ForeignKey("attendance.Lecture", on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = _("member of the course staff")
        verbose_name_plural = _("course staff")
        constraints = [
            models.UniqueConstraint(
                fields=["offering", "user"], name="course_staff_once_per_person", condition=Q(lecture__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["lecture", "user"], name="course_staff_substitute_once", condition=Q(lecture__isnull=False)
            ),
            models.CheckConstraint(
                name="course_staff_substitute_has_lecture",
                condition=Q(duty="substitute", lecture__isnull=False)
                | Q(duty__in=["owner", "assistant"], lecture__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.duty} of {self.offering}"


class Section(models.Model):
    """A part of an offering that meets on its own, such as a seminar group; `limit` in seats."""

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="sections")
    name = models.CharField(_("name"), max_length=60)
    limit = models.PositiveIntegerField(_("seats"), null=True, blank=True)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["offering", "name"], name="section_name_once_per_offering")]

    def __str__(self) -> str:
        return self.name


class Enrolment(models.Model):
    """A student in an offering, from one day until another (open when empty), both included.

    Whoever is enrolled belongs to every lecture of the whole offering, and to those of the sections named here.
    """

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="enrolments")
    student = models.ForeignKey(User, on_delete=models.PROTECT, related_name="enrolments")
    roll_number = models.CharField(_("roll number"), max_length=20)
    from_day = models.DateField(_("from"), null=True, blank=True)
    until_day = models.DateField(_("until"), null=True, blank=True)
    enrolled_at = models.DateTimeField(default=clock.now, editable=False)
    sections = models.ManyToManyField(Section, related_name="enrolments", blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["roll_number"]
        constraints = [
            models.UniqueConstraint(fields=["offering", "student"], name="enrolment_once_per_student"),
            models.UniqueConstraint(fields=["offering", "roll_number"], name="enrolment_roll_number_once"),
            models.CheckConstraint(
                name="enrolment_days_in_order",
                condition=Q(from_day__isnull=True) | Q(until_day__isnull=True) | Q(until_day__gte=F("from_day")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student} in {self.offering}"
