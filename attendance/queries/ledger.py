"""Reading the ledger: nodes of its tree, events that wait for their block, proofs and receipts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, QuerySet

from attendance.ledger.tree import Node, consistency_proof, inclusion_proof, nodes_beside
from attendance.ledger.verify_receipt import Consistency, Receipt, key_of
from attendance.models import AttendanceEvent, Checkpoint, LedgerEntry

# Whoever inserts into a table holds this lock on it until the end of the transaction, and takes it before the row gets
# its number. Locks of readers and of maintenance are left out. A lock goes away only once the rows can be seen.
_OTHERS_WRITE = """
    SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE relation = %s::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareUpdateExclusiveLock')
          AND pid IS DISTINCT FROM pg_backend_pid()
    )
"""


class WaitingEvent(NamedTuple):
    """An event that is in no block yet; what the sequencer needs of it."""

    id: int
    organisation_id: UUID | None
    commitment: bytes
    received_at: datetime


def stored_nodes(nodes: Iterable[Node]) -> Mapping[Node, bytes]:
    """Return the hashes of nodes of the tree; 1 query, two rows for each height of the tree at most.

    Raises:
        KeyError: an entry is not there.
    """
    wanted = {node: node.last_entry for node in nodes}
    rows = LedgerEntry.objects.filter(index__in=set(wanted.values())).values_list("index", "hashes")
    stored = {index: bytes(hashes) for index, hashes in rows}
    return {node: node.hash_in(stored[index]) for node, index in wanted.items()}


def latest_block() -> Checkpoint | None:
    """Return the latest block with its key, None when there is none."""
    return Checkpoint.objects.select_related("key").order_by("-number").first()


# --- What waits for its block ---------------------------------------------------------------------------------------


def events_without_entry(behind: int) -> QuerySet[AttendanceEvent]:
    """Return the events with an id greater than that which are no entry of the log yet, in the order of their ids."""
    return AttendanceEvent.objects.filter(pk__gt=behind, ledger_entry__isnull=True).order_by("pk")


def waiting_events(behind: int, most: int) -> tuple[list[WaitingEvent], int]:
    """Return the first events that wait, and up to which id every event there will ever be is among them or sealed.

    Ids are given out before a transaction commits, so one with a lower id may appear later. The mark moves up only to
    an id that was there when nobody else was writing, and the events are read after that was seen.
    """
    newest = AttendanceEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
    settled = behind if _others_write() else newest
    columns = ("pk", "organisation_id", "commitment", "received_at")
    found = [WaitingEvent(*row) for row in events_without_entry(behind).values_list(*columns)[:most]]
    if len(found) == most:
        settled = min(settled, found[-1].id)
    return found, max(settled, behind)


def _others_write() -> bool:
    """Say whether another transaction may have events that cannot be seen yet; SQLite has one writer at a time."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS_WRITE, [AttendanceEvent._meta.db_table])
        return bool(cursor.fetchone()[0])


def waiting_by_organisation(behind: int) -> dict[UUID, int]:
    """Return how many events wait, by organisation; an event of none is left out."""
    rows = events_without_entry(behind).order_by().values_list("organisation_id").annotate(number=Count("pk"))
    return {organisation: number for organisation, number in rows if organisation}


# --- Proofs ---------------------------------------------------------------------------------------------------------


def receipts_of(entries: Sequence[LedgerEntry], block: Checkpoint) -> list[Receipt]:
    """Return receipts of entries, which come with their events, as of a block that holds them; 1 query.

    An entry whose event was erased has none.
    """
    key, size = key_of(block.key.text), block.size
    found = stored_nodes({node for entry in entries for node in nodes_beside(entry.index, size)})

    def known(nodes: Iterable[Node]) -> Mapping[Node, bytes]:
        return {node: found[node] for node in nodes}

    return [
        Receipt(
            key=key,
            salt=bytes(entry.event.salt or b""),
            body=entry.event.body,
            entry=entry.index,
            path=tuple(inclusion_proof(entry.index, size, known)),
            note=block.note,
        )
        for entry in entries
        if entry.event.body is not None
    ]


def consistency_between(old_size: int, size: int) -> Consistency:
    """Return the proof that the log with `size` entries continues the one with `old_size`.

    Raises:
        ValueError: the second is smaller than the first.
    """
    return Consistency(old_size, size, tuple(consistency_proof(old_size, size, stored_nodes)))
