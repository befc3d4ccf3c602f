"""Makes the demo institution and says how to get in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.services.demo import PASSWORD, DemoResult, make_demo
from attendance.services.refusals import Refusal

ADDRESS = "http://127.0.0.1:8000/login/"


class Command(BaseCommand):
    help = (
        "Makes a made-up university with a term around today, or brings it up to today; only in development. Running "
        "it again doubles nothing."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            result = make_demo()
        except Refusal as error:
            raise CommandError(str(error)) from error
        self._report(result)

    def _report(self, result: DemoResult) -> None:
        timetable, history = result.timetable, result.history
        self.stdout.write(f"{timetable.organisation.name}, {timetable.term.name}")
        self.stdout.write(f"  {timetable.made + len(result.lectures_today):,} rows of timetable and people made")
        self.stdout.write(f"  {history.events:,} events of {history.lectures:,} past lectures made")
        self.stdout.write(f"Log in at {ADDRESS} with the password {PASSWORD} as")
        for login in result.logins:
            role = "Operator" if login.is_superuser else login.get_role_display()
            self.stdout.write(f"  {login.username:<12}{role:<16}{login.full_name}")
