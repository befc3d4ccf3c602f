"""Importing on the command line: a dry run unless told otherwise, and undoing by number."""

import csv
import os
import pty
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from attendance.models import Course, Enrolment, Import, Room, Section, Term
from tests.cast import Campus
from tests.servers.environment import PROJECT
from tests.timetable.small_problem import small_problem

ROOMS = "name,capacity\nHall C-1,80\nHall B-12,240\n"


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    """A file in which one room is new and one is there already."""
    path = tmp_path / "rooms.csv"
    path.write_text(ROOMS, "utf-8")
    return path


def run(campus: Campus, *arguments: object) -> str:
    said = StringIO()
    call_command("import_file", *map(str, arguments), "--organisation", campus.organisation.slug, stdout=said)
    return said.getvalue()


def refusal(campus: Campus, *arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        run(campus, *arguments)
    return str(caught.value)


def test_a_dry_run_says_what_would_change_and_how_to_go_on(campus: Campus, rooms: Path) -> None:
    said = run(campus, rooms)
    held = Import.objects.get()
    assert (held.state, held.source, held.prepared_by) == ("prepared", "csv", None)
    assert "CSV files: rooms.csv" in said
    lines = [line.split() for line in said.splitlines()]
    assert ["new", "changed", "gone", "same", "refused"] in lines
    assert ["room", "1", "0", "0", "1", "0"] in lines
    assert ["in", "all", "1", "0", "0", "1", "0"] in lines
    assert "Nothing was changed. To change it, run this again with --apply" in said
    assert f"/imports/{held.pk}/" in said
    assert not Room.objects.filter(name="Hall C-1").exists()


def test_it_is_applied_and_undone_as_it_says(campus: Campus, rooms: Path) -> None:
    said = run(campus, rooms, "--apply")
    held = Import.objects.get()
    assert Room.objects.get(name="Hall C-1").capacity == 80
    assert f"Applied as import {held.pk}." in said
    assert f"python manage.py import_file --organisation aldermoor --undo {held.pk}" in said
    undone = f"Import {held.pk} (rooms.csv) is undone; everything is as it was before.\n"
    assert run(campus, "--undo", held.pk) == undone
    assert not Room.objects.filter(name="Hall C-1").exists()
    assert refusal(campus, "--undo", held.pk) == "This import cannot be undone: it is “Undone”."


def test_a_second_time_there_is_nothing_to_apply(campus: Campus, rooms: Path) -> None:
    run(campus, rooms, "--apply")
    assert "There is nothing to apply; nothing was changed." in run(campus, rooms, "--apply")
    assert Room.objects.filter(name="Hall C-1").count() == 1


def test_twenty_refused_rows_are_shown_and_all_are_written(campus: Campus, rooms: Path, tmp_path: Path) -> None:
    rooms.write_text(ROOMS + "".join(f"R{number},many\n" for number in range(25)), "utf-8")
    target = tmp_path / "refused.csv"
    said = run(campus, rooms, "--refused", target)
    assert "Refused: rooms.csv, line 4, capacity: “many” does not fit." in said
    assert said.count("Refused: ") == 20
    assert "5 more were refused; --refused FILE.csv writes all of them." in said
    written = list(csv.reader(StringIO(target.read_text("utf-8-sig"))))
    assert len(written) == 26
    assert written[1][:3] == ["rooms.csv", "4", "capacity"]
    assert refusal(campus, rooms, "--refused", tmp_path) == f"{tmp_path} cannot be written: Is a directory."


def test_a_folder_and_the_term_of_its_rows(campus: Campus, tmp_path: Path) -> None:
    folder = tmp_path / "autumn"
    folder.mkdir()
    (folder / "sections.csv").write_text("course,name\nCS 204,Seminar 1\n", "utf-8")
    (folder / "courses.csv").write_text("code,title,department\nCS 101,Logic,Computer Science\n", "utf-8")
    run(campus, folder, "--term", "Autumn", "--apply")
    assert Section.objects.get().name == "Seminar 1"
    assert Course.objects.filter(code="CS 101").exists()


def test_a_complete_file_ends_what_it_lacks(campus: Campus, tmp_path: Path) -> None:
    path = tmp_path / "enrolments.csv"
    path.write_text("course,term,number\nCS 204,Autumn,AMIRA\n", "utf-8")
    assert ["enrolment", "0", "0", "1", "1", "0"] in [
        line.split() for line in run(campus, path, "--complete").splitlines()
    ]
    assert Enrolment.objects.count() == 2, "a dry run ends nobody"


def test_a_timetable_of_itc2019_needs_a_term(campus: Campus, tmp_path: Path) -> None:
    path = tmp_path / "small.xml"
    path.write_bytes(small_problem())
    assert refusal(campus, path) == "A timetable of ITC-2019 names no term; name it with --term."
    wanted = "A timetable of ITC-2019 holds no dates; say with --first-day when its term starts."
    assert refusal(campus, path, "--term", "Spring") == wanted
    assert not Import.objects.exists()
    run(campus, path, "--term", "Spring", "--first-day", "2027-02-15", "--apply")
    assert f"{Term.objects.get(name='Spring').first_day}" == "2027-02-15"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name a file, or with --undo an import."),
        (["--undo", "99999"], "aldermoor has no import 99999."),
        (["none.csv"], "none.csv cannot be read: No such file or directory."),
        (["rooms.csv", "--first-day", "soon"], "--first-day is 'soon'; write a day such as 2026-09-14."),
        (["rooms.csv", "--first-day", "1999-12-31"], "--first-day is '1999-12-31'; choose a year from 2000 to 2099."),
        (["rooms.csv", "--term", "x" * 101], "--term has 101 characters; 100 fit."),
    ],
)
def test_what_makes_no_sense_is_refused(
    campus: Campus, rooms: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(rooms.parent)
    assert refusal(campus, *arguments) == sentence
    assert not Import.objects.exists()


def test_an_import_of_another_institution_is_out_of_reach(campus: Campus, rooms: Path) -> None:
    run(campus, rooms, "--apply")
    number = Import.objects.get().pk
    with pytest.raises(CommandError, match=f"brackley has no import {number}"):
        call_command("import_file", "--organisation", "brackley", "--undo", str(number))
    with pytest.raises(CommandError, match="There is no institution 'nowhere'"):
        call_command("import_file", str(rooms), "--organisation", "nowhere")


def test_what_cannot_be_read_is_kept_with_its_reason(campus: Campus, rooms: Path) -> None:
    rooms.write_bytes(b"name\n\xff\n")
    sentence = refusal(campus, rooms, "--apply")
    assert (Import.objects.get().state, Import.objects.get().problem) == ("failed", sentence)


# --- As a process -----------------------------------------------------------------------------------------------------


def command(*arguments: object) -> list[str]:
    return [sys.executable, "manage.py", "import_file", *map(str, arguments), "--skip-checks"]


@pytest.mark.django_db(transaction=True)
def test_it_ends_with_0_or_1(campus: Campus, rooms: Path, process_environment: dict[str, str]) -> None:
    def code(*arguments: object) -> int:
        done = subprocess.run(
            command(*arguments, "--organisation", "aldermoor"),
            cwd=PROJECT,
            env=process_environment,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode

    assert code(rooms, "--apply") == 0
    assert code(rooms.parent / "none.csv") == 1
    assert Room.objects.filter(name="Hall C-1").exists()


@pytest.mark.django_db(transaction=True)
def test_a_terminal_sees_how_far_it_is(campus: Campus, tmp_path: Path, process_environment: dict[str, str]) -> None:
    path = tmp_path / "rooms.csv"
    path.write_text("name\n" + "".join(f"Room {number}\n" for number in range(20_000)), "utf-8")
    reader, terminal = pty.openpty()
    process = subprocess.Popen(
        command(path, "--organisation", "aldermoor"), cwd=PROJECT, env=process_environment, stdout=terminal
    )
    os.close(terminal)
    said = b""
    while piece := _piece(reader):
        said += piece
    os.close(reader)
    assert process.wait(60) == 0
    assert b"\rReading the file." in said or b"\rCompared " in said
    assert b"20,000" in said


def _piece(reader: int) -> bytes:
    try:
        return os.read(reader, 65536)
    except OSError:  # Linux says so when the other end is closed.
        return b""
