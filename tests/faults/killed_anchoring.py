"""Anchoring, killed at one statement after the other: `python -m tests.faults.killed_anchoring`.

Each try is a child that kills itself before the statement of that number, with the signal that cannot be caught. Prints
as JSON after each try whether it died, and how many anchors were confirmed, until a child came to its end.
"""

import json
import sys

import django

django.setup()

from attendance.models import Anchor  # noqa: E402 -- models need the setup
from attendance.services.anchoring import anchor_newest  # noqa: E402
from tests.faults.killed_import import in_a_child  # noqa: E402


def main() -> None:
    found = []
    for number in range(1, 100):
        died = in_a_child(anchor_newest, number)
        found.append((died, Anchor.objects.filter(confirmed_at__isnull=False).count()))
        if not died:
            break
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
