"""What filters of every page make of values."""

from datetime import timedelta

import pytest

from attendance.templatetags.look import in_words


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=9.04), "9.0 s"),
        (timedelta(minutes=5, seconds=20), "5 min"),
        (timedelta(hours=30, minutes=40), "30 h 40 min"),
        (timedelta(seconds=-3), "0.0 ms"),
    ],
)
def test_a_length_of_time_is_said_in_the_unit_that_fits(time: timedelta, words: str) -> None:
    assert in_words(time) == words
