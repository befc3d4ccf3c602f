"""Drawings of the cache's figures: the widths and points follow from the numbers, and time runs with the script."""

import re

import pytest
from django.utils import translation

from attendance.templatetags.cache_drawings import meter, parts_bar, spark
from attendance.views.cache_words import Part


def path_of(drawing: str) -> str:
    found = re.search(r'<path d="([^"]*)"', drawing)
    assert found is not None
    return found[1]


def test_a_meter_is_as_wide_as_its_share_and_has_a_tick_at_its_target() -> None:
    drawing = meter(0.818, 70, "good")
    assert 'class="fill" width="81.8%"' in drawing
    assert 'class="target" x="70%"' in drawing
    assert "target" not in meter(0.818, None, "off")


def test_parts_stand_one_behind_the_other_and_fill_the_bar() -> None:
    drawing = parts_bar([Part("cause-1", 3, ""), Part("cause-2", 1, "")])
    assert '<rect class="cause-1" x="0.00%" width="75.00%" height="100%"/>' in drawing
    assert '<rect class="cause-2" x="75.00%" width="25.00%" height="100%"/>' in drawing


def test_an_hour_runs_from_start_to_end_and_a_minute_without_reads_is_a_gap() -> None:
    drawing = spark([(1, 0), (0, 1), (0, 0), (1, 1)], 50, "good")
    assert path_of(drawing) == "M0.0 2.0h0L37.3 26.0M112.0 14.0h0"
    assert 'class="target" d="M0 14.0H112"' in drawing
    assert "lowest 0 %, at last 50 %" in drawing


def test_an_hour_runs_to_the_left_in_arabic() -> None:
    with translation.override("ar"):
        assert path_of(spark([(1, 0), (0, 1)], None, "off")) == "M112.0 2.0h0L0.0 26.0"


@pytest.mark.parametrize("minutes", [[], [(0, 0)] * 60])
def test_an_hour_in_which_nothing_was_read_has_no_line(minutes: list[tuple[int, int]]) -> None:
    assert "<svg" not in spark(minutes, 85, "off")
