"""Forms for a first password, and for choosing who gets one."""

import re
from collections.abc import Collection
from typing import cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from attendance.models import Department, User
from attendance.queries.activations import Choice, Progress
from attendance.views.forms.base import LookForm
from attendance.views.forms.sign_in import account_field

_ANY = [("", _("All"))]
_WAITING = [state for state in Progress.choices if state[0] != Progress.ACTIVATED]


class ChoiceForm(LookForm):
    """Which of those who wait for a first password; what is not understood is left out."""

    q = forms.CharField(label=_("Name, number or e-mail"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[*_ANY, *User.Role.choices], required=False)
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), required=False, empty_label=_("All")
    )
    progress = forms.ChoiceField(label=_("State"), choices=[*_ANY, *_WAITING], required=False)

    def __init__(self, data: QueryDict, organisations: Collection[UUID]) -> None:
        super().__init__(data)
        field = cast("forms.ModelChoiceField[Department]", self.fields["department"])
        field.queryset = Department.objects.filter(organisation__in=organisations).order_by("name")

    @property
    def choice(self) -> Choice:
        """The choice that was made."""
        self.is_valid()
        fields = self.cleaned_data
        department = fields.get("department")
        return Choice(
            search=fields.get("q", ""),
            role=fields.get("role", ""),
            department=department.pk if department else None,
            progress=fields.get("progress", ""),
        )


def ticked(data: QueryDict) -> list[int]:
    """Return the ids of the people who were ticked in a list."""
    return [int(value) for value in data.getlist("person") if re.fullmatch(r"[0-9]{1,18}", value)]


class RedeemForm(LookForm):
    """Who it is, and the code from the slip."""

    username = account_field()
    code = forms.CharField(
        label=_("Code"),
        help_text=_("From your slip: ten characters. Capitals, spaces and dashes do not matter."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type the code from your slip.")},
    )
