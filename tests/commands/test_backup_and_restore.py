"""`manage.py backup` and `manage.py restore`: what they say, and in which sentence they refuse."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from attendance.caching import bypass
from attendance.models import Organisation, Room
from tests.caching.conftest import calm
from tests.cast import Campus
from tests.servers.processes import free_port

__all__ = ["calm"]

pytestmark = pytest.mark.django_db(transaction=True)


def said_by(*command: object) -> list[str]:
    said = StringIO()
    call_command(*map(str, command), stdout=said)
    return said.getvalue().splitlines()


@pytest.fixture
def path(campus: Campus, tmp_path: Path) -> Path:
    """A backup of the campus."""
    path = tmp_path / "backup.zip"
    said_by("backup", path)
    return path


def test_a_backup_says_how_much_is_in_it(campus: Campus, tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    lines = said_by("backup", path)

    assert ["attendance_user", "9"] in [line.split() for line in lines]
    assert lines[-1].startswith(f"{path}: ")
    assert lines[-1].endswith(" MB")


def test_a_restore_says_what_came_back(campus: Campus, path: Path) -> None:
    Room.objects.update(name="Renamed")
    lines = said_by("restore", "--replace", path)

    assert lines[0].startswith("backup.zip of 20")
    assert ["attendance_room", "1"] in [line.split() for line in lines]
    assert lines[-2].endswith(" rows are back. Nobody is signed in.")
    assert lines[-1] == "The cache begins anew: nothing from before is served any more."
    assert Room.objects.get().name == "Hall B-12"


def test_a_restore_without_redis_says_when_others_will_know(
    campus: Campus, path: Path, calm: None, settings: Settings
) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    settings.REDIS_URL = nowhere
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": nowhere}}

    lines = said_by("restore", "--replace", path)

    assert lines[-1] == "Redis does not answer: whoever is served by it sees the restored rows within 2 seconds."
    bypass.end()


def test_a_file_that_is_there_is_overwritten_when_told_so(campus: Campus, path: Path) -> None:
    with pytest.raises(CommandError, match=r"is there already\. Add --force to overwrite it\.$"):
        said_by("backup", path)
    said_by("backup", "--force", path)


def test_rows_that_are_there_are_replaced_when_told_so(campus: Campus, path: Path) -> None:
    with pytest.raises(CommandError, match="Add --replace"):
        said_by("restore", path)
    assert Organisation.objects.count() == 2


def test_what_cannot_be_read_is_told_in_a_sentence(campus: Campus, path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.zip cannot be read: No such file or directory\.$"):
        said_by("restore", path.with_name("nothing.zip"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CommandError, match=r"^backup\.zip is no backup, or its end is missing\.$"):
        said_by("restore", "--replace", path)
