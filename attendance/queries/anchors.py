"""Reading anchors: which one is under way, which block the newest one covers, and what pages say of that."""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from django.conf import settings

from attendance.models import Anchor, BlockShare
from attendance.queries.ledger import latest_block
from attendance.stellar.horizon import Horizon
from attendance.stellar.networks import NETWORKS


def horizon_of(network: str) -> Horizon:
    """Return the Horizon to ask about a network: the one that is set for it, else its public one."""
    own = settings.STELLAR_HORIZON_URL if network == settings.STELLAR_NETWORK else ""
    return Horizon(own or NETWORKS[network].horizon, NETWORKS[network])


def unfinished_anchor(network: str) -> Anchor | None:
    """Return the anchor that is under way on a network, None when there is none."""
    return Anchor.objects.filter(network=network, confirmed_at=None, given_up_at=None).first()


def latest_anchor(network: str) -> Anchor | None:
    """Return the confirmed anchor of the newest block on a network, with that block; None when there is none."""
    confirmed = Anchor.objects.filter(network=network, confirmed_at__isnull=False)
    return confirmed.select_related("checkpoint").order_by("-checkpoint").first()


def waits_for_anchor(network: str) -> bool:
    """Say whether there is a block that no anchor on the network covers; one covers all blocks before it."""
    newest, last = latest_block(), latest_anchor(network)
    return newest is not None and (last is None or (last.checkpoint_id or 0) < newest.number)


# --- Pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnchoredFigures:
    """How many of an organisation's sealed entries the newest anchor covers, and that anchor; None before the first."""

    network: Anchor.Network
    anchor: Anchor | None
    anchored: int
    sealed: int

    @property
    def part(self) -> Fraction:
        """The share of sealed entries that is anchored."""
        return Fraction(self.anchored, self.sealed) if self.sealed else Fraction(0)

    @property
    def is_test(self) -> bool:
        """Whether the network is one for trying things out."""
        return self.network == Anchor.Network.TESTNET

    @property
    def lag(self) -> timedelta | None:
        """The time from the sealing of the anchored block to the confirmation; None before the first."""
        anchor = self.anchor
        if anchor is None or anchor.checkpoint is None or anchor.confirmed_at is None:
            return None
        return anchor.confirmed_at - anchor.checkpoint.sealed_at


def anchored_figures(share: BlockShare) -> AnchoredFigures | None:
    """Return how far anchors came of what a block's share counts, None when anchoring is off; 2 queries."""
    if not settings.STELLAR_NETWORK:
        return None
    network = Anchor.Network(settings.STELLAR_NETWORK)
    anchor = latest_anchor(network)
    # A newer block may be anchored by now than the share is of: what is counted of one block stays within it.
    covered = min(anchor.checkpoint_id or 0, share.checkpoint_id) if anchor else 0
    shares = BlockShare.objects.filter(organisation=share.organisation_id, checkpoint__lte=covered)
    last = shares.order_by("-checkpoint").first() if covered else None
    return AnchoredFigures(network, anchor, last.sealed if last else 0, share.sealed)


@dataclass(frozen=True)
class AnchoringStatus:
    """How anchoring stands: the newest anchor and the one under way, None where there is none."""

    network: Anchor.Network
    anchor: Anchor | None
    unfinished: Anchor | None

    @property
    def account(self) -> str:
        """The account in use; nothing while none was needed yet."""
        known = [anchor.account for anchor in (self.unfinished, self.anchor) if anchor and anchor.account]
        return known[0] if known else ""

    @property
    def explorer(self) -> str:
        """The address under which a transaction of the network can be looked up by its hash."""
        return f"{NETWORKS[self.network].explorer}/tx/"

    @property
    def is_test(self) -> bool:
        """Whether the network is one for trying things out."""
        return self.network == Anchor.Network.TESTNET


def anchoring_status() -> AnchoringStatus | None:
    """Return how anchoring stands now, None when it is off; 2 queries."""
    if not settings.STELLAR_NETWORK:
        return None
    network = Anchor.Network(settings.STELLAR_NETWORK)
    return AnchoringStatus(network, latest_anchor(network), unfinished_anchor(network))
