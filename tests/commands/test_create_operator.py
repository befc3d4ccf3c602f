"""The first account of an installation."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from io import StringIO

import pytest
from django.test import Client

from attendance.management.commands.create_operator import Command
from attendance.models import Organisation, User
from tests.cast import PASSWORD, Campus
from tests.servers.environment import PROJECT
from tests.sign_in.acts import log_in

pytestmark = pytest.mark.django_db(transaction=True)


def run(
    environment: Mapping[str, str], *arguments: str, typed: str | None = PASSWORD
) -> "subprocess.CompletedProcess[str]":
    """Run the command in a process of its own, with a password on standard input."""
    return subprocess.run(
        [sys.executable, "manage.py", "create_operator", *arguments],
        cwd=PROJECT,
        env=dict(environment),
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_operator_of_a_new_institution_can_log_in(process_environment: dict[str, str]) -> None:
    done = run(
        process_environment,
        *("--organisation", "aldermoor", "--organisation-name", "University of Aldermoor"),
        *(
            "--time-zone",
            "Europe/London",
            "--username",
            "Root",
            "--email",
            "root@aldermoor.example",
            "--password-stdin",
        ),
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "root is an operator at University of Aldermoor.\n",
        "",
    )
    root = User.objects.get(username="root")
    assert (root.role, root.is_superuser, root.email) == ("admin", True, "root@aldermoor.example")
    assert root.organisation.time_zone == "Europe/London"
    browser = Client()
    assert log_in(browser, "root").status_code == 302
    assert browser.get("/admin/").status_code == 200


def test_an_operator_joins_an_institution_that_is_there(process_environment: dict[str, str], campus: Campus) -> None:
    done = run(process_environment, "--organisation", "aldermoor", "--username", "root", "--password-stdin")
    assert done.returncode == 0
    assert User.objects.get(username="root").organisation == campus.organisation


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (
            ["--organisation", "nowhere"],
            PASSWORD,
            "There is no organisation nowhere. Add --organisation-name to make it.",
        ),
        (
            ["--organisation", "aldermoor"],
            "short",
            "This password is too short. It must contain at least 10 characters.",
        ),
        (["--organisation", "aldermoor", "--username", "ines"], PASSWORD, "belongs to another account."),
        (["--organisation", "aldermoor", "--email", "ines@aldermoor.example"], PASSWORD, "belongs to another account."),
        (["--organisation", "aldermoor", "--email", "no-address"], PASSWORD, "Enter a valid email address."),
        (["--organisation", "aldermoor", "--username", "no spaces"], PASSWORD, "Enter a valid username."),
        (
            ["--organisation", "new", "--organisation-name", "New", "--time-zone", "Mars/Base"],
            PASSWORD,
            "Mars/Base is not a time zone. Choose one such as Europe/Prague.",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_stores_nothing(
    campus: Campus,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    typed: str,
    sentence: str,
) -> None:
    before = (User.objects.count(), Organisation.objects.count())
    monkeypatch.setattr(sys, "stdin", StringIO(typed))
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "create_operator", "--username", "root", *arguments, "--password-stdin"])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (1, "")
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1
    assert (User.objects.count(), Organisation.objects.count()) == before


def test_a_taken_user_name_leaves_no_new_institution_behind(
    process_environment: dict[str, str], campus: Campus
) -> None:
    arguments = ("--organisation", "new", "--organisation-name", "New", "--username", "ines", "--password-stdin")
    done = run(process_environment, *arguments)
    assert done.returncode == 1
    assert "belongs to another account." in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not Organisation.objects.filter(slug="new").exists()


def test_without_a_terminal_it_says_how_to_hand_over_the_password(
    process_environment: dict[str, str], campus: Campus
) -> None:
    done = run(process_environment, "--organisation", "aldermoor", "--username", "root")
    assert done.returncode == 1
    assert "add --password-stdin" in done.stderr


def at_a_terminal(environment: Mapping[str, str], *answers: str) -> int:
    """Run the command at a terminal, answer what it asks, and return its exit code."""
    arguments = [sys.executable, "manage.py", "create_operator", "--organisation", "aldermoor", "--username", "root"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(PROJECT)
        os.execve(sys.executable, arguments, dict(environment))
    for prompt, answer in zip((b"Password: ", b"Again: "), answers, strict=True):
        shown = b""
        while not shown.endswith(prompt):
            shown += os.read(terminal, 1)
        os.write(terminal, f"{answer}\n".encode())
    _child, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status)


def test_at_a_terminal_the_password_is_asked_for_twice(process_environment: dict[str, str], campus: Campus) -> None:
    assert at_a_terminal(process_environment, PASSWORD, "something else") == 1
    assert not User.objects.filter(username="root").exists()
    assert at_a_terminal(process_environment, PASSWORD, PASSWORD) == 0
    assert User.objects.get(username="root").check_password(PASSWORD)
