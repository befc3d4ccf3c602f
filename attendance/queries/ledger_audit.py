"""The audit of the ledger: everything is built again from the rows, and the first row that does not fit is named.

What it cannot see by itself is a log that was rewritten to its end and signed anew with the log's own key. That is what
checkpoints are for which others keep: `AuditedState` of an earlier audit, receipts, `--checkpoint`.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from attendance.ledger.signing import follows
from attendance.ledger.tree import Frontier, frontier_at
from attendance.ledger.verify_receipt import Checkpoint as SignedState
from attendance.ledger.verify_receipt import Key, Unproved, key_of, opened
from attendance.models import AttendanceEvent, BlockShare, Checkpoint, LedgerEntry, LedgerKey
from attendance.queries.event_audit import ROWS_AT_ONCE, STORED, EventAudit, TamperedError
from attendance.queries.ledger import stored_nodes

Progress = Callable[[int, int], None]
"""Called with how many entries are done, and how many there are."""
_EVENT = [(column, f"event__{column}") for column in STORED]
"""The columns of an event, each with its name beside those of its entry."""


class AuditedState(NamedTuple):
    """What an audit found in order: the log up to a block, with the root it has there."""

    block: int
    size: int
    root: str


class Audit:
    """One walk through the log, from its beginning or from where an earlier one ended."""

    def __init__(self, begin: AuditedState | None, trusted: Key | None) -> None:
        """Prepare.

        Args:
            begin: what an earlier audit found in order, None for all of it.
            trusted: the log's first key, when it was got by another way than this database.
        """
        self.state = begin or AuditedState(0, 0, "")
        self._keys = _keys_of_the_log(trusted)
        self._events = EventAudit()
        self._edge = Frontier(0, [])
        self._counts: Counter[UUID] = Counter()
        self._in_block: Counter[UUID] = Counter()
        self._key_number = 0

    def run(self, progress: Progress) -> Iterator[AuditedState]:
        """Check block after block, and yield each state that was found in order.

        Raises:
            TamperedError: a row is not what was sealed; it is the first such row.
        """
        self._begin()
        blocks = Checkpoint.objects.filter(number__gt=self.state.block).order_by("number")
        last = Checkpoint.objects.order_by("-number").first()
        size = last.size if last else 0
        for block in blocks.iterator(ROWS_AT_ONCE):
            self._check_entries(block)
            self._check_block(block)
            self.state = AuditedState(block.number, block.size, bytes(block.root).hex())
            progress(block.size, size)
            yield self.state
        _check_end(last.events_through if last else 0)

    def _begin(self) -> None:
        """Take up the log where the earlier audit ended, which has to be as it was then."""
        number, size, root = self.state
        if not number:
            return
        block = Checkpoint.objects.filter(number=number).first()
        if block is None or (block.size, bytes(block.root).hex()) != (size, root):
            raise TamperedError(f"Block {number} is not what an earlier audit found: the log was rewritten since.")
        try:
            self._edge = frontier_at(size, stored_nodes)
        except KeyError as error:
            raise TamperedError(f"Entry {error} is missing.") from error
        if self._edge.root.hex() != root:
            raise TamperedError(f"The hashes of entries before {size} were changed since an earlier audit.")
        shares = BlockShare.objects.filter(checkpoint__lte=number).order_by("checkpoint")
        self._counts = Counter(dict(shares.values_list("organisation_id", "sealed")))

    def _check_entries(self, block: Checkpoint) -> None:
        """Check the entries that a block adds."""
        self._in_block.clear()
        if block.size <= self._edge.size:
            raise TamperedError(f"Block {block.number} does not add to the one before it.")
        for row in _rows(self._edge.size, block.size):
            index = self._edge.size
            if row["index"] != index:
                raise TamperedError(_missing_entry(index))
            event = {column: row[name] for column, name in _EVENT}
            self._events.check(f"Entry {index}, event {row['event_id']}", row["event_id"], event)
            if bytes(row["hashes"]) != self._edge.append(bytes(event["commitment"])):
                raise TamperedError(
                    f"Entry {index}: its hashes are not those of event {row['event_id']}. The event was edited, or"
                    " another one stands in its place."
                )
            self._count(event["organisation_id"])
        if self._edge.size != block.size:
            raise TamperedError(_missing_entry(self._edge.size))

    def _count(self, organisation: UUID | None) -> None:
        if organisation:
            self._counts[organisation] += 1
            self._in_block[organisation] += 1

    def _check_block(self, block: Checkpoint) -> None:
        """Check what a block says of the log, and who signed it."""
        name = f"Block {block.number}"
        if block.number != self.state.block + 1:
            raise TamperedError(f"Block {self.state.block + 1} is missing.")
        state = SignedState("", self._edge.size, self._edge.root)
        if bytes(block.root) != state.root:
            raise TamperedError(f"{name}: its root is not that of its entries. Block or entries were edited.")
        key = self._keys.get(block.key_id)
        if key is None or block.key_id < self._key_number:
            raise TamperedError(f"{name}: its key is none of the log's, or one that was exchanged before.")
        self._key_number = block.key_id
        try:
            signed = opened(block.note, key)
        except Unproved as problem:
            raise TamperedError(f"{name}: {problem}") from problem
        if (signed.size, signed.root) != (state.size, state.root):
            raise TamperedError(f"{name}: what is signed is another state of the log.")
        self._check_shares(block)

    def _check_shares(self, block: Checkpoint) -> None:
        """Check what the block says of each organisation, apart from what waited then, which nobody knows any more."""
        told = {share.organisation_id: (share.entries, share.sealed) for share in block.shares.all()}
        for organisation in told.keys() | self._in_block.keys():
            counted = self._in_block[organisation], self._counts[organisation]
            if told.get(organisation) != counted:
                raise TamperedError(
                    f"Block {block.number}: organisation {organisation} has {counted[0]} entries in it and"
                    f" {counted[1]} so far, its row says otherwise."
                )


# --- Single rows ----------------------------------------------------------------------------------------------------


def _rows(begin: int, end: int) -> Iterator[dict[str, Any]]:
    """Yield entries with their events, a few thousand at a time."""
    names = ["index", "hashes", "event_id", *(name for _column, name in _EVENT)]
    while begin < end:
        stop = min(begin + ROWS_AT_ONCE, end)
        yield from LedgerEntry.objects.filter(index__gte=begin, index__lt=stop).order_by("index").values(*names)
        begin = stop


def _missing_entry(index: int) -> str:
    """Say what is missing where an entry should be: itself, or the event it stands for."""
    entry = LedgerEntry.objects.filter(index=index).first()
    return f"Entry {index}: its event {entry.event_id} is missing." if entry else f"Entry {index} is missing."


def _keys_of_the_log(trusted: Key | None) -> dict[int, Key]:
    """Return the log's keys by number.

    Raises:
        TamperedError: one is not written as a key is, the first is not the trusted one, or a later one was not
            signed for by the one before it, in an event of the log.
    """
    try:
        keys = {row.number: key_of(row.text) for row in LedgerKey.objects.order_by("number")}
        if trusted and keys and keys[min(keys)] != trusted:
            raise TamperedError(f"Key {min(keys)} of the log was replaced: it is {keys[min(keys)].text}.")
        for number in sorted(keys)[1:]:
            if not _was_signed_for(keys.get(number - 1), keys[number]):
                raise TamperedError(f"Key {number} of the log was replaced: the one before it never signed for it.")
    except Unproved as problem:
        raise TamperedError(f"A key of the log was replaced: {problem}") from problem
    return keys


def _was_signed_for(old: Key | None, new: Key) -> bool:
    """Say whether an event has the signature by which one key says that the other follows it."""
    rotations = AttendanceEvent.objects.filter(kind=AttendanceEvent.Kind.KEY_ROTATED, body__isnull=False)
    told = [json.loads(body or "") for body in rotations.values_list("body", flat=True)]
    pairs = [each["signature"] for each in told if old and (each["old_key"], each["new_key"]) == (old.text, new.text)]
    return any(follows(old, new, signature) for signature in pairs if old)


def _check_end(through: int) -> None:
    """Make sure that nothing stands behind the last block, and no event was slipped in before a block's mark.

    Blocks are sealed meanwhile: entries are asked for first, so that a block which holds them can be seen then.
    """
    entries = LedgerEntry.objects.order_by("index")
    newest = entries.last()
    last = Checkpoint.objects.order_by("-number").first()
    beyond = entries.filter(index__gte=last.size if last else 0, index__lte=newest.index).first() if newest else None
    if beyond:
        raise TamperedError(f"Entry {beyond.index} is in no block.")
    without = AttendanceEvent.objects.filter(ledger_entry__isnull=True, pk__lte=through)
    slipped_in = without.order_by("pk").first()
    if slipped_in:
        raise TamperedError(
            f"Event {slipped_in.pk} has no entry, although everything up to event {through} was sealed: it was"
            " inserted later, or its entry was taken away."
        )


def check_against(kept: Sequence[SignedState]) -> None:
    """Make sure that the log still continues states of it that somebody else has kept.

    Raises:
        TamperedError: it does not, or is shorter.
    """
    for state in kept:
        try:
            root = frontier_at(state.size, stored_nodes).root
        except KeyError as error:
            raise TamperedError(f"The log is shorter than the {state.size} entries it once had.") from error
        if root != state.root:
            raise TamperedError(
                f"The first {state.size} entries are not those of the checkpoint that was kept: the log was rewritten"
                " and signed anew."
            )
