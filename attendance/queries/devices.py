"""Reading the devices of a student."""

from django.db.models import QuerySet

from attendance.models import Device, User


def devices_of(student: User) -> QuerySet[Device]:
    """Return the devices that check the student in, the one that was used last first."""
    return Device.objects.filter(student=student, revoked_at__isnull=True)
