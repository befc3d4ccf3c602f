"""Who teaches what."""

from attendance.models import CourseStaff, Offering, User


def owner_of(offering: Offering) -> User | None:
    """Return the owner of a course, if it has one."""
    duty = CourseStaff.objects.filter(offering=offering, duty=CourseStaff.Duty.OWNER, lecture__isnull=True)
    found = duty.select_related("user").order_by("pk").first()
    return found.user if found else None
