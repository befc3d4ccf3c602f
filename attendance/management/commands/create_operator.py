"""`manage.py create_operator`: the first account of an installation, from which all others are invited."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from attendance.models import Organisation, User
from attendance.services.accounts import create_operator
from attendance.services.refusals import Refusal

# The password is no field of a form here; the organisation is checked on its own.
_NOT_TYPED = ["password", "organisation", "role", "family_name"]


class Command(BaseCommand):
    help = "Make an administrator of an organisation who may also enter /admin/; make the organisation when asked to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG", help="Short name of the organisation.")
        parser.add_argument("--organisation-name", metavar="NAME", help="Make it, with this name, when it is missing.")
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE", help="Of a new one, such as Europe/Prague.")
        parser.add_argument("--username", required=True, metavar="NAME")
        parser.add_argument("--email", default="", metavar="ADDRESS")
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = _organisation(options["organisation"], options["organisation_name"], options["time_zone"])
        username, email = options["username"], options["email"]
        draft = User(organisation=organisation, role=User.Role.ADMIN, username=username.lower(), email=email)
        try:
            draft.clean_fields(exclude=_NOT_TYPED)
            password = _password_from_stdin() if options["password_stdin"] else _password_from_terminal()
            validate_password(password, draft)
            operator = create_operator(organisation=organisation, username=username, email=email, password=password)
        except ValidationError as error:
            raise CommandError(_one_sentence(error)) from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{operator.username} is an operator at {organisation}.")


def _organisation(slug: str, name: str | None, time_zone: str) -> Organisation:
    """Return the organisation, or a new one that is not stored yet when a name for it is given."""
    existing = Organisation.objects.filter(slug=slug).first()
    if existing is not None:
        return existing
    if name is None:
        raise CommandError(f"There is no organisation {slug}. Add --organisation-name to make it.")
    organisation = Organisation(slug=slug, name=name, time_zone=time_zone)
    try:
        organisation.full_clean()
    except ValidationError as error:
        raise CommandError(_one_sentence(error)) from error
    return organisation


def _password_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _password_from_terminal() -> str:
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for the password. Pipe it in and add --password-stdin.")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two passwords differ; nothing was stored.")
    return password


def _one_sentence(error: ValidationError) -> str:
    return " ".join(error.messages)
