"""Deletes what may be kept for a time only; to be run every night."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from attendance.management.progress import ProgressLine
from attendance.models import Organisation
from attendance.queries.erasure import last_day_kept, students_past_record
from attendance.services import throttle
from attendance.services.attendance_sessions import delete_old_keys
from attendance.services.networks import delete_old_address_hashes
from attendance.services.personal_rows import delete_expired_logins, delete_spent_invitations
from attendance.services.retention import delete_what_came_late, erase_past_record


class Command(BaseCommand):
    help = (
        "Erases students whose time is over, where an institution keeps records for some years only. Deletes the keys"
        " of check-ins a day after their end, the hashes of network addresses after 30 days, sessions of browsers and"
        " counted failures when they are over, and links, codes and invitations 90 days after they ended."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count the students who would be erased")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        for organisation in Organisation.objects.exclude(record_years=None).order_by("slug"):
            if dry_run:
                self._count(organisation)
            else:
                self._erase(organisation)
        if not dry_run:
            self._delete()

    def _count(self, organisation: Organisation) -> None:
        number = students_past_record(organisation).count()
        day = last_day_kept(organisation)
        self.stdout.write(f"{organisation.slug}: {number:,} students left before {day} and would be erased.")

    def _erase(self, organisation: Organisation) -> None:
        with ProgressLine(self.stdout) as line:
            erased = erase_past_record(
                organisation=organisation,
                report=lambda done, of: line.show(f"erasures at {organisation.slug}", done, of),
            )
        self.stdout.write(f"{organisation.slug}: erased {erased.number:,} students.")
        if erased.left:
            ids = ", ".join(map(str, erased.left))
            self.stdout.write(f"{organisation.slug}: not erased, for a reason that the log names: {ids}.")

    def _delete(self) -> None:
        delete_what_came_late()
        keys, hashes = delete_old_keys(), 0
        while some := delete_old_address_hashes():
            hashes += some
            self.stdout.write(f"{hashes:,} hashes of addresses…")
        logins, failures, links = delete_expired_logins(), throttle.delete_old(), delete_spent_invitations()
        self.stdout.write(
            f"Deleted {logins:,} sessions of browsers, {failures:,} counters of failures and {links:,} old links."
        )
        self.stdout.write(f"Deleted the keys of {keys:,} check-ins and {hashes:,} hashes of addresses.")
