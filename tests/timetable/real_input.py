"""Where the real files lie that tests read and that are not part of the project."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def real_problem(name: str) -> Path:
    """Return the path of a file of the timetabling competition, or fail the test with a sentence when it is missing."""
    return _real_file(f"itc2019/{name}.xml")


def real_roster(name: str) -> Path:
    """Return the path of a OneRoster bundle, or fail the test with a sentence when it is missing."""
    return _real_file(f"oneroster/{name}.zip")


def _real_file(name: str) -> Path:
    path = Path(os.environ.get("LUMINA_TEST_DATA", PROJECT.parent / "shared" / "data")) / name
    if not path.is_file():
        pytest.fail(f"{path} is missing; set LUMINA_TEST_DATA to the folder that holds {name}.")
    return path
