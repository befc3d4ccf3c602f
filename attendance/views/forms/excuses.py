"""Whom to excuse, and when."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from attendance.models import Offering, User
from attendance.queries.excuses import students_named
from attendance.views.forms.base import LookForm

MOST_DAYS = 120


class ExcuseForm(LookForm):
    """Students of an offering by any of their numbers, the days, and the reason that their record shows."""

    students = forms.CharField(
        label=_("Students"),
        max_length=20_000,
        help_text=_("Roll numbers, student numbers or user names, with spaces or lines between them."),
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
    )
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("The students see it. It stays in the log.")
    )

    def __init__(self, offering: Offering, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offering = offering

    def clean_students(self) -> list[User]:
        """Return the students that are meant; a name that is nobody's is said."""
        students, unknown = students_named(self.offering, self.cleaned_data["students"])
        if unknown:
            names = ", ".join(name[:40] for name in unknown[:10])
            raise forms.ValidationError(_now("Nobody in this course has: %(names)s.") % {"names": names})
        return students

    def clean(self) -> dict[str, Any]:
        """Refuse days that are out of order, or too many."""
        fields: dict[str, Any] = super().clean() or {}
        if not {"first_day", "last_day"} <= fields.keys():
            return fields
        days = (fields["last_day"] - fields["first_day"]).days
        if days < 0:
            self.add_error("last_day", _now("These days end before they begin. Choose a later last day."))
        elif days >= MOST_DAYS:
            self.add_error("last_day", _now("At most %(days)d days fit. Choose fewer.") % {"days": MOST_DAYS})
        return fields
