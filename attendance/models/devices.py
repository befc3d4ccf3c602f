"""The devices with which students check in, known by a key that never leaves them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models.people import User


class Device(models.Model):
    """A browser that checked its student in: the public half of its key, see `attendance.qr.device_keys`.

    A key is one account's as long as it is not revoked; a revoked one is nobody's, and may be bound again.
    `last_used_at` is right to a day, so that a busy morning writes no row twice.
    """

    student = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    key_hash = models.CharField(max_length=64, editable=False)
    public_key = models.BinaryField(max_length=91)
    browser = models.CharField(_("browser"), max_length=60, blank=True)
    bound_at = models.DateTimeField(default=clock.now, editable=False)
    last_used_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ["-last_used_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key_hash"], name="device_key_bound_once", condition=Q(revoked_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.browser or self.key_hash[:8]}"
