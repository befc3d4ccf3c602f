"""Makes the demo institution and says how to get in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.services.demo import PASSWORD, DemoResult, make_demo
from attendance.services.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Makes a made-up university with a term around today, or brings it up to today; only in development. Running "
        "it again doubles nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="http://127.0.0.1:8000", help="Where the product will be served.")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            result = make_demo()
        except Refusal as error:
            raise CommandError(str(error)) from error
        self._report(result, options["address"])

    def _report(self, result: DemoResult, address: str) -> None:
        timetable, history = result.timetable, result.history
        self.stdout.write(f"{timetable.organisation.name}, {timetable.term.name}")
        self.stdout.write(f"  {timetable.made + len(result.lectures_today):,} rows of timetable and people made")
        self.stdout.write(f"  {history.events:,} events of {history.lectures:,} past lectures made")
        self.stdout.write(f"Log in at {address}/login/ with the password {PASSWORD} as")
        for login in result.logins:
            role = "Operator" if login.is_superuser else login.get_role_display()
            self.stdout.write(f"  {login.username:<12}{role:<16}{login.full_name}")
