"""The form that a file is uploaded with."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from attendance.importers.shapes import FIRST_YEAR, LAST_YEAR
from attendance.models import Import, Term
from attendance.views.forms.base import LookForm


class ImportForm(LookForm):
    """A file, what it is, and what it does not say itself."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A zip file, a CSV file or an XML file of at most 20 MB."),
        max_length=255,
        error_messages={
            "required": _("Choose a file."),
            "missing": _("Choose a file."),
            "invalid": _("Choose a file."),
            "empty": _("This file is empty. Choose another."),
        },
        widget=forms.FileInput(attrs={"accept": ".zip,.csv,.xml", "class": "input"}),
    )
    source = forms.ChoiceField(
        label=_("What it is"),
        required=False,
        choices=[("", _("Find out from the file")), *Import.Source.choices],
    )
    complete = forms.BooleanField(
        label=_("The file is complete"),
        required=False,
        help_text=_(
            "Who is enrolled in or works on a course that the file names, and does not stand in the file, ends there. "
            "Courses that the file does not name stay as they are."
        ),
    )
    default_term = forms.ModelChoiceField(
        label=_("Term of rows that name none"),
        queryset=Term.objects.none(),
        required=False,
        empty_label=_("None: such rows are refused"),
        help_text=_("For CSV files."),
    )
    term_name = forms.CharField(
        label=_("Name of the term"),
        max_length=100,
        required=False,
        help_text=_("One that is there already keeps its days."),
    )
    first_day = forms.DateField(
        label=_("First day of the term"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, terms: QuerySet[Term], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["default_term"].queryset = terms  # type: ignore[attr-defined]

    def refuse_size(self) -> None:
        """Say that the file is too large, in place of whatever else is wrong with it."""
        self.errors.pop("file", None)
        self.add_error("file", _now("This file is larger than 20 MB. Pack it as a zip file, or split it."))

    def clean_first_day(self) -> date | None:
        """Take a day of this century."""
        day: date | None = self.cleaned_data["first_day"]
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(
                _now("Choose a year from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            )
        return day

    def has_term(self, first_day: date | None) -> bool:
        """Say whether the term of a timetable of ITC-2019 is known, and refuse the form where it is not."""
        if not self.cleaned_data["term_name"]:
            self.add_error("term_name", _now("A timetable of ITC-2019 names no term. Name it here."))
        elif first_day is None:
            self.add_error("first_day", _now("A timetable of ITC-2019 holds no dates. Choose the term's first day."))
        return not self.errors
