"""The form for a course code."""

from django import forms
from django.utils.translation import gettext_lazy as _

from attendance.views.forms.base import LookForm


class EnrolmentCodeForm(LookForm):
    """The code a teacher showed."""

    code = forms.CharField(
        label=_("Course code"),
        help_text=_("8 letters and digits, such as 7KXM 4PQR. Capitals, spaces and dashes do not matter."),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={
            "required": _("Type the code that your teacher gave you."),
            "max_length": _("That is longer than a code. Type its 8 letters and digits only."),
        },
    )
