"""Lists who was erased, by number, and erases them again after a backup has brought them back."""

from argparse import FileType
from datetime import UTC, datetime
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance.management.progress import ProgressLine
from attendance.models import User
from attendance.services.retention import erase_again


class Command(BaseCommand):
    help = (
        "Writes a line for each erased account: its number, and when it was erased. With --again, reads such lines and"
        " erases those of them that a backup has brought back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", metavar="FILE", type=FileType("r"), help="erase these accounts again")

    def handle(self, *_args: Any, again: TextIO | None, **_options: Any) -> None:
        if again is None:
            erased = User.objects.exclude(erased_at=None).order_by("pk").values_list("pk", "erased_at")
            for account, moment in erased.iterator():
                self.stdout.write(f"{account} {moment.isoformat()}")  # type: ignore[union-attr]
            return
        with again, ProgressLine(self.stdout) as line:
            wanted = [_read(number, text) for number, text in enumerate(again, 1) if text.strip()]
            outcome = erase_again(erased=wanted, report=lambda done, of: line.show("erasures", done, of))
        self.stdout.write(f"Erased {outcome.number:,} of {len(wanted):,}; the others are not back.")


def _read(number: int, text: str) -> tuple[int, datetime]:
    try:
        account, moment = text.split()
        return int(account), datetime.fromisoformat(moment).astimezone(UTC)
    except ValueError as error:
        raise CommandError(f"Line {number} is not an account's number and a moment: {text.strip()[:60]!r}") from error
