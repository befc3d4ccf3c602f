"""Puts a backup into the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.archives.backups import Backup, UnreadableError
from attendance.caching import bypass
from attendance.services.refusals import Refusal
from attendance.services.restore import restore


class Command(BaseCommand):
    help = (
        "Puts a backup into a database that was migrated and has no organisation yet. The file may come from SQLite or "
        "PostgreSQL. All or nothing: whatever goes wrong, the database stays as it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE", help="the file that `backup` wrote")
        parser.add_argument("--replace", action="store_true", help="first delete everything that is stored")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            with Backup(path) as backup:
                self.stdout.write(f"{path.name} of {backup.description.made_at}, from {backup.description.database}")
                rows = restore(backup=backup, replace=options["replace"], progress=self._say)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except (UnreadableError, Refusal) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{rows:,} rows are back. Nobody is signed in.")
        self.stdout.write(_about_the_cache())

    def _say(self, table: str, rows: int) -> None:
        self.stdout.write(f"  {table:<40}{rows:>12,}")


def _about_the_cache() -> str:
    if bypass.is_on():
        return "Redis does not answer: whoever is served by it sees the restored rows within 2 seconds."
    return "The cache begins anew: nothing from before is served any more."
