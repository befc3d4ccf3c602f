"""Makes the key that signs the ledger's blocks, shows its public half, and exchanges it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.services.ledger_keys import create_key, rotate_key, signing_key
from attendance.services.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Makes the key that signs the ledger's blocks, in LEDGER_KEY_FILE, or shows its public half. Keep a copy of "
        "the file apart from database and backups: nobody can sign for the log without it, and anybody with it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="make a key")
        create.add_argument("name", metavar="NAME", help="of the log: an address without https://")
        acts.add_parser("show", help="show the public half")
        acts.add_parser("rotate", help="have a new key follow it, which the old one signs for")

    def handle(self, *_args: Any, **options: Any) -> None:
        acts = {"create": lambda: create_key(name=options["name"]), "show": signing_key, "rotate": rotate_key}
        try:
            key = acts[options["act"]]()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(key.public.text)
