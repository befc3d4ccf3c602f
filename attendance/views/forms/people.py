"""Forms for inviting people, accepting, and changing a role."""

from typing import Any, cast

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from attendance.models import Department, Invitation, Organisation, User
from attendance.queries.people import has_account, is_name_taken
from attendance.views.forms.base import LookForm
from attendance.views.forms.passwords import check_new_password, new_password_field


class InviteForm(LookForm):
    """Whom to invite, as what, and where; the organisation is asked only of who administers several."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={
            "required": _("Type the e-mail address of the person you invite."),
            "invalid": _("This is not an e-mail address. Write one such as name@university.edu."),
        },
    )
    role = forms.ChoiceField(label=_("Role"), choices=User.Role, initial=User.Role.STUDENT)
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"), empty_label=None)

    def __init__(self, organisations: QuerySet[Organisation], own: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Organisation]", self.fields["organisation"])
        field.queryset, field.initial = organisations, own
        if len(organisations) == 1:
            del self.fields["organisation"]
        self.own = own

    def clean(self) -> dict[str, Any]:
        """Refuse an address that has an account at the organisation already."""
        fields: dict[str, Any] = super().clean() or {}
        organisation = fields.setdefault("organisation", self.own)
        if "email" in fields and has_account(organisation, fields["email"]):
            self.add_error("email", _("This address has an account here already. Search for it under People."))
        return fields


class DetailsForm(LookForm):
    """What a person is called and reached by."""

    given_name = forms.CharField(label=_("Given name"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=100)
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        error_messages={"invalid": _("This is not an e-mail address. Write one such as name@university.edu.")},
    )
    number = forms.CharField(label=_("Student or staff number"), max_length=40, required=False)
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), required=False, empty_label=_("None")
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        shown = {name: getattr(person, name) for name in ("given_name", "family_name", "email", "number")}
        super().__init__(*args, initial={**shown, "department": person.department_id}, **kwargs)
        field = cast("forms.ModelChoiceField[Department]", self.fields["department"])
        field.queryset = Department.objects.filter(organisation=person.organisation_id)


class AcceptForm(LookForm):
    """The account of an invited person."""

    given_name = forms.CharField(
        label=_("Given name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label=_("Family name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Type your family name, or your only name.")},
    )
    username = forms.CharField(
        label=_("User name"),
        help_text=_("Letters, digits and @ . + - _ only. You can log in with it or with your e-mail address."),
        max_length=150,
        validators=[UnicodeUsernameValidator(message=_("Use letters, digits and @ . + - _ only."))],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Choose a user name.")},
    )
    new_password = new_password_field()

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def clean_username(self) -> str:
        """Return the user name when it is nobody else's, nor what somebody else logs in with.

        Raises:
            ValidationError: it is taken.
        """
        name: str = self.cleaned_data["username"]
        if is_name_taken(name, own_email=self.invitation.email):
            raise forms.ValidationError(_("This user name is taken. Choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        """Hold the password against the rules, one of which asks how like the name it is."""
        fields: dict[str, Any] = super().clean() or {}
        if "new_password" in fields:
            named = {name: fields.get(name, "") for name in ("given_name", "family_name", "username")}
            check_new_password(self, User(email=self.invitation.email, **named))
        return fields


class EraseForm(LookForm):
    """The user name of the person who shall be erased, typed once more."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Type the user name. Nothing was erased.")},
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["username"].help_text = _("Type %(username)s here.") % {"username": person.username}

    def clean_username(self) -> str:
        """Take the user name of the person, however it is capitalised.

        Raises:
            ValidationError: it is another one.
        """
        typed: str = self.cleaned_data["username"]
        if typed.lower() != self.person.username:
            raise forms.ValidationError(_("This is not the user name. Nothing was erased."))
        return typed


class RoleForm(LookForm):
    """Another role for a person."""

    role = forms.ChoiceField(label=_("Role"), choices=User.Role)
