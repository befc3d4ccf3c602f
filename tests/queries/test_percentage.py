"""The percentage as mathematics: its definition on small cases by hand, its promises on random ones."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.models import Status
from attendance.queries.percentage import Policy, Standing

PLAIN = {
    Status.PRESENT: Fraction(1),
    Status.LATE: Fraction(1),
    Status.LEFT_EARLY: Fraction(1, 2),
    Status.REMOTE: Fraction(1),
    Status.ABSENT: Fraction(0),
}


def standing(
    *, blanks: int = 0, remaining: int = 0, drop: int = 0, blank_absent: bool = False, **counts: int
) -> Standing:
    policy = Policy(PLAIN, blank_counts_absent=blank_absent, drop_lowest=drop)
    return Standing(policy, {Status(name): number for name, number in counts.items()}, blanks, remaining)


def test_fourteen_of_eighteen() -> None:
    amira = standing(present=12, late=1, remote=1, absent=4, excused=1)
    assert (amira.points, amira.counted, amira.share) == (14, 18, Fraction(7, 9))


def test_half_of_a_lecture_left_early() -> None:
    assert standing(present=1, left_early=1).share == Fraction(3, 4)


def test_nothing_counts_when_all_is_excused() -> None:
    assert standing(excused=3, exempt=1).share is None


def test_a_blank_is_left_out_unless_the_policy_counts_it() -> None:
    assert standing(present=1, blanks=1).share == 1
    assert standing(present=1, blanks=1, blank_absent=True).share == Fraction(1, 2)


def test_the_worst_marks_are_dropped_first() -> None:
    bilal = standing(present=2, left_early=1, absent=2, drop=3)
    assert (bilal.dropped, bilal.points, bilal.counted, bilal.share) == (3, 2, 2, 1)


def test_one_lecture_always_remains() -> None:
    assert standing(absent=2, drop=5).counted == 1


@pytest.mark.parametrize(
    ("counts", "remaining", "needed"),
    [
        ({"present": 14, "absent": 4}, 6, 4),
        ({"present": 12, "absent": 6}, 6, 6),
        ({"present": 11, "absent": 7}, 6, None),
        ({"present": 30, "absent": 0}, 6, 0),
        ({}, 4, 3),
    ],
)
def test_how_many_of_the_next_lectures_it_takes(counts: dict[str, int], remaining: int, needed: int | None) -> None:
    assert standing(**counts, remaining=remaining).reach(75).needed == needed


numbers = st.integers(min_value=0, max_value=12)
standings = st.builds(
    standing,
    blanks=numbers,
    remaining=numbers,
    drop=st.integers(min_value=0, max_value=4),
    blank_absent=st.booleans(),
    **{status.value: numbers for status in Status},
)


@given(standings)
def test_a_share_lies_between_nothing_and_everything(anybody: Standing) -> None:
    assert anybody.share is None or 0 <= anybody.share <= 1
    assert (anybody.share is None) == (anybody.counted == 0)


@given(standings)
def test_the_formula_equals_a_list_of_marks_walked_by_hand(anybody: Standing) -> None:
    worths = [worth for status, worth in PLAIN.items() for _ in range(anybody.number(status))]
    if anybody.policy.blank_counts_absent:
        worths += [Fraction(0)] * anybody.blanks
    worths.sort()
    kept = worths[min(anybody.policy.drop_lowest, max(len(worths) - 1, 0)) :]
    assert (anybody.points, anybody.counted) == (sum(kept), len(kept))


@given(standings, st.integers(min_value=1, max_value=100))
def test_the_needed_number_is_enough_and_one_less_is_not(anybody: Standing, target: int) -> None:
    reach = anybody.reach(target)
    shares = [anybody.after(attended).share for attended in range(anybody.remaining + 1)]
    fits = [share is not None and share >= Fraction(target, 100) for share in shares]
    assert fits == sorted(fits), "attending more never hurts"
    assert reach.needed == (fits.index(True) if any(fits) else None)


@given(standings, st.integers(min_value=0, max_value=100))
def test_halving_finds_what_trying_each_number_finds(anybody: Standing, target: int) -> None:
    shares = [anybody.after(attended).share for attended in range(anybody.remaining + 1)]
    enough = [number for number, share in enumerate(shares) if share is not None and share * 100 >= target]
    reach = anybody.reach(target)
    assert reach.needed == (enough[0] if enough else None)
    assert anybody.can_reach(target) == reach.possible == bool(enough)
