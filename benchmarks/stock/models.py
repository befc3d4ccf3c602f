"""What a stock project writes when somebody signs."""

from django.conf import settings
from django.db import models


class Signature(models.Model):
    """That somebody signed, and when."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    signed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.signed_at}"
