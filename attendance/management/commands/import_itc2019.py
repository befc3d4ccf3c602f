"""Fills an organisation from a problem of the International Timetabling Competition 2019."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from attendance import clock
from attendance.importers.bundle import Bundle, open_bundle
from attendance.importers.itc2019 import problem_in, reading_of
from attendance.importers.records import Reading, UnreadableError
from attendance.models import Import, ImportRow, Organisation, Term
from attendance.models.organisation import validate_time_zone
from attendance.queries.imports import term_named
from attendance.services.importing.applying import apply
from attendance.services.importing.institutions import abandon_institution, found_institution
from attendance.services.importing.preparing import begin, prepare
from attendance.services.refusals import Refusal
from attendance.timetable.expansion import monday_of
from attendance.timetable.faculty import FacultyNames
from attendance.timetable.plan import PlannedTerm
from attendance.timetable.problem import Problem

YEARS = range(2000, 2100)
MOST_REFUSED = 20
LONGEST_TERM = 100


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
        bundle = _bundle(path)
        try:
            problem = problem_in(bundle)
            names = _names(problem, options)
            done = self._imported(bundle, names, lambda: reading_of(problem, names=names, file=bundle.name))
        except UnreadableError as error:
            raise CommandError(f"{path}: {error}") from error
        except Refusal as error:
            raise CommandError(str(error)) from error
        self._report(done, Term.objects.get(organisation=done.organisation, name=names.term.name))

    def _imported(self, bundle: Bundle, names: FacultyNames, read: Callable[[], Reading]) -> Import:
        """Compare and apply; an institution that is made for it goes again when that comes to nothing."""
        existing = Organisation.objects.filter(slug=names.slug).first()
        organisation = existing or found_institution(slug=names.slug, name=names.name, time_zone=names.time_zone)
        try:
            started = begin(
                organisation=organisation,
                source=Import.Source.ITC2019,
                file_name=bundle.name,
                file_hash=bundle.content_hash,
                actor=None,
            )
            prepared = prepare(started=started, read=read)
            if prepared.state == Import.State.FAILED:
                raise UnreadableError(prepared.problem)
            return apply(prepared=prepared, file_hash=bundle.content_hash, actor=None)
        except (UnreadableError, Refusal):
            if existing is None:
                abandon_institution(organisation=organisation)
            raise

    def _report(self, done: Import, term: Term) -> None:
        organisation = done.organisation
        self.stdout.write(f"{organisation.name} ({organisation.slug}), {organisation.time_zone}")
        self.stdout.write(f"{term.name}, {_written(term.first_day)} to {_written(term.last_day)}")
        for kind, counts in done.counts.items():
            figures = "".join(f"{counts.get(what, 0):>8,} {what}" for what in ("new", "same", "refused"))
            self.stdout.write(f"  {kind:<12}{figures}")
        if not any(counts.get("new") for counts in done.counts.values()):
            self.stdout.write("Everything was there already; nothing was changed.")
        for row in done.rows.filter(action=ImportRow.Action.REFUSED)[:MOST_REFUSED]:
            self.stdout.write(f"  Refused: {row.kind} {' '.join(row.key)}: {row.reason}")
        for note in done.notes:
            self.stdout.write(note)
        self.stdout.write("To get in, make an account that may do everything:")
        self.stdout.write(f"  python manage.py create_operator --organisation {organisation.slug} --username NAME")


def _bundle(path: Path) -> Bundle:
    try:
        return open_bundle(path)
    except UnreadableError as error:
        raise CommandError(str(error)) from error


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
    if not options["term"].strip():
        raise CommandError("--term is empty; name the term.")
    if len(options["term"]) > LONGEST_TERM:
        raise CommandError(f"--term has {len(options['term'])} characters; {LONGEST_TERM} fit.")
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
