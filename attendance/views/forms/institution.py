"""Forms of what an administrator sets up."""

import ipaddress
import re
import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from attendance.models import Organisation
from attendance.views.forms.base import LookForm, day_field


def _number(label: Any, least: int, most: int, **more: Any) -> forms.IntegerField:
    """Return a field for a whole number between two bounds, whose refusals name both."""
    sentence = _("Choose %(least)d to %(most)d.") % {"least": least, "most": most}
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        error_messages={"min_value": sentence, "max_value": sentence, "invalid": sentence},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input short"}),
        **more,
    )


class NetworksField(forms.CharField):
    """Networks in CIDR notation (RFC 4632, RFC 4291), one a line or with commas between; a list of them in Python."""

    MOST = 100

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), required=False, **more)

    def prepare_value(self, value: Any) -> Any:
        """Show a list one a line; what was typed stays as it is."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the networks in their shortest form, each once.

        Raises:
            ValidationError: one of them is none, holds everybody, or there are too many.
        """
        written = re.split(r"[\s,;]+", str(super().clean(value)).strip())
        networks = list(dict.fromkeys(str(self._network(text)) for text in written if text))
        if len(networks) > self.MOST:
            raise forms.ValidationError(
                _("%(count)d networks are more than fit. Write %(most)d at most.")
                % {"count": len(networks), "most": self.MOST}
            )
        return networks

    def _network(self, text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            sentence = _("%(text)s is not a network. Write one such as 192.0.2.0/24 or 2001:db8::/32.")
            raise forms.ValidationError(sentence % {"text": text[:60]}) from error
        if not network.prefixlen:
            raise forms.ValidationError(_("%(text)s is the whole internet. Write the campus only.") % {"text": text})
        return network


class InstitutionForm(LookForm):
    """The institution: its name, where its clock runs, and its thresholds."""

    name = forms.CharField(label=_("Name"), max_length=200)
    time_zone = forms.CharField(
        label=_("Time zone"), max_length=60, help_text=_("As in Europe/Prague. Hours of lectures are meant in it.")
    )
    at_risk_percent = _number(_("At risk under, in percent"), 0, 100)
    warning_percent = _number(_("Warning under, in percent"), 0, 100)
    late_after_minutes = _number(_("Late after, in minutes"), 0, 120)
    session_minutes = _number(_("Length of check-in, in minutes"), 1, 120)
    school_year_month = _number(_("Month in which the school year starts"), 1, 12)
    school_year_day = _number(_("Day on which it starts"), 1, 31)
    record_years = _number(
        _("Records of students are kept for, in years"),
        1,
        50,
        required=False,
        help_text=_(
            "Counted from the end of a student’s last course; then the person is erased, and marks stay nameless."
            " Empty, records are kept until somebody erases the person."
        ),
    )
    campus_networks = NetworksField(
        label=_("Networks of the campus"),
        help_text=_(
            "One a line, such as 192.0.2.0/24. Teachers see whether a scan came from there: a hint, never a reason to"
            " refuse. Empty, nothing is said of it."
        ),
    )

    @classmethod
    def initial_of(cls, organisation: Organisation) -> dict[str, Any]:
        """Return what the form shows of an organisation."""
        return {name: getattr(organisation, name) for name in cls.base_fields}

    def clean_time_zone(self) -> str:
        """Take the name of a zone of the IANA database."""
        name: str = self.cleaned_data["time_zone"]
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError(
                _("%(name)s is not a time zone. Choose one such as Europe/Prague.") % {"name": name}
            )
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse a warning that comes before the risk."""
        fields: dict[str, Any] = super().clean() or {}
        if fields.get("warning_percent", 0) > fields.get("at_risk_percent", 100):
            self.add_error("warning_percent", _("The warning lies at the line of risk or below it."))
        return fields


class DepartmentForm(LookForm):
    """A department."""

    name = forms.CharField(label=_("Name"), max_length=200)


class RoomForm(LookForm):
    """A room, and how many fit in."""

    name = forms.CharField(label=_("Name"), max_length=100)
    capacity = _number(_("Seats"), 0, 100_000, required=False, help_text=_("Leave it empty when nobody counted."))


class DaysForm(LookForm):
    """Something with a name, from one day to another: a term or a holiday."""

    name = forms.CharField(label=_("Name"), max_length=100)
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
