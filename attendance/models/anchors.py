"""Anchors: blocks of the ledger whose hash stands in a public chain.

One row is one attempt to anchor, from its beginning to its end. Once it is signed, what was signed stays, and a row
that has ended is never changed: triggers in the database refuse it.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance.models.ledger import Checkpoint

_UNFINISHED = Q(confirmed_at__isnull=True, given_up_at__isnull=True)


class Anchor(models.Model):
    """A transaction that carries a block's hash into a chain.

    It is begun without a block. Signing gives it the newest one, with account, envelope and hash. It ends confirmed, in
    a ledger of the chain, or given up, when no ledger can take it any more: `ends_at` is over on the chain's own clock,
    or another transaction of the account has used its `sequence`.
    """

    class Network(models.TextChoices):
        """Where anchors may lie."""

        TESTNET = "testnet", _("Stellar, test network")
        PUBLIC = "public", _("Stellar, public network")

    class Problem(models.TextChoices):
        """Why the latest try did not confirm it; the names are those of `attendance.stellar.horizon.Trouble`."""

        UNREACHABLE = "unreachable", _("Horizon, the server of the chain, does not answer.")
        THROTTLED = "throttled", _("Horizon wants to be asked less often.")
        BUSY = "busy", _("Horizon is too busy, or has not seen the transaction in a ledger in time.")
        STRANGE = "strange", _("The server at STELLAR_HORIZON_URL does not answer as Horizon does.")
        OTHER_NETWORK = "other_network", _("The Horizon at STELLAR_HORIZON_URL serves another network.")
        NO_ACCOUNT = "no_account", _("The account is not there. Send it 3 XLM, which makes it.")
        NO_FUNDS = "no_funds", _("The account cannot pay. Send it a few XLM.")
        LOW_FEE = "low_fee", _("The network is full and asks for more than 0.001 XLM. Nothing to do but wait.")
        TAKEN_NUMBER = "taken_number", _("Somebody else used the account. Give this log an account of its own.")
        TOO_LATE = "too_late", _("No ledger took the transaction in time. A new one follows.")
        REFUSED = "refused", _("The network refused the transaction.")
        NO_KEY = "no_key", _("STELLAR_SECRET_KEY_FILE cannot be read, or holds no secret key of Stellar.")

    network = models.CharField(max_length=10, choices=Network)
    account = models.CharField(max_length=56, blank=True)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="anchors", null=True)
    envelope = models.TextField(blank=True)
    transaction_hash = models.CharField(max_length=64, blank=True)
    sequence = models.BigIntegerField(null=True)
    ends_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ledger = models.BigIntegerField(null=True)
    given_up_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    problem = models.CharField(max_length=20, choices=Problem, blank=True)
    problem_detail = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["network"], condition=_UNFINISHED, name="anchor_one_at_a_time"),
            models.UniqueConstraint(
                fields=["network", "checkpoint"],
                condition=Q(confirmed_at__isnull=False),
                name="anchor_confirmed_once_per_block",
            ),
            models.UniqueConstraint(
                fields=["transaction_hash"], condition=Q(transaction_hash__gt=""), name="anchor_has_its_own_transaction"
            ),
            models.CheckConstraint(
                condition=Q(
                    envelope="", transaction_hash="", checkpoint=None, sequence=None, ends_at=None, signed_at=None
                )
                | Q(checkpoint__isnull=False, sequence__isnull=False, ends_at__isnull=False, signed_at__isnull=False)
                & Q(account__gt="", envelope__gt="", transaction_hash__gt=""),
                name="anchor_is_signed_whole",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(signed_at__isnull=False), name="anchor_is_signed_first"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, ledger__isnull=True)
                | Q(confirmed_at__isnull=False, ledger__isnull=False, submitted_at__isnull=False),
                name="anchor_is_confirmed_in_a_ledger",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(given_up_at__isnull=True), name="anchor_ends_one_way"
            ),
        ]

    def __str__(self) -> str:
        return f"anchor of {self.checkpoint}" if self.checkpoint else "anchor, begun"
