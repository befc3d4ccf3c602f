"""The ledger: which event is which entry of the log, the signed blocks, and the keys that signed them.

Nothing of it is changed or deleted once it is written: triggers in the database refuse it. The counts of each block by
organisation follow from the entries, as the audit sees to, and have no such guard.
"""

from fractions import Fraction

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance.models.organisation import Organisation
from attendance.models.records import AttendanceEvent


class LedgerEntry(models.Model):
    """An event's place in the log. The entry itself is the event's commitment.

    `hashes` are those of the complete subtrees that end with this entry, lowest first: see `attendance.ledger.tree`.
    """

    index = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AttendanceEvent, on_delete=models.PROTECT, related_name="ledger_entry")
    hashes = models.BinaryField()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["index"]
        constraints = [models.CheckConstraint(name="ledger_entry_counts_from_0", condition=Q(index__gte=0))]

    def __str__(self) -> str:
        return f"entry {self.index}"


class LedgerKey(models.Model):
    """A public key of the log, as C2SP signed-note writes it; the first is 1, each later one came by a rotation."""

    number = models.PositiveIntegerField(primary_key=True)
    text = models.CharField(max_length=300, unique=True)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("ledger key")
        verbose_name_plural = _("ledger keys")
        ordering = ["number"]

    def __str__(self) -> str:
        return self.text


class Checkpoint(models.Model):
    """A block: the log as it was with `size` entries, signed.

    `note` is the signed checkpoint as it is published. Every event with an id up to `events_through` has its entry, so
    the next block looks for new ones behind it.
    """

    number = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    note = models.TextField()
    key = models.ForeignKey(LedgerKey, on_delete=models.PROTECT, related_name="checkpoints")
    sealed_at = models.DateTimeField()
    events_through = models.BigIntegerField()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        ordering = ["number"]
        constraints = [models.CheckConstraint(name="block_is_not_empty", condition=Q(number__gte=1, size__gte=1))]

    def __str__(self) -> str:
        return f"block {self.number}"


class BlockShare(models.Model):
    """What one block means to one organisation, counted when it was sealed.

    `entries` of the block are its own, `sealed` is how many it had in the log then, `waiting` how many of its events
    were recorded and in no block yet; `longest_wait` is that of an entry of this block from its recording.
    """

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="shares")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    entries = models.PositiveIntegerField()
    sealed = models.PositiveBigIntegerField()
    waiting = models.PositiveBigIntegerField()
    longest_wait = models.DurationField()

    class Meta:
        verbose_name = _("share of a block")
        verbose_name_plural = _("shares of blocks")
        ordering = ["checkpoint"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "checkpoint"], name="block_share_once_per_organisation")
        ]

    def __str__(self) -> str:
        return f"{self.entries} of {self.checkpoint}"

    @property
    def recorded(self) -> int:
        """How many events the organisation had when the block was sealed."""
        return self.sealed + self.waiting

    @property
    def sealed_part(self) -> Fraction:
        """The share of recorded events that were sealed."""
        return Fraction(self.sealed, self.recorded)
