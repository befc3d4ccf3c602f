"""Deletes what may be kept for a time only; to be run every night."""

from typing import Any

from django.core.management.base import BaseCommand

from attendance.services.attendance_sessions import delete_old_keys
from attendance.services.networks import delete_old_address_hashes


class Command(BaseCommand):
    help = (
        "Deletes the keys of check-ins a day after their end and the hashes of network addresses after 30 days. Opening"
        " a check-in does the same; this is for days without one."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        keys, hashes = delete_old_keys(), 0
        while some := delete_old_address_hashes():
            hashes += some
            self.stdout.write(f"{hashes:,} hashes of addresses…")
        self.stdout.write(f"Deleted the keys of {keys:,} check-ins and {hashes:,} hashes of addresses.")
