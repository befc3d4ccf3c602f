"""Anchors the newest block of the ledger in a public chain, once and now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.models import Anchor
from attendance.services.anchoring import anchor_newest
from attendance.services.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Puts the hash of the newest block into the chain that STELLAR_NETWORK names, and waits until it is there. "
        "Serving processes do so by themselves. Ends with 1 and says why when it could not."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            anchor = anchor_newest()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if anchor is None:
            self.stdout.write("Nothing to anchor: there is no block that an anchor does not cover.")
        elif anchor.confirmed_at is None:
            raise CommandError(_why_not(anchor))
        else:
            self.stdout.write(f"Block {anchor.checkpoint_id} is in ledger {anchor.ledger} of {anchor.network}.")
            self.stdout.write(f"Transaction {anchor.transaction_hash}")


def _why_not(anchor: Anchor) -> str:
    if not anchor.problem:
        return "Another process is at it. Look again in a minute."
    detail = f" ({anchor.problem_detail})" if anchor.problem_detail else ""
    return f"Not anchored. {Anchor.Problem(anchor.problem).label}{detail}"
