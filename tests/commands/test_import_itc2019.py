import subprocess
import sys
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from attendance import clock
from attendance.models import Enrolment, Import, Lecture, Meeting, Organisation, Room, Section, Term, User
from attendance.timetable.expansion import monday_of
from tests.cast import signed_in
from tests.timetable.real_input import real_problem
from tests.timetable.small_problem import small_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.xml"
    path.write_bytes(small_problem())
    return path


def run(path: Path, *options: str) -> str:
    said = StringIO()
    call_command("import_itc2019", str(path), *options, stdout=said)
    return said.getvalue()


def refusal(path: Path, *options: str) -> str:
    organisations, terms = Organisation.objects.count(), Term.objects.count()
    with pytest.raises(CommandError) as caught:
        run(path, *options)
    assert (Organisation.objects.count(), Term.objects.count()) == (organisations, terms)
    return str(caught.value)


def test_a_faculty_is_imported_once_however_often_it_is_run() -> None:
    path = real_problem("muni-fsps-spr17")
    said = run(path)
    assert "MUNI FSPS SPR17 (muni-fsps-spr17), Europe/Prague" in said
    rows = _rows()
    assert rows == {
        "rooms": 44,
        "courses": 226,
        "students": 865,
        "teachers": 80,
        "enrolments": 6715,
        "sections": 561,
        "meetings": 561,
        "lectures": 4967,
    }
    assert Term.objects.get().last_day - Term.objects.get().first_day == timedelta(weeks=19, days=-1)
    assert "nothing was changed" in run(path)
    assert _rows() == rows


def _rows() -> dict[str, int]:
    organisation = Organisation.objects.get(slug="muni-fsps-spr17")
    people = User.objects.filter(organisation=organisation)
    return {
        "rooms": Room.objects.filter(organisation=organisation).count(),
        "courses": organisation.course_set.count(),
        "students": people.filter(role=User.Role.STUDENT).count(),
        "teachers": people.filter(role=User.Role.TEACHER).count(),
        "enrolments": Enrolment.objects.filter(offering__organisation=organisation).count(),
        "sections": Section.objects.filter(offering__organisation=organisation).count(),
        "meetings": Meeting.objects.filter(offering__organisation=organisation).count(),
        "lectures": Lecture.objects.filter(organisation=organisation).count(),
    }


def test_without_options_this_week_is_the_middle_of_the_term(small_file: Path) -> None:
    said = run(small_file)
    this_monday = monday_of(clock.today(ZoneInfo("Europe/Prague")))
    assert Term.objects.get().first_day == this_monday - timedelta(weeks=2)
    assert "python manage.py create_operator --organisation tiny-school --username NAME" in said
    assert "Enrolments over the limit of a section: 1." in said


def test_options_name_the_organisation_and_its_term(small_file: Path) -> None:
    options = ["--organisation", "tiny", "--name", "Tiny", "--time-zone", "Asia/Tokyo", "--term", "Autumn"]
    run(small_file, *options, "--first-day", "2026-09-14")
    term = Term.objects.select_related("organisation").get()
    assert (term.name, term.first_day, term.last_day) == ("Autumn", date(2026, 9, 14), date(2026, 10, 11))
    organisation = term.organisation
    assert (organisation.slug, organisation.name, organisation.time_zone) == ("tiny", "Tiny", "Asia/Tokyo")
    run(small_file, *options)
    assert Term.objects.get() == term


def test_another_first_day_for_a_term_that_exists_is_refused(small_file: Path) -> None:
    run(small_file, "--first-day", "2026-09-14")
    run(small_file, "--first-day", "2026-09-14")
    assert refusal(small_file, "--first-day", "2026-09-21") == (
        "Teaching term of tiny-school starts on 2026-09-14 already; leave out --first-day, or name another term with "
        "--term."
    )


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xml") == "none.xml cannot be read: No such file or directory."
    assert "There has to be one XML file in it" in refusal(_folder_with_two(tmp_path))


def _folder_with_two(folder: Path) -> Path:
    for name in ("one.xml", "two.xml"):
        (folder / name).write_bytes(small_problem())
    return folder


def test_a_malformed_file_is_refused_with_its_name(small_file: Path) -> None:
    small_file.write_bytes(small_problem(('nrWeeks="4"', 'nrWeeks="5"')))
    assert refusal(small_file).startswith(f'{small_file}: A <time> of <class id="1"> has weeks="1101"; 5 digits')


def test_what_became_of_the_rows_is_kept_for_the_administrators(small_file: Path) -> None:
    run(small_file)
    run(small_file)
    second, first = Import.objects.all()
    assert (first.file_name, first.organisation.slug, first.state) == ("small.xml", "tiny-school", "applied")
    assert first.counts["lecture"]["new"] == second.counts["lecture"]["same"] == Lecture.objects.count() > 0
    assert "new" not in second.counts["lecture"]
    admin = User.objects.create_user("ada", organisation=first.organisation, role="admin", family_name="Ada")
    browser = signed_in(admin)
    assert browser.get(reverse("import_list")).content.decode().count("small.xml") == 2
    assert browser.get(reverse("import_show", args=[first.pk])).status_code == 200


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--first-day", "soon", "--first-day is 'soon'; write a day such as 2026-09-14."),
        ("--first-day", "9999-12-31", "--first-day is '9999-12-31'; choose a year from 2000 to 2099."),
        ("--time-zone", "Mars/Base", "Mars/Base is not a time zone. Choose one such as Europe/Prague."),
        ("--organisation", "no spaces", "slug: "),
        ("--term", " ", "--term is empty; name the term."),
        ("--term", "x" * 101, "--term has 101 characters; 100 fit."),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(small_file: Path, option: str, value: str, sentence: str) -> None:
    assert refusal(small_file, option, value).startswith(sentence)


def test_a_problem_whose_name_gives_no_short_name_needs_an_option(small_file: Path) -> None:
    small_file.write_bytes(small_problem(("Tiny School", "学校")))
    assert refusal(small_file) == "The problem's name '学校' gives no short name; choose one with --organisation."


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_one_line_and_ends_the_process_with_1(process_environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "import_itc2019", "/no/such/file.xml", "--skip-checks"]
    done = subprocess.run(command, env=process_environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "CommandError: file.xml cannot be read: No such file or directory.\n"
