"""The forms for a typed code, and for a scan that was kept without a network."""

from datetime import UTC, datetime

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from attendance.qr.tokens import typed
from attendance.views.forms.base import LookForm


class TypedCodeForm(LookForm):
    """The code that stands beside the picture."""

    code = forms.CharField(
        label=_("Code on the projector"),
        help_text=_("6 letters and digits, such as K7M 4QX. Capitals and spaces do not matter."),
        max_length=30,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
                "class": "input typed-code",
            }
        ),
        error_messages={
            "required": _("Type the code that stands on the projector."),
            "max_length": _("That is longer than a code. Type its 6 letters and digits only."),
        },
    )

    def clean_code(self) -> str:
        """Return the code as it was made.

        Raises:
            ValidationError: it cannot be one.
        """
        code = typed(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(gettext("A code has 6 letters and digits, and never the letter U."))
        return code


class OfflineScanForm(forms.Form):
    """What a device kept of a scan: the code, its own time in milliseconds since 1970, and its name for the scan."""

    code = forms.CharField(max_length=40)
    scanned_at = forms.IntegerField(min_value=0, max_value=4_102_444_800_000)  # Until the year 2100.
    nonce = forms.UUIDField()

    def clean_scanned_at(self) -> datetime:
        """Return the device's time as a moment."""
        return datetime.fromtimestamp(self.cleaned_data["scanned_at"] / 1000, UTC)
