"""What is stored about one person as one zip to take along, made while it is being fetched.

It answers articles 15 and 20 of the GDPR: everything, in files that other programs read.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from attendance import clock
from attendance.archives.csv_files import csv_file, written
from attendance.archives.zips import Member, zipped
from attendance.ledger import verify_receipt
from attendance.ledger.verify_receipt import Receipt
from attendance.models import LoginSession, User
from attendance.queries.blocks import keys_of_the_log, receipts_about
from attendance.queries.personal_data import FILES
from attendance.queries.snapshots import one_snapshot
from attendance.queries.tables import plain, tables_kept

RECEIPTS = "receipts.tlog-proof"
_ACCOUNT = (
    "role",
    "username",
    "email",
    "number",
    "given_name",
    "family_name",
    "language",
    "time_zone",
    "is_active",
    "is_superuser",
    "date_joined",
    "last_login",
)


def personal_zip(person: User) -> Iterator[bytes]:
    """Return the bytes of the zip, as everything is at the moment when the first of them is fetched.

    Its README is in the language of whoever asks, as of now.
    """
    return _streamed(person, _readme(person))


def _streamed(person: User, readme: str) -> Iterator[bytes]:
    with one_snapshot([*tables_kept(), LoginSession]):
        yield from zipped(_members(person, readme))


def _members(person: User, readme: str) -> Iterator[Member]:
    account = json.dumps(_account(person), ensure_ascii=False, indent=2)  # The first read: here the snapshot begins.
    yield "README.txt", [readme.encode()]
    yield "person.json", [account.encode()]
    for kind, file in FILES.items():
        yield f"{kind}.csv", csv_file(file.columns, file.rows(person))
    receipts = receipts_about(person)
    first = next(receipts, None)
    if first is not None:
        yield RECEIPTS, _texts(chain([first], receipts))
        yield "verify_receipt.py", [Path(verify_receipt.__file__).read_bytes()]
        yield "keys.txt", [f"{key.text}\n".encode() for key in keys_of_the_log()]


def _texts(receipts: Iterable[Receipt]) -> Iterator[bytes]:
    return (receipt.text.encode() for receipt in receipts)


def _account(person: User) -> dict[str, Any]:
    """Return what the account says, as it is by now; neither the password's hash nor anything else that lets one in."""
    own = User.objects.select_related("organisation", "department").get(pk=person.pk)
    around = {"organisation": own.organisation.name, "department": own.department.name if own.department else None}
    return {"id": own.pk, **around, **{name: plain(getattr(own, name)) for name in _ACCOUNT}}


def _readme(person: User) -> str:
    about = _("%(name)s: what %(organisation)s stores, as of %(moment)s.") % {
        "name": person.full_name,
        "organisation": person.organisation.name,
        "moment": written(clock.now()),
    }
    form = _(
        "The tables are CSV files (RFC 4180, UTF-8), moments are in UTC. A text that a spreadsheet would take for a"
        " formula has an apostrophe in front."
    )
    account = _("Your account.")
    receipts = _("Receipts of all that was recorded about you and sealed so far. While there are none, it is missing.")
    files = [
        f"person.json: {account}",
        *(f"{kind}.csv: {_(file.told)}" for kind, file in FILES.items()),
        f"{RECEIPTS}: {receipts}",
    ]
    check = _("To check the receipts without us, in this folder and with nothing but Python:")
    keys = _("keys.txt holds the keys of the log. Compare them with those that your institution published elsewhere.")
    left_out = _(
        "Not in it: your password, which nobody can read, and in acts.csv the words of acts about somebody else."
    )
    command = f"    python3 verify_receipt.py {RECEIPTS} --key keys.txt"
    return "\n".join([about, "", form, "", *files, "", check, "", command, "", keys, "", left_out, ""])
