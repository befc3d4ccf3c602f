"""Courses, offerings and lectures as people make them."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from attendance.models import (
    Course,
    CourseStaff,
    Department,
    Lecture,
    Offering,
    Organisation,
    Room,
    Section,
    Term,
    User,
)
from attendance.services.refusals import Refusal


def create_course(
    *, organisation: Organisation, code: str, title: str, department: Department, term: Term, owner: User
) -> Offering:
    """Store a course, its offering in the term and the owner's duty; return the offering.

    Raises:
        Refusal: the code is taken, or something belongs to another organisation.
    """
    for thing in (department, term, owner):
        if thing.organisation_id != organisation.pk:
            raise Refusal(_("%(thing)s belongs to another organisation.") % {"thing": thing})
    try:
        with transaction.atomic():
            course = Course.objects.create(organisation=organisation, department=department, code=code, title=title)
            offering = Offering.objects.create(organisation=organisation, course=course, term=term)
            CourseStaff.objects.create(offering=offering, user=owner, duty=CourseStaff.Duty.OWNER)
    except IntegrityError as error:
        raise Refusal(_("The code %(code)s belongs to another course.") % {"code": code}) from error
    return offering


def add_assistant(*, offering: Offering, user: User) -> CourseStaff:
    """Make somebody an assistant of the offering and return the duty; one who is on its staff already stays as is.

    Raises:
        Refusal: the person is of another organisation, may not log in, or is enrolled in this very course.
    """
    if user.organisation_id != offering.organisation_id or not user.is_active:
        raise Refusal(_("%(name)s cannot work on this course.") % {"name": user})
    if offering.enrolments.filter(student=user).exists():
        raise Refusal(_("%(name)s is enrolled in this course and cannot mark it.") % {"name": user})
    duty, _made = CourseStaff.objects.get_or_create(
        offering=offering, user=user, lecture=None, defaults={"duty": CourseStaff.Duty.ASSISTANT}
    )
    return duty


def create_lecture(
    *,
    offering: Offering,
    starts_at: datetime,
    ends_at: datetime,
    room: Room | None = None,
    section: Section | None = None,
    mode: str = Lecture.Mode.ONSITE,
    topic: str = "",
) -> Lecture:
    """Store a single lecture and return it.

    Raises:
        Refusal: it ends before it starts, lies outside the term, or names a room or section of something else.
    """
    _check_lecture_times(offering, starts_at, ends_at)
    if room is not None and room.organisation_id != offering.organisation_id:
        raise Refusal(_("That room belongs to another organisation."))
    if section is not None and section.offering_id != offering.pk:
        raise Refusal(_("That section belongs to another course."))
    return Lecture.objects.create(
        organisation=offering.organisation,
        offering=offering,
        section=section,
        starts_at=starts_at,
        ends_at=ends_at,
        room=room,
        mode=mode,
        topic=topic,
    )


def _check_lecture_times(offering: Offering, starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Refusal(_("The lecture ends before it starts. Choose a later end."))
    zone, term = offering.organisation.zone, offering.term
    if not term.first_day <= starts_at.astimezone(zone).date() <= term.last_day:
        raise Refusal(
            _("That day lies outside %(term)s, which runs from %(first)s to %(last)s.")
            % {"term": term, "first": f"{term.first_day:%d %B %Y}", "last": f"{term.last_day:%d %B %Y}"}
        )
