"""The one door: which source a bundle is from, and that nothing but a reading or a sentence comes out of it."""

import csv
import io
import random
import subprocess
import sys
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.importers import tables
from attendance.importers.bundle import open_bundle
from attendance.importers.records import Reading, UnreadableError
from attendance.importers.sheets import SHEETS
from attendance.importers.sources import CSV, ITC2019, ONEROSTER, guess_source, read, read_itc2019
from attendance.models import Import
from tests.importers.files import bundle_of, zip_of
from tests.importers.rosters import ROSTER
from tests.importers.test_itc2019 import NAMES
from tests.servers.environment import PROJECT
from tests.timetable.small_problem import SMALL

SOURCES = (CSV, ONEROSTER, ITC2019)


def test_sources_are_those_that_an_import_knows() -> None:
    assert set(SOURCES) == set(Import.Source.values)


@pytest.mark.parametrize(
    ("members", "source"),
    [
        ({"rooms.csv": "name\n"}, CSV),
        ({"rooms.csv": "name\n", "terms.csv": "name\n"}, CSV),
        ({"Manifest.csv": "propertyName,value\n", "users.csv": "sourcedId\n"}, ONEROSTER),
        ({"problem.XML": "<problem/>"}, ITC2019),
        ({"notes.txt": "x", "problem.xml": "<problem/>"}, ITC2019),
    ],
)
def test_the_source_follows_from_the_names_inside(members: Mapping[str, str], source: str) -> None:
    assert guess_source(bundle_of(dict(members))) == source


def test_each_source_has_its_reader() -> None:
    rooms, roster = bundle_of({"rooms.csv": "name\nA1\n"}), bundle_of(dict(ROSTER))
    enrolments = bundle_of({"enrolments.csv": "course,number\nIN101,S1\n"})
    assert len(read(CSV, rooms).records) == 1
    assert read(CSV, enrolments, default_term="Autumn").records[0].key == ("IN101", "Autumn", "S1")
    assert len(read(ONEROSTER, roster).records) == 18
    assert read_itc2019(bundle_of({"tiny.xml": SMALL}), names=NAMES).records


def test_another_source_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="itc2019"):
        read(ITC2019, bundle_of({"tiny.xml": SMALL}))


# --- Size -------------------------------------------------------------------------------------------------------


def test_100_000_people_are_read_in_seconds() -> None:
    rows = (f"S{n:06},student,Family{n},Given{n},s{n},s{n}@u.example,Informatics,yes\n" for n in range(100_000))
    bundle = bundle_of(
        {"people.csv": "number,role,family_name,given_name,username,email,department,active\n" + "".join(rows)}
    )
    began = time.process_time()
    found = read(CSV, bundle)
    assert time.process_time() - began < 20
    assert (len(found.records), found.refused) == (100_000, ())


