"""Seals what waits for a block, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.services.refusals import Refusal
from attendance.services.sealing import seal_all


class Command(BaseCommand):
    help = "Seals the events that wait for a block. Serving processes do so by themselves every five seconds."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            blocks = seal_all()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if not blocks:
            self.stdout.write("Nothing waits.")
        for block in blocks:
            self.stdout.write(f"Block {block.number}: the log has {block.size} entries.")
