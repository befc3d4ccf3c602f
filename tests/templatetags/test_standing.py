"""The sentences beside a percentage are checked by counting, not by comparing words with words."""

import re
from fractions import Fraction

import pytest
from hypothesis import given

from attendance.models import Status
from attendance.queries.percentage import Standing
from attendance.templatetags.look import mark, percent
from attendance.templatetags.standing import denominator, numerator, reach_sentence, tone
from tests.queries.test_percentage import standing, standings


@pytest.mark.parametrize(
    ("share", "text"), [(Fraction(3, 4), "75.0"), (Fraction(7496, 10000), "74.9"), (Fraction(1), "100.0")]
)
def test_a_percentage_is_never_rounded_up_to_its_target(share: Fraction, text: str) -> None:
    assert percent(share) == f"{text}\N{NARROW NO-BREAK SPACE}%"


def test_the_formula_names_its_numbers() -> None:
    amira = standing(present=12, late=1, left_early=2, absent=4, excused=1, exempt=2)
    assert numerator(amira) == "12 present + 1 late + 2 left early × 50 %"
    assert denominator(amira) == "22 lectures − 1 excused − 2 exempt"


def test_the_formula_names_what_was_left_out() -> None:
    bilal = standing(present=2, left_early=1, absent=1, drop=2)
    assert numerator(bilal) == "2 present + 1 left early × 50 % − 0.5 of lectures left out"
    assert denominator(bilal) == "4 lectures − 2 lowest left out"


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (standing(present=14, absent=4, remaining=6), "To finish at 75 % or more, attend 4 of the next 6."),
        (standing(present=12, absent=5, remaining=3), "At risk. Can still reach 75 %: attend all of the next 3."),
        (standing(present=11, absent=5, remaining=6), "At risk. Can still reach 75 %: attend all of the next 6."),
        (standing(present=11, absent=7, remaining=6), "Cannot reach 75 % any more; the best possible is 70.8 %."),
        (standing(present=30, remaining=1), "Finishes at 75 % or more, whatever comes."),
        (standing(present=3, absent=1, remaining=1), "To finish at 75 % or more, attend the next lecture."),
        (standing(present=3, absent=1), "All lectures are over."),
        (standing(), ""),
    ],
)
def test_the_sentences(who: Standing, sentence: str) -> None:
    expected = sentence.replace("70.8 %", percent(Fraction(17, 24)))
    assert reach_sentence(who, 75) == expected


@given(standings)
def test_what_a_sentence_says_is_true(anybody: Standing) -> None:
    sentence, target = reach_sentence(anybody, 75), Fraction(3, 4)
    promised = re.search(r"attend (\d+) of the next (\d+)", sentence)
    if promised:
        needed, remaining = map(int, promised.groups())
        assert remaining == anybody.remaining
        assert finishes(anybody, needed) >= target > finishes(anybody, needed - 1)
    if "all of the next" in sentence or "the next lecture" in sentence:
        assert finishes(anybody, anybody.remaining) >= target > finishes(anybody, anybody.remaining - 1)
    if "Cannot" in sentence:
        assert finishes(anybody, anybody.remaining) < target
        assert tone(anybody, 75) == "bad"
    if "whatever comes" in sentence:
        assert finishes(anybody, 0) >= target


def finishes(anybody: Standing, attended: int) -> Fraction:
    """Return the final share; one that does not exist, because all was excused, is below every target."""
    share = anybody.after(attended).share
    return Fraction(-1) if share is None else share


@pytest.mark.parametrize("status", ["", *Status.values])
def test_every_mark_has_a_word(status: str) -> None:
    label = Status(status).label if status else "Blank"
    assert f'aria-label="{label}"' in mark(status)
    assert 'aria-hidden="true"' in mark(status, "s", False)
