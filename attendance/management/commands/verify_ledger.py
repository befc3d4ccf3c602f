"""Audits the ledger: builds everything again from the rows and names the first that does not fit."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance.archives.drafts import draft_of
from attendance.ledger.verify_receipt import Checkpoint, Key, Unproved, key_of, opened
from attendance.management.progress import ProgressLine
from attendance.models import Anchor, LedgerKey
from attendance.queries.anchor_audit import check_anchors
from attendance.queries.event_audit import TamperedError
from attendance.queries.ledger import events_without_entry
from attendance.queries.ledger_audit import Audit, AuditedState, check_against
from attendance.stellar.horizon import HorizonError

BLOCKS_BETWEEN_NOTES = 200


class Command(BaseCommand):
    help = (
        "Builds the ledger again from the rows: texts, commitments, tree, blocks, signatures. Ends with 1 and names "
        "the first row that does not fit. With --state it goes on where it stopped, or ended the last time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", type=Path, metavar="FILE", help="where it notes how far it is")
        parser.add_argument("--key", metavar="KEY", help="the log's first key, as you noted it elsewhere")
        parser.add_argument(
            "--checkpoint", type=Path, action="append", default=[], metavar="FILE", help="a block that you kept"
        )
        parser.add_argument("--anchors", action="store_true", help="ask the public chain what was anchored there, too")
        parser.add_argument(
            "--account", action="append", default=[], metavar="G...", help="the account that anchors, as you noted it"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            trusted = key_of(options["key"]) if options["key"] else None
            audit = Audit(_noted(options["state"]), trusted)
            self._walk(audit, options["state"])
            check_against([_kept(path, trusted) for path in options["checkpoint"]])
        except (TamperedError, Unproved, OSError) as problem:
            raise CommandError(f"NOT WHOLE. {problem}") from problem
        waiting = events_without_entry(0).count()
        self.stdout.write(
            f"The ledger is whole: {audit.state.block} blocks, {audit.state.size} entries, no difference."
        )
        self.stdout.write(f"{waiting} events wait for the next block.")
        if options["anchors"] or options["account"]:
            self._ask_the_chain(options["account"])

    def _ask_the_chain(self, accounts: list[str]) -> None:
        try:
            checked = check_anchors(accounts)
        except TamperedError as problem:
            raise CommandError(f"NOT WHOLE. {problem}") from problem
        except HorizonError as error:
            why = f"{Anchor.Problem(error.trouble).label} ({error.detail or error.trouble})"
            raise CommandError(f"The anchors could not be checked. {why}") from error
        except ModuleNotFoundError as error:
            raise CommandError(
                f"{error.name} is missing. Install it: pip install -r requirements-anchor.txt"
            ) from error
        self.stdout.write(f"{checked.held} anchors in the chain hold.")
        if checked.too_old:
            self.stdout.write(f"{checked.too_old} anchors are older than what the server has kept: ask another one.")

    def _walk(self, audit: Audit, noted_in: Path | None) -> None:
        with ProgressLine(self.stdout) as line:
            for state in audit.run(lambda done, total: line.show("entries checked", done, total)):
                if noted_in and state.block % BLOCKS_BETWEEN_NOTES == 0:
                    _note(state, noted_in)
        if noted_in:
            _note(audit.state, noted_in)


def _noted(path: Path | None) -> AuditedState | None:
    """Return what the file says of an earlier audit, None when there is no such file."""
    if path is None or not path.exists():
        return None
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        return AuditedState(int(state["block"]), int(state["size"]), str(state["root"]))
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path} was not written by an audit. Name another file, or remove it.") from error


def _note(state: AuditedState, path: Path) -> None:
    with draft_of(path) as file:
        file.write(json.dumps(state._asdict()).encode())


def _kept(path: Path, trusted: Key | None) -> Checkpoint:
    note = path.read_text(encoding="utf-8")
    return opened(note, trusted) if trusted else _opened_by_any(note)


def _opened_by_any(note: str) -> Checkpoint:
    """Return the state of a kept block that any of the log's keys signed."""
    for row in LedgerKey.objects.all():
        try:
            return opened(note, key_of(row.text))
        except Unproved:
            continue
    raise Unproved("None of the log's keys has signed the checkpoint that was kept.")
