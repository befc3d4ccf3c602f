"""Makes the demo institution, or a university of full size, and says how to get in."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.management.progress import ProgressLine
from attendance.models import User
from attendance.services.demo import PASSWORD, DemoResult, make_demo
from attendance.services.demo_university import UniversityResult, make_university
from attendance.services.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Makes a made-up institution with a term around today, or brings it up to today; only in development. Running "
        "it again doubles nothing. `--scale university` makes one of 12,500 students and over a million marks, in "
        "minutes; it is there whole or not at all, and is not extended once its term is over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="http://127.0.0.1:8000", help="Where the product will be served.")
        parser.add_argument("--scale", choices=["small", "university"], default="small", help="How large it is.")

    def handle(self, *_args: Any, **options: Any) -> None:
        make = self._make_university if options["scale"] == "university" else self._make_small
        try:
            logins = make()
        except Refusal as error:
            raise CommandError(str(error)) from error
        self._report_logins(logins, options["address"])

    def _make_small(self) -> Iterable[User]:
        result = make_demo()
        self._report_small(result)
        return result.logins

    def _make_university(self) -> Iterable[User]:
        with ProgressLine(self.stdout) as progress:
            result = make_university(report=progress.show)
        self._report_university(result)
        return result.logins

    def _report_small(self, result: DemoResult) -> None:
        timetable, history = result.timetable, result.history
        self.stdout.write(f"{timetable.organisation.name}, {timetable.term.name}")
        self.stdout.write(f"  {timetable.made + len(result.lectures_today):,} rows of timetable and people made")
        self.stdout.write(f"  {history.events:,} events of {history.lectures:,} past lectures made")

    def _report_university(self, result: UniversityResult) -> None:
        term = result.term
        self.stdout.write(f"{term.organisation.name}, {term.name}, {term.first_day} to {term.last_day}")
        for kind, number in result.counts.items():
            self.stdout.write(f"  {number:>9,} {kind}")
        if not result.holds_today:
            self.stdout.write("  The term is over, so nothing is on today; an empty database gets a new one.")

    def _report_logins(self, logins: Iterable[User], address: str) -> None:
        self.stdout.write(f"Log in at {address}/login/ with the password {PASSWORD} as")
        for login in logins:
            role = "Operator" if login.is_superuser else login.get_role_display()
            self.stdout.write(f"  {login.username:<12}{role:<16}{login.full_name}")
