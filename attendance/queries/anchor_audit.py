"""The audit of anchors: what the chain has of this log is asked for there, and held against the blocks.

The chain lists what an account sent, whatever the rows here say of it. So a log that was rewritten is found although it
was signed anew with its own key, and although the rows of its anchors were rewritten with it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings

from attendance.ledger.anchor_format import NAME, Anchored, anchored_in, memo_of
from attendance.models import Anchor, Checkpoint
from attendance.queries.anchors import horizon_of
from attendance.queries.event_audit import TamperedError
from attendance.queries.ledger import latest_block
from attendance.stellar import envelopes
from attendance.stellar.envelopes import EnvelopeError, Opened
from attendance.stellar.horizon import Horizon, HorizonError, Taken, Trouble


class CheckedAnchors(NamedTuple):
    """How many anchors the chain has that hold, and how many of ours are older than what the server has kept."""

    held: int
    too_old: int


def check_anchors(noted: Iterable[str]) -> CheckedAnchors:
    """Make sure that the log is the one that was anchored, by the accounts known here and those noted elsewhere.

    Raises:
        TamperedError: the log is another one, or an anchor that is confirmed here is not in the chain.
        HorizonError: the chain cannot be asked.
    """
    confirmed = Anchor.objects.filter(confirmed_at__isnull=False).order_by()
    accounts = set(confirmed.values_list("network", "account").distinct())
    accounts |= {(settings.STELLAR_NETWORK or Anchor.Network.PUBLIC.value, account) for account in noted}
    checked = [_check_account(network, account) for network, account in sorted(accounts)]
    return CheckedAnchors(sum(each.held for each in checked), sum(each.too_old for each in checked))


def _check_account(network: str, account: str) -> CheckedAnchors:
    horizon = horizon_of(network)
    elder = horizon.tip().elder
    found = dict(_anchors_in_chain(horizon, account))
    rows = Anchor.objects.filter(network=network, account=account, confirmed_at__isnull=False)
    missing = [row for row in rows if row.transaction_hash not in found]
    for row in rows:
        if found.get(row.transaction_hash, row.checkpoint_id) != row.checkpoint_id:
            raise TamperedError(
                f"The anchor of block {row.checkpoint_id} was changed: its transaction is about another."
            )
    for row in missing:
        if (row.ledger or 0) >= elder:
            raise TamperedError(
                f"Block {row.checkpoint_id} is said to be anchored by transaction {row.transaction_hash}, but the"
                f" {network} network has none: it was emptied since, or the row was made up."
            )
    return CheckedAnchors(len(found), len(missing))


def _anchors_in_chain(horizon: Horizon, account: str) -> Iterable[tuple[str, int]]:
    """Yield the transactions by which an account anchored a log, with the numbers of the blocks here they are about."""
    for taken in horizon.transactions_of(account):
        try:
            opened = envelopes.opened(taken.envelope, horizon.network)
        except EnvelopeError:
            continue  # The account was given money, for instance.
        if opened.account != account or opened.name != NAME:
            continue
        if opened.hash != taken.hash:
            raise HorizonError(Trouble.STRANGE, "another transaction")
        yield taken.hash, _block_of(opened, taken).number


def _block_of(opened: Opened, taken: Taken) -> Checkpoint:
    """Return the block that a transaction anchors, which has to be as it was then."""
    where = f"transaction {taken.hash}, ledger {taken.ledger}"
    try:
        anchored = anchored_in(opened.value)
    except ValueError as error:
        raise TamperedError(f"What is anchored by {where} is no state of a log: {error}.") from error
    block = Checkpoint.objects.filter(size=anchored.size).first()
    if block is None:
        raise TamperedError(_no_block(anchored, where))
    if bytes(block.root) != anchored.root:
        raise TamperedError(
            f"The first {anchored.size} entries are not those that were anchored by {where}: the log was rewritten and"
            " signed anew."
        )
    if memo_of(block.note) != opened.memo:
        raise TamperedError(f"Block {block.number}: its signed text is not the one that was anchored by {where}.")
    return block


def _no_block(anchored: Anchored, where: str) -> str:
    newest = latest_block()
    if newest is None or newest.size < anchored.size:
        return f"The log is shorter than the {anchored.size} entries that were anchored by {where}."
    return f"No block ends with entry {anchored.size - 1}, as the one did that was anchored by {where}."
