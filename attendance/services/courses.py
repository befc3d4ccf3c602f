"""Courses and offerings as people make and change them."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import (
    Course,
    CourseStaff,
    Department,
    Offering,
    Organisation,
    Term,
    User,
)
from attendance.services.policies import OFFERING_POLICY, policy_recorded
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


def update_course(*, offering: Offering, code: str, title: str, department: Department) -> Course:
    """Change code, title and department of the offering's course, in every term, and return it.

    Raises:
        Refusal: the code is taken, or the department belongs to another organisation.
    """
    if department.organisation_id != offering.organisation_id:
        raise Refusal(_("%(thing)s belongs to another organisation.") % {"thing": department})
    course = offering.course
    course.code, course.title, course.department = code, title, department
    try:
        with transaction.atomic():
            course.save(update_fields=["code", "title", "department"])
    except IntegrityError as error:
        raise Refusal(_("The code %(code)s belongs to another course.") % {"code": code}) from error
    return course


def update_policy(
    *,
    offering: Offering,
    actor: User,
    late_weight: int,
    left_early_weight: int,
    remote_weight: int,
    blank_counts_absent: bool,
    drop_lowest: int,
) -> Offering:
    """Change what marks are worth in the offering, and return it; percentages follow at once.

    Raises:
        Refusal: a weight is no percent.
    """
    if not all(weight in range(101) for weight in (late_weight, left_early_weight, remote_weight)):
        raise Refusal(_("A mark counts for 0 to 100 percent."))
    offering.late_weight, offering.left_early_weight = late_weight, left_early_weight
    offering.remote_weight, offering.blank_counts_absent = remote_weight, blank_counts_absent
    offering.drop_lowest = drop_lowest
    with policy_recorded(offering, actor=actor):
        offering.save(update_fields=list(OFFERING_POLICY))
    return offering


def archive_course(*, course: Course) -> None:
    """Take the course off all lists; its lectures, marks and percentages stay. One that is archived stays so."""
    Course.objects.filter(pk=course.pk, archived_at__isnull=True).update(archived_at=clock.now())


def restore_course(*, course: Course) -> None:
    """Put an archived course back on the lists."""
    Course.objects.filter(pk=course.pk).update(archived_at=None)


def remove_assistant(*, offering: Offering, user: User) -> None:
    """End somebody's duty as an assistant; owners stay."""
    CourseStaff.objects.filter(offering=offering, user=user, duty=CourseStaff.Duty.ASSISTANT).delete()


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
