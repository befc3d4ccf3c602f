"""The attendance percentage: its one definition, the numbers it comes from, and what can still be reached.

    share = points ÷ counted

`counted` are the lectures with a mark, less those excused or exempt; `points` is the sum of what each mark is worth by
the offering's policy. With `blank_counts_absent`, a lecture that was taken and left this student blank counts as well,
for nothing. With `drop_lowest` = n, the n worst marks leave both, as long as one lecture remains.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from attendance.models import Offering, Status

LEAVES_THE_FORMULA = (Status.EXCUSED, Status.EXEMPT)


@dataclass(frozen=True)
class Policy:
    """What a mark is worth, as a share of a full attendance; see `Offering`."""

    weights: Mapping[Status, Fraction]
    blank_counts_absent: bool
    drop_lowest: int

    COLUMNS: ClassVar = ("late_weight", "left_early_weight", "remote_weight", "blank_counts_absent", "drop_lowest")
    """The columns of an offering that say it."""

    @classmethod
    def of(cls, offering: Offering) -> "Policy":
        """Return the policy that an offering sets."""
        return cls.weighing(**{name: getattr(offering, name) for name in cls.COLUMNS})

    @classmethod
    def weighing(
        cls,
        *,
        late_weight: int,
        left_early_weight: int,
        remote_weight: int,
        blank_counts_absent: bool,
        drop_lowest: int,
    ) -> "Policy":
        """Return the policy that is spelled so, weights in percent."""
        weights = {
            Status.PRESENT: Fraction(1),
            Status.LATE: Fraction(late_weight, 100),
            Status.LEFT_EARLY: Fraction(left_early_weight, 100),
            Status.REMOTE: Fraction(remote_weight, 100),
            Status.ABSENT: Fraction(0),
        }
        return cls(weights, blank_counts_absent, drop_lowest)


@dataclass(frozen=True)
class Reach:
    """Whether a target can be met in the lectures to come, and with how many of them; `best` is the highest share."""

    target: Fraction
    remaining: int
    needed: int | None
    best: Fraction | None

    @property
    def possible(self) -> bool:
        """Whether attending everything that comes would do."""
        return self.needed is not None


@dataclass(frozen=True)
class Standing:
    """How a student stands in an offering: marks by status, taken lectures left blank, and lectures still to come."""

    policy: Policy
    counts: Mapping[Status, int]
    blanks: int = 0
    remaining: int = 0

    def number(self, status: Status) -> int:
        """Return how many marks of that status there are."""
        return self.counts.get(status, 0)

    @property
    def marked(self) -> int:
        """All lectures that have a say: those marked, and blank ones where the policy counts them."""
        return sum(self.counts.values()) + (self.blanks if self.policy.blank_counts_absent else 0)

    @property
    def left_out(self) -> int:
        """Lectures that leave the formula because they were excused or exempt."""
        return sum(self.number(status) for status in LEAVES_THE_FORMULA)

    @property
    def dropped_marks(self) -> list[tuple[Fraction, int]]:
        """Return (worth, how many) of the marks that the policy drops, worst first; none where it drops none."""
        to_drop = min(self.policy.drop_lowest, max(self.marked - self.left_out - 1, 0))
        if not to_drop:
            return []
        blanks = self.blanks if self.policy.blank_counts_absent else 0
        found = [(worth, self.number(status)) for status, worth in self.policy.weights.items()]
        dropped = []
        for worth, number in sorted([*found, (Fraction(0), blanks)]):
            dropped.append((worth, min(number, to_drop)))
            to_drop -= min(number, to_drop)
        return dropped

    @property
    def dropped(self) -> int:
        """How many lectures the policy leaves out as the worst."""
        return sum(number for _worth, number in self.dropped_marks)

    @property
    def points(self) -> Fraction:
        """The numerator."""
        weights = self.policy.weights
        earned = sum(
            (weights[status] * number for status, number in self.counts.items() if status in weights), Fraction(0)
        )
        return earned - sum((worth * number for worth, number in self.dropped_marks), Fraction(0))

    @property
    def counted(self) -> int:
        """The denominator."""
        return self.marked - self.left_out - self.dropped

    @cached_property
    def share(self) -> Fraction | None:
        """The percentage as a share between 0 and 1; None while nothing counts."""
        return self.points / self.counted if self.counted else None

    def after(self, attended: int) -> "Standing":
        """Return the standing at the end when that many of the remaining lectures are attended, the others missed."""
        counts = dict(self.counts)
        counts[Status.PRESENT] = self.number(Status.PRESENT) + attended
        counts[Status.ABSENT] = self.number(Status.ABSENT) + self.remaining - attended
        return replace(self, counts=counts, remaining=0)

    def can_reach(self, target_percent: int) -> bool:
        """Say whether attending every remaining lecture ends at that many percent or more."""
        return _is_enough(self.after(self.remaining).share, Fraction(target_percent, 100))

    def reach(self, target_percent: int) -> Reach:
        """Return how many of the remaining lectures it takes to finish at that many percent or more.

        Attending one more never lowers the share, so the number is found by halving.
        """
        target = Fraction(target_percent, 100)
        numbers = range(self.remaining + 1)
        needed = bisect_left(numbers, True, key=lambda attended: _is_enough(self.after(attended).share, target))
        best = self.after(self.remaining).share
        return Reach(target, self.remaining, needed if needed in numbers else None, best)


def _is_enough(share: Fraction | None, target: Fraction) -> bool:
    return share is not None and share >= target
