"""The login form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from attendance.views.forms.base import LookForm

LONGEST_PASSWORD = 1000
NAME_ATTRIBUTES = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


def account_field() -> forms.CharField:
    """Return the field in which people say who they are."""
    return forms.CharField(
        label=_("Student number or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs=NAME_ATTRIBUTES),
        error_messages={"required": _("Type your student number, your e-mail address or your user name.")},
    )


class LoginForm(LookForm):
    """Who it is, the password, and whether this browser stays signed in for the term."""

    username = account_field()
    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Type your password.")},
    )
    keep = forms.BooleanField(label=_("Keep me logged in on this device this term"), required=False)
