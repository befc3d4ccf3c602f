"""Writes everything the installation keeps to one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.services.backups import back_up
from attendance.services.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Writes everything that is stored to one file, as it is at this moment; people can go on working meanwhile. "
        "The file holds hashes of passwords and all names: keep it as you keep the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE", help="the file, such as lumina-2026-09-14.zip")
        parser.add_argument("--force", action="store_true", help="overwrite a file that is there already")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            entries = back_up(path=path, overwrite=options["force"], progress=self._say)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        rows = sum(entry.rows for entry in entries)
        size = path.stat().st_size
        self.stdout.write(f"{path}: {rows:,} rows of {len(entries)} tables, {size / 1e6:,.1f} MB")

    def _say(self, table: str, rows: int) -> None:
        self.stdout.write(f"  {table:<40}{rows:>12,}")
