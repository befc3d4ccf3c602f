"""Reading blocks and entries as pages show them, and what the log once was."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import islice
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from attendance.ledger.tree import frontier_at
from attendance.ledger.verify_receipt import Checkpoint as SignedState
from attendance.ledger.verify_receipt import Receipt, Unproved, check, key_of
from attendance.models import BlockShare, Checkpoint, LedgerEntry, LedgerKey, Organisation, Term, User
from attendance.queries.ledger import events_without_entry, latest_block, receipts_of, stored_nodes

BLOCKS_ON_STATISTICS = 10
RECEIPTS_AT_ONCE = 1000


def blocks_listed() -> QuerySet[Checkpoint]:
    """Return all blocks, newest first; `entries` is how many each of them added."""
    before = Checkpoint.objects.filter(number=OuterRef("number") - 1).values("size")
    return Checkpoint.objects.annotate(entries=F("size") - Coalesce(Subquery(before), 0)).order_by("-number")


def block_holding(index: int) -> Checkpoint | None:
    """Return the block that added an entry, None while there is none."""
    return Checkpoint.objects.filter(size__gt=index).order_by("size").first()


def entries_of_block(block: Checkpoint, *, organisations: Collection[UUID], person: User) -> QuerySet[LedgerEntry]:
    """Return the entries of a block that are of these organisations, or about this person."""
    before = Checkpoint.objects.filter(number=block.number - 1).first()
    entries = LedgerEntry.objects.filter(index__gte=before.size if before else 0, index__lt=block.size)
    own = Q(event__organisation__in=organisations) | Q(event__student=person)
    return entries.filter(own).select_related("event__lecture__offering__course", "event__student", "event__actor")


def keys_of_the_log() -> list[LedgerKey]:
    """Return the log's public keys, the first one first."""
    return list(LedgerKey.objects.order_by("number"))


# --- Figures --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """How far an organisation's events came, as of the latest block with any of them, and its latest such blocks."""

    share: BlockShare
    blocks: list[BlockShare]

    @property
    def sealed_part(self) -> Fraction:
        """The share of recorded events that were sealed."""
        return self.share.sealed_part


def figures_of(organisation: UUID) -> Figures | None:
    """Return how far the events of an organisation came, None before its first block; 1 query."""
    shares = BlockShare.objects.filter(organisation=organisation).select_related("checkpoint").order_by("-checkpoint")
    latest = list(shares[:BLOCKS_ON_STATISTICS])
    return Figures(latest[0], latest) if latest and latest[0].recorded else None


@dataclass(frozen=True)
class WholeSystem:
    """How far the events of all organisations came, as of the latest block with any of each; never of none."""

    shares: list[BlockShare]

    @property
    def recorded(self) -> int:
        """How many events the organisations have."""
        return sum(share.recorded for share in self.shares)

    @property
    def sealed(self) -> int:
        """How many of these are in the log."""
        return sum(share.sealed for share in self.shares)

    @property
    def sealed_part(self) -> Fraction:
        """The share of recorded events that were sealed."""
        return Fraction(self.sealed, self.recorded)

    @property
    def longest_wait(self) -> timedelta:
        """The longest time from recording to sealing in any of these blocks."""
        return max(share.longest_wait for share in self.shares)


def figures_of_all() -> WholeSystem | None:
    """Return how far the events of all organisations came, by name, None before the first block; 1 query."""
    own = BlockShare.objects.filter(organisation=OuterRef("pk")).order_by("-checkpoint").values("pk")[:1]
    latest = Organisation.objects.annotate(latest=Subquery(own)).values("latest")
    shares = BlockShare.objects.filter(pk__in=latest).select_related("organisation", "checkpoint")
    found = [share for share in shares.order_by("organisation__name", "organisation") if share.recorded]
    return WholeSystem(found) if found else None


def waiting_now() -> int:
    """Return how many events of the installation wait for a block."""
    last = latest_block()
    return events_without_entry(last.events_through if last else 0).count()


# --- Receipts -------------------------------------------------------------------------------------------------------


def receipt_of_entry(entry: LedgerEntry) -> Receipt | None:
    """Return the receipt of an entry as of the latest block, None when there is nothing to show."""
    block = latest_block()
    receipts = receipts_of([entry], block) if block and entry.index < block.size else []
    return receipts[0] if receipts else None


def terms_with_receipts(student: User) -> list[Term]:
    """Return the terms in which something was recorded about a student, sealed and not erased, the latest first."""
    sealed = LedgerEntry.objects.filter(event__student=student, event__erased_by__isnull=True)
    return list(Term.objects.filter(pk__in=sealed.values("event__lecture__offering__term")).order_by("-first_day"))


def receipts_of_term(student: User, term: Term) -> list[Receipt]:
    """Return receipts of all that was recorded about a student in a term and sealed so far; one block signs all."""
    block = latest_block()
    if block is None:
        return []
    entries = LedgerEntry.objects.filter(event__student=student, event__lecture__offering__term=term)
    return receipts_of(list(entries.filter(index__lt=block.size).select_related("event").order_by("index")), block)


def receipts_about(person: User) -> Iterator[Receipt]:
    """Yield receipts of all that was recorded about a person and sealed so far; one block signs all.

    2 queries, and 1 for each thousand receipts.
    """
    block = latest_block()
    if block is None:
        return
    entries = LedgerEntry.objects.filter(event__student=person, index__lt=block.size).select_related("event")
    rows = entries.order_by("index").iterator(chunk_size=RECEIPTS_AT_ONCE)
    while batch := list(islice(rows, RECEIPTS_AT_ONCE)):
        yield from receipts_of(batch, block)


def check_receipt(receipt: Receipt) -> SignedState:
    """Return the state of the log a receipt proves its event to be in, once the log is still like that.

    Raises:
        Unproved: it proves nothing, none of the log's keys signed it, or the log is another one by now.
    """
    if receipt.key not in {key_of(key.text) for key in keys_of_the_log()}:
        raise Unproved("The receipt is signed by a key that is none of this log's.")
    state = check(receipt)
    if _root_at(state.size) != state.root:
        raise Unproved("The receipt is sound, but the log here is not the one it was signed for: it was rewritten.")
    return state


def _root_at(size: int) -> bytes:
    """Return the root the log had with that many entries; nothing when it never had as many."""
    try:
        return frontier_at(size, stored_nodes).root
    except KeyError:
        return b""
