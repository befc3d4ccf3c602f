"""Forms for courses and their lectures."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance.models import Department, Lecture, Offering, Organisation, Room, Section, Term, User
from attendance.views.forms.base import LookForm, day_field


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


class CourseDetailsForm(LookForm):
    """What a course is called, and where it belongs."""

    code = forms.CharField(
        label=_("Code"), max_length=30, help_text=_("As it stands in the timetable, such as CS 204.")
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"))

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self.fields["department"], Department.objects.filter(organisation=organisation))


class CourseForm(CourseDetailsForm):
    """A new course, the term in which it is taught first, and who owns it there; a teacher's own has no choice."""

    term = forms.ModelChoiceField(Term.objects.none(), label=_("Term"))
    owner = PersonField(label=_("Owner"), help_text=_("The teacher who runs it: number, user name or e-mail."))

    def __init__(self, maker: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(maker.organisation, *args, **kwargs)
        self.maker = maker
        _choose_from(self.fields["term"], Term.objects.filter(organisation=maker.organisation))
        if maker.role == User.Role.TEACHER:
            del self.fields["owner"]
            return
        staff = User.objects.filter(organisation=maker.organisation, is_active=True)
        cast("PersonField", self.fields["owner"]).people = staff.exclude(
            role__in=[User.Role.STUDENT, User.Role.AUDITOR]
        )

    def clean(self) -> dict[str, Any]:
        """Let whoever has no choice own the course."""
        fields: dict[str, Any] = super().clean() or {}
        return fields if "owner" in self.fields else {**fields, "owner": self.maker}


class PolicyForm(LookForm):
    """What each mark is worth in an offering, and what else its percentage is made of."""

    late_weight = forms.IntegerField(label=_("Late counts, in percent"), min_value=0, max_value=100)
    left_early_weight = forms.IntegerField(label=_("Left early counts, in percent"), min_value=0, max_value=100)
    remote_weight = forms.IntegerField(label=_("Remote counts, in percent"), min_value=0, max_value=100)
    drop_lowest = forms.IntegerField(
        label=_("Lectures left out, worst first"),
        min_value=0,
        max_value=100,
        help_text=_("With 2, everybody's two worst lectures leave the percentage."),
    )
    blank_counts_absent = forms.BooleanField(
        label=_("A student without a mark in a lecture that was taken counts as absent"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name != "blank_counts_absent":
                bounds = {"min_value": _("Choose 0 to 100."), "max_value": _("Choose 0 to 100.")}
                field.error_messages |= {**bounds, "invalid": _("Write a whole number, 0 to 100.")}


class AssistantForm(LookForm):
    """Who shall help with an offering."""

    person = PersonField(label=_("Add an assistant"), help_text=_("Number, user name or e-mail."))

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(organisation=organisation, is_active=True).exclude(role=User.Role.AUDITOR)
        cast("PersonField", self.fields["person"]).people = people


class SubstituteForm(AssistantForm):
    """Who shall stand in for one lecture."""

    person = PersonField(label=_("Who stands in"), help_text=_("Number, user name or e-mail."))


class LectureForm(LookForm):
    """One lecture of an offering; day and hours are meant in the organisation's time zone."""

    day = day_field(_("Day"))
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
        kept = Q(archived_at__isnull=True) | Q(pk=self.initial.get("room"))
        _choose_from(self.fields["room"], Room.objects.filter(kept, organisation=offering.organisation_id))
        _choose_from(self.fields["section"], Section.objects.filter(offering=offering))

    @staticmethod
    def initial_of(lecture: Lecture) -> dict[str, Any]:
        """Return what the form shows of a lecture that is there."""
        zone = lecture.organisation.zone
        start, end = lecture.starts_at.astimezone(zone), lecture.ends_at.astimezone(zone)
        return {
            "day": start.date(),
            "start": start.time(),
            "end": end.time(),
            "room": lecture.room_id,
            "section": lecture.section_id,
            "mode": lecture.mode,
            "topic": lecture.topic,
        }

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
