"""Writes what an institution put in to a zip of CSV files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.archives.drafts import draft_of
from attendance.models import Organisation
from attendance.queries.export_zip import export_zip


class Command(BaseCommand):
    help = (
        "Writes rooms, people, courses, timetable and marks of an organisation to a zip of CSV files, which can be "
        "imported again. The file holds names and marks of people: keep it as you keep the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organisation", metavar="ORGANISATION", help="short name of the organisation")
        parser.add_argument("path", type=Path, metavar="FILE", help="the file, such as aldermoor-2026-09-14.zip")
        parser.add_argument("--force", action="store_true", help="overwrite a file that is there already")

    def handle(self, *_args: Any, **options: Any) -> None:
        path, slug = options["path"], options["organisation"]
        organisation = Organisation.objects.filter(slug=slug).first()
        if organisation is None:
            raise CommandError(f"There is no organisation {slug}.")
        if path.exists() and not options["force"]:
            raise CommandError(f"{path} is there already. Add --force to overwrite it.")
        try:
            with draft_of(path) as file:
                file.writelines(export_zip(organisation))
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{path}: {organisation.name}, {path.stat().st_size / 1e6:,.1f} MB")
