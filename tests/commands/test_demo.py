from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from pytest_django import Settings

from attendance.management.commands import demo
from attendance.management.progress import ProgressLine
from attendance.models import Organisation, User
from attendance.services.demo import PASSWORD
from attendance.services.demo_university import make_university
from tests.faults.killed_university import SMALL

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


def test_the_university_is_counted_and_says_how_to_get_in(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "make_university", partial(make_university, size=SMALL))
    said = StringIO()
    call_command("demo", "--scale", "university", stdout=said)
    lines = said.getvalue().splitlines()
    assert lines[:6] == [
        "Making people and timetable",
        "Making check-ins",
        "Making events",
        "Making marks",
        "Making requests",
        "Making checks of every reference",
    ]
    assert lines[6].startswith("Severnside University, ")
    counted = {line[12:]: int(line[:11].replace(",", "")) for line in lines[7:18]}
    assert (counted["departments"], counted["students"], counted["time slots"]) == (3, 40, 3 * 6 * 8)
    assert [line.split()[:2] for line in lines[-4:]] == [
        ["u-admin", "Administrator"],
        ["u-teacher", "Teacher"],
        ["u-student", "Student"],
        ["u-auditor", "Auditor"],
    ]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_in_a_terminal_one_line_says_how_far_it_is_and_goes_away() -> None:
    terminal = Terminal()
    with ProgressLine(OutputWrapper(terminal)) as progress:
        progress.show("events", 0, 3)
        progress.show("events", 2, 3)
    clear = "\r\x1b[K"
    assert terminal.getvalue() == f"{clear}  0 %  events{clear} 66 %  events{clear}"


@pytest.mark.parametrize("scale", ["small", "university"])
def test_production_is_refused_in_one_sentence(settings: Settings, scale: str) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError) as caught:
        call_command("demo", "--scale", scale)
    assert str(caught.value) == "The demo has a password that everybody knows, so it is not made in production."
    assert not Organisation.objects.exists()
    assert not User.objects.exists()
