"""Where the files of the timetabling competition lie that tests read."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def real_problem(name: str) -> Path:
    """Return the path of a competition file, or fail the test with a sentence when it is missing."""
    folder = Path(os.environ.get("LUMINA_TEST_DATA", PROJECT.parent / "shared" / "data"))
    path = folder / "itc2019" / f"{name}.xml"
    if not path.is_file():
        pytest.fail(f"{path} is missing; set LUMINA_TEST_DATA to the folder that holds itc2019/{name}.xml.")
    return path