@pytest.mark.parametrize("source", [CSV, ONEROSTER])
def test_rows_of_several_files_are_counted_together(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS_TOGETHER", 3)
    members = {"rooms.csv": "name\n1\n2\n", "departments.csv": "name\n1\n2\n"} if source == CSV else ROSTER
    with pytest.raises(UnreadableError, match="together have more than 3 rows"):
        read(source, bundle_of(dict(members)))


BOUNDED = """
import io, resource, sys
import django
django.setup()
from attendance.importers.bundle import open_bundle
from attendance.importers.records import UnreadableError
from attendance.importers.sources import guess_source, read
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    bundle = open_bundle(io.BytesIO(sys.stdin.buffer.read()), "files.zip")
    read(guess_source(bundle), bundle)
except UnreadableError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_cell_of_100_megabytes_in_a_zip_costs_a_process_no_more_than_unpacking_it() -> None:
    noise = random.Random(3).randbytes(2 * 1024 * 1024)
    content = zip_of({"people.csv": b'number,role,family_name\nS1,student,"' + b"x" * (100 << 20), "noise.bin": noise})
    answer = subprocess.run(
        [sys.executable, "-c", BOUNDED], input=content, capture_output=True, check=True, cwd=PROJECT
    )
    sentence, grown = answer.stdout.decode().splitlines()
    assert sentence == "The row in line 2 of people.csv is longer than 128 kB. Is a quotation mark missing?"
    assert int(grown) < 300


# --- Anything ---------------------------------------------------------------------------------------------------


def reads_or_refuses(source: str, content: bytes, name: str) -> Reading | None:
    """Return what is read, or nothing after a sentence; whatever else is raised fails the test."""
    try:
        bundle = open_bundle(io.BytesIO(content), name)
        found = read_itc2019(bundle, names=NAMES) if source == ITC2019 else read(source, bundle)
    except UnreadableError as error:
        assert str(error).endswith((".", "?"))
        return None
    assert all(each.reason and each.place.file in bundle for each in found.refused)
    assert len({(record.kind, record.key) for record in found.records}) == len(found.records)
    return found


@given(st.sampled_from(SOURCES), st.binary(max_size=200), st.sampled_from(["rooms.csv", "files.zip", "a.xml"]))
def test_any_bytes_are_a_reading_or_refused(source: str, content: bytes, name: str) -> None:
    reads_or_refuses(source, content, name)


CELLS = st.sampled_from(
    ["", "A", "B", "-1", "7", "yes", "=1", "'=1", "2026-09-14", "2026-09-14T09:00", "09:00", "owner", "substitute"]
) | st.text(max_size=5)


@given(st.data(), st.sampled_from(sorted(SHEETS)))
def test_any_table_under_our_own_header_is_read_row_by_row(data: st.DataObject, name: str) -> None:
    header = [column.name for column in SHEETS[name].columns]
    rows = data.draw(st.lists(st.lists(CELLS, min_size=1, max_size=len(header) + 1), max_size=5))
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    found = reads_or_refuses(CSV, file.getvalue().encode(), f"{name}.csv")
    if found is not None:
        counted = [row for row in rows if any(cell.strip() for cell in row)]
        assert len(found.records) + len(found.refused) == len(counted)


IDS = st.sampled_from(
    ["", "a", "b", "a (a)", "a,b", "x", "active", "tobedeleted", "term", "student", "teacher", "true"]
)
NAMES_OF_FILES = sorted(set(ROSTER) - {"manifest.csv"})


@given(st.data(), st.sampled_from(["1.1", "1.2"]), st.sets(st.sampled_from(NAMES_OF_FILES)))
def test_any_tables_under_the_headers_of_oneroster_are_a_reading_or_refused(
    data: st.DataObject, version: str, files: set[str]
) -> None:
    members: dict[str, str | bytes] = {"manifest.csv": f"propertyName,value\noneroster.version,{version}\n"}
    for name in sorted(files):
        header = ROSTER[name].splitlines()[0].split(",")
        if name == "users.csv" and version == "1.1":
            header.append("role")
        cells = IDS | st.sampled_from(["2026-09-14", "2026-12-18"])
        rows = data.draw(st.lists(st.lists(cells, min_size=len(header), max_size=len(header)), max_size=4))
        file = io.StringIO()
        csv.writer(file).writerows([header, *rows])
        members[name] = file.getvalue()
    reads_or_refuses(ONEROSTER, zip_of(members), "files.zip")


@given(st.data())
def test_the_small_roster_with_any_text_changed_is_a_reading_or_refused(data: st.DataObject) -> None:
    members: dict[str, str | bytes] = dict(ROSTER)
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(NAMES_OF_FILES))
        text = str(members[name])
        at = data.draw(st.integers(0, len(text)))
        members[name] = (
            text[:at] + data.draw(st.text(',\n"o1ku=', max_size=3)) + text[at + data.draw(st.integers(0, 6)) :]
        )
    reads_or_refuses(ONEROSTER, zip_of(members), "files.zip")
