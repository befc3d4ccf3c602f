"""Compares a file with what an institution has stored, applies it when asked to, or takes an import back."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from attendance.importers.bundle import Bundle, open_bundle
from attendance.importers.records import UnreadableError
from attendance.importers.shapes import FIRST_YEAR, LAST_YEAR
from attendance.models import Import, ImportRow, Organisation
from attendance.queries.import_files import HandedIn, reader_of, source_of
from attendance.queries.imports import compared_so_far, refused_lines, rows_of, tallies_of, tally_of
from attendance.services.importing import applying, preparing, undoing
from attendance.services.refusals import Refusal

MOST_REFUSED = 20
LOOK_SECONDS = 0.5
LONGEST_TERM = 100
COLUMNS = ("new", "changed", "gone", "same", "refused")


class Command(BaseCommand):
    help = (
        "Compares a file (a zip, a CSV file, a folder of them, or a timetable of ITC-2019) with what is stored, and "
        "says what it would change. With --apply it is changed, with --undo changed back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, nargs="?", help="the file or folder")
        parser.add_argument("--organisation", metavar="SLUG", required=True, help="short name of the institution")
        parser.add_argument("--source", choices=Import.Source.values, default="", help="default: what it looks like")
        parser.add_argument("--term", default="", help="of rows that name none, or the one of a timetable")
        parser.add_argument("--first-day", metavar="YYYY-MM-DD", help="of a timetable's term that is not there yet")
        parser.add_argument(
            "--complete",
            action="store_true",
            help="end enrolments and staff that the file lacks in the courses that it names",
        )
        parser.add_argument("--refused", type=Path, metavar="FILE.csv", help="write the refused rows there")
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--apply", action="store_true", help="change what is stored; otherwise nothing is")
        act.add_argument("--undo", type=int, metavar="ID", help="take an import back; needs no file")

    def handle(self, *_args: Any, **options: Any) -> None:
        organisation = _organisation(options["organisation"])
        try:
            if options["undo"] is not None:
                self._undo(organisation, options["undo"])
            else:
                self._compare(organisation, options)
        except (UnreadableError, Refusal) as error:
            raise CommandError(str(error)) from error

    def _undo(self, organisation: Organisation, number: int) -> None:
        applied = Import.objects.filter(organisation=organisation, pk=number).first()
        if applied is None:
            raise CommandError(f"{organisation.slug} has no import {number}.")
        undoing.undo(applied=applied, actor=None)
        self.stdout.write(f"Import {number} ({applied}) is undone; everything is as it was before.")

    def _compare(self, organisation: Organisation, options: dict[str, Any]) -> None:
        if options["path"] is None:
            raise CommandError("Name a file, or with --undo an import.")
        handed_in = _handed_in(organisation, open_bundle(options["path"]), options)
        prepared = self._prepared(handed_in, complete=options["complete"])
        self._report(prepared)
        if options["refused"]:
            self._write_refused(prepared, options["refused"])
        if tally_of(prepared).changes == 0:
            self.stdout.write("There is nothing to apply; nothing was changed.")
        elif options["apply"]:
            self._apply(prepared)
        else:
            self.stdout.write("Nothing was changed. To change it, run this again with --apply,")
            self.stdout.write(f"or look at import {prepared.pk} in the browser: /imports/{prepared.pk}/")

    def _prepared(self, handed_in: HandedIn, *, complete: bool) -> Import:
        """Compare the file and return the import.

        Raises:
            UnreadableError: it cannot be read.
        """
        read = reader_of(handed_in)
        started = preparing.begin(
            organisation=handed_in.organisation,
            source=handed_in.source,
            file_name=handed_in.bundle.name,
            file_hash=handed_in.bundle.content_hash,
            actor=None,
        )
        with self._progress(started):
            prepared = preparing.prepare(started=started, read=read, complete=complete)
        if prepared.state == Import.State.FAILED:
            raise UnreadableError(prepared.problem)
        return prepared

    @contextmanager
    def _progress(self, started: Import) -> Iterator[None]:
        """Write to a terminal how far the comparison is; nothing into a file or a pipe."""
        if not self.stdout.isatty():
            yield
            return
        ended = Event()
        watch = Thread(target=self._watch, args=(started.pk, ended))
        watch.start()
        try:
            yield
        finally:
            ended.set()
            watch.join()

    def _watch(self, number: int, ended: Event) -> None:
        try:
            while not ended.wait(LOOK_SECONDS):
                compared, records = compared_so_far(number)
                words = f"Compared {compared:,} of {records:,}." if records else "Reading the file."
                self.stdout.write(f"\r{words}", ending="")
                self.stdout.flush()
        finally:
            self.stdout.write("\r\x1b[K", ending="")  # Clears the line.
            connection.close()

    def _report(self, prepared: Import) -> None:
        tallies = {**tallies_of(prepared), "in all": tally_of(prepared)}
        self.stdout.write(f"{prepared.get_source_display()}: {prepared}")
        self.stdout.write(f"  {'':<14}" + "".join(f"{name:>10}" for name in COLUMNS))
        for kind, tally in tallies.items():
            figures = "".join(f"{getattr(tally, name):>10,}" for name in COLUMNS)
            self.stdout.write(f"  {kind or 'not known':<14}{figures}")
        for note in prepared.notes:
            self.stdout.write(note)
        refused = rows_of(prepared, action=ImportRow.Action.REFUSED)
        for row in refused[:MOST_REFUSED]:
            place = f"{row.file}, line {row.line}" if row.line else row.file
            self.stdout.write(f"Refused: {', '.join(filter(None, [place, row.field]))}: {row.reason}")
        if (more := tally_of(prepared).refused - MOST_REFUSED) > 0:
            self.stdout.write(f"{more:,} more were refused; --refused FILE.csv writes all of them.")

    def _write_refused(self, prepared: Import, path: Path) -> None:
        try:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(refused_lines(prepared))
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"The refused rows stand in {path}.")

    def _apply(self, prepared: Import) -> None:
        applied = applying.apply(prepared=prepared, file_hash=prepared.file_hash, actor=None)
        self.stdout.write(f"Applied as import {applied.pk}. To take it back:")
        slug = applied.organisation.slug
        self.stdout.write(f"  python manage.py import_file --organisation {slug} --undo {applied.pk}")


def _organisation(slug: str) -> Organisation:
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no institution {slug!r}.")
    return found


def _handed_in(organisation: Organisation, bundle: Bundle, options: dict[str, Any]) -> HandedIn:
    if len(options["term"]) > LONGEST_TERM:
        raise CommandError(f"--term has {len(options['term'])} characters; {LONGEST_TERM} fit.")
    source = source_of(bundle, options["source"])
    handed_in = HandedIn(
        organisation=organisation,
        bundle=bundle,
        source=source,
        term=options["term"],
        first_day=_day(options["first_day"]),
    )
    if source == Import.Source.ITC2019:
        if not handed_in.term:
            raise CommandError("A timetable of ITC-2019 names no term; name it with --term.")
        if handed_in.first_day_of_term() is None:
            raise CommandError("A timetable of ITC-2019 holds no dates; say with --first-day when its term starts.")
    return handed_in


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--first-day is {text!r}; write a day such as 2026-09-14.") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CommandError(f"--first-day is {text!r}; choose a year from {FIRST_YEAR} to {LAST_YEAR}.")
    return day
