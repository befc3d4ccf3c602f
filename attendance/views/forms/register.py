"""What the register page and the check-in forms send."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from attendance.models import AttendanceSession, Status
from attendance.queries.registers import RegisterRow
from attendance.services.refusals import Refusal
from attendance.services.register import Mark
from attendance.views.forms.base import LookForm

CodeLife = AttendanceSession.CodeLife


class OpenSessionForm(LookForm):
    """How long check-in stays open, and how long one of its codes lives."""

    minutes = forms.IntegerField(
        label=_("Length of check-in, in minutes"),
        min_value=1,
        max_value=120,
        error_messages={
            "min_value": _("A check-in lasts at least a minute. Choose 1 to 120."),
            "max_value": _("More than 120 minutes is too long. Choose 1 to 120."),
            "invalid": _("Write the minutes as a number, 1 to 120."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input short"}),
    )
    codes = forms.TypedChoiceField(
        label=_("How long a code lives"),
        choices=CodeLife.choices,
        coerce=CodeLife,
        empty_value=CodeLife.STRICT,
        required=False,
        initial=CodeLife.STRICT,
        error_messages={"invalid_choice": _("Choose one of the three lengths.")},
    )


class HeadcountForm(LookForm):
    """How many people the teacher counted."""

    headcount = forms.IntegerField(
        label=_("Heads in the room"),
        required=False,
        min_value=0,
        max_value=10000,
        error_messages={
            "min_value": _("Write 0 to 10000 heads."),
            "max_value": _("Write 0 to 10000 heads."),
            "invalid": _("Write the heads as a number, 0 to 10000."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input short", "autocomplete": "off"}),
    )


@dataclass(frozen=True)
class SubmittedRegister:
    """A register as it came back: what each row showed when the page was made, and what it says now."""

    posted: Mapping[str, str]
    rows: Iterable[RegisterRow]

    def marks(self) -> list[Mark]:
        """Return the rows the writer changed; the others, and those the page did not show, are no matter of this form.

        Raises:
            Refusal: a row's hidden part was tampered with.
        """
        marks = []
        for row in self.rows:
            student = row.student.pk
            if f"seen-{student}" not in self.posted:
                continue
            seen_status, seen_version = self._seen(student)
            status = self.posted.get(f"status-{student}", seen_status)
            if not status and not seen_status and self.posted.get("fill") == Status.ABSENT:
                status = Status.ABSENT
            if status != seen_status:
                marks.append(Mark(student, status, seen_version))
        return marks

    def _seen(self, student: int) -> tuple[str, int]:
        """Return status and version that the page showed."""
        status, _dot, version = self.posted[f"seen-{student}"].partition(".")
        if not version.isascii() or not version.isdigit() or len(version) > 9:
            raise Refusal(_("The form did not arrive whole; nothing was saved. Load the page again."))
        return status, int(version)
