"""The form for a typed code."""

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
