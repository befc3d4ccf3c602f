"""`manage.py erased_people`: the numbers of erased accounts, and erasing them again after a restore."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from attendance.models import User
from attendance.services.erased_texts import ErasureReason
from attendance.services.erasure import erase_person
from tests.cast import Campus


def said(**options: Any) -> str:
    out = StringIO()
    call_command("erased_people", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "erased.txt"


def test_a_line_names_nobody(campus: Campus) -> None:
    assert said() == ""
    erase_person(person=campus.bilal, actor=campus.admin, why=ErasureReason.ASKED)
    number, moment = said().split()
    assert number == str(campus.bilal.pk)
    assert moment.endswith("+00:00")


@pytest.mark.django_db(transaction=True)
def test_who_came_back_with_a_backup_is_erased_again(campus: Campus, tmp_path: Path, written: Path) -> None:
    backup = tmp_path / "backup.zip"
    call_command("backup", str(backup), stdout=StringIO())
    erase_person(person=campus.bilal, actor=campus.admin, why=ErasureReason.ASKED)
    written.write_text(said() + "\n")
    call_command("restore", str(backup), replace=True, stdout=StringIO())
    assert User.objects.get(pk=campus.bilal.pk).full_name == "Bilal Adeyemi"

    assert said(again=written.open()).splitlines() == ["Making erasures", "Erased 1 of 1; the others are not back."]
    assert User.objects.get(pk=campus.bilal.pk).full_name == "Erased person"
    assert said(again=written.open()) == "Erased 0 of 1; the others are not back.\n"


def test_a_line_that_is_none_is_named(campus: Campus, written: Path) -> None:
    written.write_text(f"{campus.bilal.pk} 2026-11-26T10:00:00+00:00\nAdeyemi, Bilal\n")
    with pytest.raises(CommandError, match="Line 2 is not an account's number and a moment"):
        said(again=written.open())
    assert not User.objects.exclude(erased_at=None).exists()
