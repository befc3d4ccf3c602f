"""Sealing: events become entries of the log, and the log as it is then is signed as a block.

The events themselves are the queue, so recording one costs nothing but its row. A block is one transaction: whoever is
killed in it has done nothing, and the next one finds the same events again. One sequencer works at a time, whatever the
number of processes: on PostgreSQL a lock that the transaction holds and that others do not wait for, on SQLite the
transaction itself. A lock needs no clock and is let go by the death of its holder. What keeps two sequencers from
sealing one event twice, or two events under one number, are constraints of the tables, lock or no lock.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.ledger.signing import SigningKey
from attendance.ledger.tree import Frontier, frontier_at
from attendance.ledger.verify_receipt import Checkpoint as SignedState
from attendance.models import BlockShare, Checkpoint, LedgerEntry
from attendance.queries.ledger import (
    WaitingEvent,
    events_without_entry,
    latest_block,
    stored_nodes,
    waiting_by_organisation,
    waiting_events,
)
from attendance.services.bulk_rows import append_rows
from attendance.services.ledger_keys import known_key, signing_key
from attendance.services.refusals import Refusal

MOST_IN_A_BLOCK = 10_000
_LOCK = 0x6C65646765720001
"""The number of the sequencer's lock on PostgreSQL, which any other lock of the product has to avoid."""
FROZEN_AFTER = "10s"
"""How long PostgreSQL waits for a sequencer that stopped in the middle, before it takes the lock away."""


def seal_all() -> list[Checkpoint]:
    """Seal block after block until nothing waits, and return them; none when somebody else is at it.

    Raises:
        Refusal: there is no key or not the log's, or the log is damaged.
    """
    blocks = []
    while block := seal():
        blocks.append(block)
    return blocks


def seal() -> Checkpoint | None:
    """Seal one block of the events that wait and return it, None when nothing waits or somebody else is at it.

    Raises:
        Refusal: there is no key or not the log's, or the log is damaged.
    """
    last = latest_block()
    if not events_without_entry(last.events_through if last else 0).exists():
        return None
    key = signing_key()
    with transaction.atomic():
        return _sealed(key) if _is_the_only_one() else None


def _is_the_only_one() -> bool:
    """Say whether this transaction is the sequencer from here to its end."""
    if connection.vendor != "postgresql":
        return True  # Transactions are IMMEDIATE: this one has the right to write, and nobody else has.
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{FROZEN_AFTER}'")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _sealed(key: SigningKey) -> Checkpoint | None:
    # Read again: another process may have sealed since.
    last = latest_block()
    behind = last.events_through if last else 0
    events, events_through = waiting_events(behind, MOST_IN_A_BLOCK)
    if not events:
        return None
    state = _appended(events, _edge_of(last), key)
    moment = clock.now()
    block = Checkpoint.objects.create(
        number=last.number + 1 if last else 1,
        size=state.size,
        root=state.root,
        note=key.sealed(state),
        key=known_key(key),
        sealed_at=moment,
        events_through=events_through,
    )
    waiting = waiting_by_organisation(behind) if len(events) == MOST_IN_A_BLOCK else {}
    BlockShare.objects.bulk_create(_shares(block, events, waiting))
    return block


def _edge_of(last: Checkpoint | None) -> Frontier:
    """Return the right edge of the log as the last block signed it; nothing is built on anything else."""
    if last is None:
        return Frontier(0, [])
    try:
        edge = frontier_at(last.size, stored_nodes)
    except KeyError as error:
        raise Refusal(
            _("Entry %(index)s of the ledger is missing. Run manage.py verify_ledger.") % {"index": error}
        ) from error
    if edge.root != bytes(last.root):
        raise Refusal(_("The ledger is not what its last block says. Run manage.py verify_ledger."))
    return edge


def _appended(events: Sequence[WaitingEvent], edge: Frontier, key: SigningKey) -> SignedState:
    """Append the events to the log and return the state it is in then."""
    rows = [
        {"index": index, "event_id": event.id, "hashes": edge.append(bytes(event.commitment))}
        for index, event in enumerate(events, start=edge.size)
    ]
    append_rows(LedgerEntry, rows)
    return SignedState(key.public.name, edge.size, edge.root)


def _shares(block: Checkpoint, events: Sequence[WaitingEvent], waiting: dict[UUID, int]) -> list[BlockShare]:
    """Return what the block is to each organisation that has events in it, or events that wait."""
    entries = Counter(event.organisation_id for event in events if event.organisation_id)
    first: dict[UUID | None, datetime] = {}
    for event in events:
        first[event.organisation_id] = min(first.get(event.organisation_id, event.received_at), event.received_at)
    return [
        BlockShare(
            checkpoint=block,
            organisation_id=organisation,
            entries=entries[organisation],
            sealed=_sealed_before(organisation) + entries[organisation],
            waiting=waiting.get(organisation, 0),
            longest_wait=max(block.sealed_at - first.get(organisation, block.sealed_at), timedelta(0)),
        )
        for organisation in entries.keys() | waiting.keys()
    ]


def _sealed_before(organisation: UUID) -> int:
    last = BlockShare.objects.filter(organisation=organisation).order_by("-checkpoint").first()
    return last.sealed if last else 0
