"""Forms in which students ask, and staff answers."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from attendance.models import Offering, Request, Status, User
from attendance.queries.requests import offerings_attended
from attendance.views.forms.base import LookForm, day_field


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500, "class": "input"})
    )


class _CourseChoice(LookForm):
    """A form in which a student names one of the own courses."""

    def __init__(self, student: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Any]", self.fields["offering"]).queryset = offerings_attended(student)


class LeaveForm(_CourseChoice):
    """When the student is away."""

    from_day = day_field(_("First day"))
    until_day = day_field(_("Last day"))
    offering = forms.ModelChoiceField(
        Offering.objects.none(), label=_("Course"), required=False, empty_label=_("All my courses")
    )
    reason = _reason()


class CorrectionForm(LookForm):
    """Which mark it should be."""

    wanted_status = forms.ChoiceField(label=_("It should be"), choices=Status)
    reason = _reason()


class DropForm(_CourseChoice):
    """Which course the student leaves."""

    offering = forms.ModelChoiceField(Offering.objects.none(), label=_("Course"))
    reason = _reason()


class OtherForm(LookForm):
    """What the administration shall do."""

    OTHERS = (Request.Kind.NEXT_SEMESTER, Request.Kind.CARD, Request.Kind.INFORMATION)
    kind = forms.ChoiceField(label=_("What about"), choices=[(kind.value, kind.label) for kind in OTHERS])
    reason = _reason()


class AnswerForm(LookForm):
    """What staff says to it."""

    answer = forms.CharField(
        label=_("Answer"),
        max_length=500,
        required=False,
        help_text=_("The student reads it."),
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500, "class": "input"}),
    )
