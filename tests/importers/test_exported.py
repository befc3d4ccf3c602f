"""What our own exports write is read as what it was."""

import pytest

from attendance.archives.csv_files import csv_file
from attendance.importers.sources import read
from tests.importers.files import bundle_of


@pytest.mark.parametrize("name", ["=1+1", "'=1+1", "''-x", "-x", "@home", "+x", "'quoted", "a;b", 'say "so", twice'])
def test_a_name_that_looks_like_a_formula_comes_back_as_it_was(name: str) -> None:
    bundle = bundle_of({"rooms.csv": b"".join(csv_file(["name"], [[name]]))})
    reading = read("csv", bundle)
    assert ([record.key for record in reading.records], reading.refused) == ([(name,)], ())
