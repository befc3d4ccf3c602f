"""Forms for courses and their lectures."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance.models import Department, Lecture, Offering, Organisation, Room, Section, Term, User
from attendance.views.forms.base import LookForm


class PersonField(forms.CharField):
    """A person of one organisation, named by number, user name or e-mail; cleans to the `User`."""

    def __init__(self, **kwargs: Any) -> None:
        self.people = User.objects.none()
        super().__init__(max_length=254, **kwargs)

    def clean(self, value: Any) -> User:
        """Return the one active person that is meant.

        Raises:
            ValidationError: nobody, or more than one.
        """
        name = super().clean(value)
        found = list(self.people.filter(Q(username=name.lower()) | Q(number__iexact=name) | Q(email__iexact=name))[:2])
        if len(found) != 1:
            raise forms.ValidationError(_("Nobody here has this number, user name or e-mail. Check it under People."))
        return found[0]


class CourseForm(LookForm):
    """A new course, the term in which it is taught first, and who owns it there."""

    code = forms.CharField(
        label=_("Code"), max_length=30, help_text=_("As it stands in the timetable, such as CS 204.")
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"))
    term = forms.ModelChoiceField(Term.objects.none(), label=_("Term"))
    owner = PersonField(label=_("Owner"), help_text=_("The teacher who runs it: number, user name or e-mail."))

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self.fields["department"], Department.objects.filter(organisation=organisation))
        _choose_from(self.fields["term"], Term.objects.filter(organisation=organisation))
        staff = User.objects.filter(organisation=organisation, is_active=True)
        cast("PersonField", self.fields["owner"]).people = staff.exclude(
            role__in=[User.Role.STUDENT, User.Role.AUDITOR]
        )


class AssistantForm(LookForm):
    """Who shall help with an offering."""

    person = PersonField(label=_("Add an assistant"), help_text=_("Number, user name or e-mail."))

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(organisation=organisation, is_active=True).exclude(role=User.Role.AUDITOR)
        cast("PersonField", self.fields["person"]).people = people


class LectureForm(LookForm):
    """One lecture of an offering; day and hours are meant in the organisation's time zone."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    start = forms.TimeField(label=_("Start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    end = forms.TimeField(label=_("End"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    room = forms.ModelChoiceField(Room.objects.none(), label=_("Room"), required=False, empty_label=_("No room"))
    section = forms.ModelChoiceField(
        Section.objects.none(), label=_("For"), required=False, empty_label=_("Everybody in the course")
    )
    mode = forms.ChoiceField(label=_("Mode"), choices=Lecture.Mode)
    topic = forms.CharField(label=_("Topic"), max_length=200, required=False)

    def __init__(self, offering: Offering, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = offering.organisation.zone
        _choose_from(self.fields["room"], Room.objects.filter(organisation=offering.organisation_id))
        _choose_from(self.fields["section"], Section.objects.filter(offering=offering))

    def clean(self) -> dict[str, Any]:
        """Turn day and hours into instants `starts_at` and `ends_at`; an end before the start is refused."""
        fields: dict[str, Any] = super().clean() or {}
        if not {"day", "start", "end"} <= fields.keys():
            return fields
        if fields["end"] <= fields["start"]:
            self.add_error("end", _("The lecture ends before it starts. Choose a later end."))
            return fields
        fields["starts_at"] = datetime.combine(fields["day"], fields["start"], tzinfo=self.zone)
        fields["ends_at"] = datetime.combine(fields["day"], fields["end"], tzinfo=self.zone)
        return fields


def _choose_from(field: forms.Field, rows: Any) -> None:
    """Limit a choice to rows of the right organisation: an id of another one is refused at the field."""
    cast("forms.ModelChoiceField[Any]", field).queryset = rows
