from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from attendance.models import Organisation, User
from attendance.services.demo import PASSWORD

pytestmark = pytest.mark.django_db


def test_the_command_says_how_to_get_in() -> None:
    said = StringIO()
    call_command("demo", stdout=said)
    lines = said.getvalue().splitlines()
    assert lines[0].startswith("University of Aldermoor, ")
    assert f"Log in at http://127.0.0.1:8000/login/ with the password {PASSWORD} as" in lines
    assert [line.split() for line in lines[-5:]] == [
        ["admin", "Operator", "Ruth", "Abernathy"],
        ["teacher", "Teacher", "Ines", "Ferreira"],
        ["student", "Student", "Amira", "Haddad"],
        ["auditor", "Auditor", "Viktor", "Sandoval"],
        ["assistant", "Teacher", "Kwame", "Osei"],
    ]


def test_production_is_refused_in_one_sentence(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError) as caught:
        call_command("demo")
    assert str(caught.value) == "The demo has a password that everybody knows, so it is not made in production."
    assert not Organisation.objects.exists()
    assert not User.objects.exists()
