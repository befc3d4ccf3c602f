"""The checker of the fault tests: it finds what is wrong, and excuses only what a loss explains."""

import json
from pathlib import Path

import pytest

from tests.faults.cache_checker import Loss, Story

LOSS = [Loss(begins=5.0, ends=6.0)]


def story(folder: Path, *, write: tuple[float, float], read: tuple[float, float]) -> Story:
    """One write of the first seat, and one read that did not see it; each from when to when."""
    events = [
        {"kind": "write", "value": 1, "asked": write[0], "answered": write[1], "confirmed": True},
        {"kind": "read", "value": 0, "asked": read[0], "answered": read[1], "source": "redis", "own": 0},
    ]
    journal = folder / "first.journal"
    journal.write_text("".join(json.dumps({"room": "hall", **event}) + "\n" for event in events))
    return Story([journal])


@pytest.mark.parametrize(
    ("write", "read"),
    [
        ((1.0, 1.1), (7.0, 7.1)),  # on either side of the loss
        ((1.0, 1.1), (4.9, 6.1)),  # the read was under way when Redis was lost, and met the other one
        ((5.9, 6.1), (6.2, 6.3)),  # the write was confirmed by the lost one, and came back late
    ],
)
def test_what_a_loss_explains_is_excused(tmp_path: Path, write: tuple[float, float], read: tuple[float, float]) -> None:
    assert story(tmp_path, write=write, read=read).older_than_confirmed(LOSS) == []


@pytest.mark.parametrize(
    ("write", "read"),
    [
        ((1.0, 1.1), (2.0, 2.1)),  # both before the loss
        ((1.0, 1.1), (4.8, 4.9)),
        ((6.1, 6.2), (7.0, 7.1)),  # both after it
    ],
)
def test_what_it_does_not_explain_is_found(
    tmp_path: Path, write: tuple[float, float], read: tuple[float, float]
) -> None:
    [(found, lacked)] = story(tmp_path, write=write, read=read).older_than_confirmed(LOSS)
    assert (found.asked, [each.value for each in lacked]) == (read[0], [1])


def test_without_a_loss_nothing_is_excused(tmp_path: Path) -> None:
    assert len(story(tmp_path, write=(1.0, 1.1), read=(7.0, 7.1)).older_than_confirmed()) == 1
