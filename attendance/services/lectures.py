"""Lectures as people make, move and cancel them, and who stands in for one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import AttendanceSession, CourseStaff, Lecture, Offering, Room, Section, User
from attendance.services.refusals import Refusal


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
    _check_lecture(offering, starts_at, ends_at, room, section)
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


def update_lecture(
    *,
    lecture: Lecture,
    starts_at: datetime,
    ends_at: datetime,
    room: Room | None = None,
    section: Section | None = None,
    mode: str = Lecture.Mode.ONSITE,
    topic: str = "",
) -> Lecture:
    """Change when, where and for whom a lecture is, and return it; marks stay with it.

    Raises:
        Refusal: as `create_lecture`.
    """
    _check_lecture(lecture.offering, starts_at, ends_at, room, section)
    lecture.starts_at, lecture.ends_at, lecture.room = starts_at, ends_at, room
    lecture.section, lecture.mode, lecture.topic = section, mode, topic
    with transaction.atomic():
        lecture.save(update_fields=["starts_at", "ends_at", "room", "section", "mode", "topic"])
    return lecture


def cancel_lecture(*, lecture: Lecture) -> None:
    """Cancel a lecture: it leaves every percentage, and its marks are kept. A cancelled one stays so.

    Raises:
        Refusal: its check-in is open.
    """
    with transaction.atomic():
        row = Lecture.objects.select_for_update().get(pk=lecture.pk)
        if AttendanceSession.objects.filter(lecture=row, closed_at__isnull=True).exists():
            raise Refusal(_("Check-in is open for this lecture. Close it first."))
        if row.cancelled_at is None:
            row.cancelled_at = clock.now()
            row.save(update_fields=["cancelled_at"])


def restore_lecture(*, lecture: Lecture) -> None:
    """Let a cancelled lecture take place after all; its marks count again."""
    Lecture.objects.filter(pk=lecture.pk).update(cancelled_at=None)


def add_substitute(*, lecture: Lecture, user: User) -> CourseStaff:
    """Let somebody stand in for this one lecture, and return the duty; one who does so already stays.

    Raises:
        Refusal: the person is of another organisation, may not log in, or is expected there as a student.
    """
    if user.organisation_id != lecture.organisation_id or not user.is_active:
        raise Refusal(_("%(name)s cannot work on this course.") % {"name": user})
    if lecture.offering.enrolments.filter(student=user).exists():
        raise Refusal(_("%(name)s is enrolled in this course and cannot mark it.") % {"name": user})
    duty, _made = CourseStaff.objects.get_or_create(
        lecture=lecture,
        user=user,
        defaults={"offering": lecture.offering, "duty": CourseStaff.Duty.SUBSTITUTE},
    )
    return duty


def remove_substitute(*, lecture: Lecture, user: User) -> None:
    """End somebody's duty in this one lecture."""
    CourseStaff.objects.filter(lecture=lecture, user=user).delete()


def _check_lecture(
    offering: Offering, starts_at: datetime, ends_at: datetime, room: Room | None, section: Section | None
) -> None:
    _check_lecture_times(offering, starts_at, ends_at)
    if room is not None and room.organisation_id != offering.organisation_id:
        raise Refusal(_("That room belongs to another organisation."))
    if section is not None and section.offering_id != offering.pk:
        raise Refusal(_("That section belongs to another course."))


def _check_lecture_times(offering: Offering, starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Refusal(_("The lecture ends before it starts. Choose a later end."))
    zone, term = offering.organisation.zone, offering.term
    if not term.first_day <= starts_at.astimezone(zone).date() <= term.last_day:
        raise Refusal(
            _("That day lies outside %(term)s, which runs from %(first)s to %(last)s.")
            % {"term": term, "first": f"{term.first_day:%d %B %Y}", "last": f"{term.last_day:%d %B %Y}"}
        )
