"""Forms for passwords."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from attendance.models import User
from attendance.views.forms.base import LookForm
from attendance.views.forms.sign_in import LONGEST_PASSWORD, account_field

PASSWORD_RULES = _("At least 10 characters, not only digits, no common password, and not your name or number.")


def new_password_field() -> forms.CharField:
    """Return the field for a new password, with the rules beside it."""
    return forms.CharField(
        label=_("New password"),
        help_text=PASSWORD_RULES,
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Type a password.")},
    )


class ResetRequestForm(LookForm):
    """Who forgot the password."""

    username = account_field()


class NewPasswordForm(LookForm):
    """A new password for somebody who is known."""

    new_password = new_password_field()

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_new_password(self) -> str:
        """Return the password when the rules allow it.

        Raises:
            ValidationError: what is wrong with it.
        """
        password: str = self.cleaned_data["new_password"]
        validate_password(password, self.person)
        return password


class PasswordChangeForm(NewPasswordForm):
    """The present password and a new one."""

    present_password = forms.CharField(
        label=_("Present password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Type the password you have now.")},
    )
    field_order = ("present_password", "new_password")


def check_new_password(form: LookForm, person: User) -> None:
    """Add to the form what the rules have against its new password, for a person who has no account yet."""
    try:
        validate_password(form.cleaned_data.get("new_password", ""), person)
    except ValidationError as error:
        form.add_error("new_password", error)
