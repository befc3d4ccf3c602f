"""Fills an organisation from a problem of the International Timetabling Competition 2019."""

from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from attendance import clock
from attendance.models.organisation import validate_time_zone
from attendance.queries.imports import term_named
from attendance.services.imports import ImportResult, import_timetable
from attendance.services.refusals import Refusal
from attendance.timetable.expansion import monday_of
from attendance.timetable.faculty import FacultyNames, plan_faculty
from attendance.timetable.itc2019 import MAX_BYTES, ProblemError, read_problem
from attendance.timetable.plan import PlannedTerm
from attendance.timetable.problem import Problem
from attendance.timetable.seating import Seating, SeatingError, seat_students

YEARS = range(2000, 2100)


class Command(BaseCommand):
    help = (
        "Imports a timetable from an ITC-2019 file: rooms, courses with their classes and hours, students and their "
        "enrolments. Titles and names are made up, always the same. Running it again adds only what is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the XML file")
        parser.add_argument("--organisation", metavar="SLUG", help="short name; default: the name of the problem")
        parser.add_argument("--name", help="name of a new organisation; default: the short name in capitals")
        parser.add_argument(
            "--time-zone",
            default="Europe/Prague",
            help="zone of a new organisation, as the file names none; default: %(default)s",
        )
        parser.add_argument(
            "--first-day",
            metavar="YYYY-MM-DD",
            help="first day of a new term, as the file holds no dates; default: such a Monday that this week is the "
            "middle of the term. A term that exists keeps its first day",
        )
        parser.add_argument("--term", default="Teaching term", help="name of the term; default: %(default)s")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            problem = read_problem(_content(path))
            seating = seat_students(problem)
            plan = plan_faculty(problem=problem, seating=seating, names=_names(problem, options))
            result = import_timetable(plan=plan, file_name=path.name)
        except (ProblemError, SeatingError) as error:
            raise CommandError(f"{path}: {error}") from error
        except Refusal as error:
            raise CommandError(str(error)) from error
        self._report(result, seating)

    def _report(self, result: ImportResult, seating: Seating) -> None:
        organisation, term = result.organisation, result.term
        self.stdout.write(f"{organisation.name} ({organisation.slug}), {organisation.time_zone}")
        self.stdout.write(f"{term.name}, {_written(term.first_day)} to {_written(term.last_day)}")
        for kind, count in result.counts.items():
            self.stdout.write(f"  {kind:<12}{count.made:>7,} made {count.existing:>7,} there before")
        if result.made == 0:
            self.stdout.write("Everything was there already; nothing was changed.")
        if seating.over_limit:
            self.stdout.write(f"Enrolments over the limit of a section: {seating.over_limit:,}.")
        self.stdout.write("To get in, make an account that may do everything:")
        self.stdout.write(f"  python manage.py create_operator --organisation {organisation.slug} --username NAME")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than allowed tells a file that is too large without reading the rest of it.
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _names(problem: Problem, options: dict[str, Any]) -> FacultyNames:
    slug = options["organisation"] or slugify(problem.name)
    if not slug:
        raise CommandError(f"The problem's name {problem.name!r} gives no short name; choose one with --organisation.")
    return FacultyNames(
        slug=slug,
        name=options["name"] or slug.replace("-", " ").upper(),
        time_zone=options["time_zone"],
        term=_term(slug, problem.weeks, options),
    )


def _term(slug: str, weeks: int, options: dict[str, Any]) -> PlannedTerm:
    wish = _given_day(options["first_day"])
    existing = term_named(organisation_slug=slug, name=options["term"])
    if existing is None:
        return PlannedTerm(
            name=options["term"], first_day=wish or _day_around_now(options["time_zone"], weeks), weeks=weeks
        )
    if wish not in (None, existing.first_day):
        raise CommandError(
            f"{existing.name} of {slug} starts on {existing.first_day} already; leave out --first-day, or name "
            "another term with --term."
        )
    return PlannedTerm(name=existing.name, first_day=existing.first_day, weeks=weeks)


def _given_day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--first-day is {text!r}; write a day such as 2026-09-14.") from error
    if day.year not in YEARS:
        raise CommandError(f"--first-day is {text!r}; choose a year from {YEARS[0]} to {YEARS[-1]}.")
    return day


def _day_around_now(time_zone: str, weeks: int) -> date:
    """Return the Monday that makes this week the middle one of so many."""
    try:
        validate_time_zone(time_zone)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return monday_of(clock.today(ZoneInfo(time_zone))) - timedelta(weeks=weeks // 2)


def _written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
