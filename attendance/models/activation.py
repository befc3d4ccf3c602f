"""How people whom an institution brought along get their first password."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models.people import User


class Activation(models.Model):
    """A single-use link or code with which one person sets a first password; only its hash is kept.

    Of a person at most one is open, so whatever came last is what counts. `sent_at` and `failed_at` say what became of
    the mail with a link; a code is on paper and has neither.
    """

    class Kind(models.TextChoices):
        """How it reaches the person."""

        LINK = "link", _("mailed link")
        CODE = "code", _("printed code")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="activations")
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="activations_made")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("activation")
        verbose_name_plural = _("activations")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="activation_kind_known", condition=Q(kind__in=["link", "code"])),
            models.UniqueConstraint(
                fields=["user"],
                name="activation_open_once_per_person",
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="activation_used_or_revoked", condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True)
            ),
            models.CheckConstraint(
                name="activation_mail_sent_or_failed", condition=Q(sent_at__isnull=True) | Q(failed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.kind})"
