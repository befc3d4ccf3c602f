"""A page that nothing changes ends all the same: with the time that its setting gives it."""

from datetime import timedelta

import pytest
import time_machine

from attendance import clock
from attendance.caching import keys, stamps
from tests.pages.every import Stage

LIVES = {"blockchain_statistics": 180, "student_list": 300}
"""Pages by resource, and how many seconds each is kept."""


def entries_of(resource: str) -> list[bytes]:
    """Return the keys in Redis of the kept copies of a page."""
    everything = stamps.client().scan_iter(match=f"{keys.entry(resource)}:*", count=1000)
    return [key for key in everything if not key.endswith(b":lock")]


def is_hit(stage: Stage, address: str) -> bool:
    return stage.cached("admin", address).why == "LuminaLearn; hit"


@pytest.mark.parametrize("resource", LIVES)
def test_its_entry_in_redis_lives_no_longer(stage: Stage, resource: str) -> None:
    for _time in range(2):
        stage.cached("admin", stage.address(resource))
    (key,) = entries_of(resource)
    life: int = stamps.client().pttl(key)  # type: ignore[assignment]
    assert LIVES[resource] * 850 < life <= LIVES[resource] * 1000


@pytest.mark.parametrize("resource", LIVES)
def test_a_page_is_a_hit_until_its_time_is_over_and_then_made_anew(anywhere: str, stage: Stage, resource: str) -> None:
    address, now = stage.address(resource), clock.now()
    with time_machine.travel(now, tick=False) as traveller:
        for _time in range(3):
            before = stage.cached("admin", address)
        assert is_hit(stage, address)
        traveller.move_to(now + timedelta(seconds=LIVES[resource] * 0.89))
        assert is_hit(stage, address)
        for key in entries_of(resource) if anywhere == "redis" else ():
            assert 0 < int(stamps.client().pttl(key)) <= LIVES[resource] * 1000  # type: ignore[arg-type]
            stamps.client().pexpireat(key, 1)  # Redis ends it by its own clock, which does not travel.
        traveller.move_to(now + timedelta(seconds=LIVES[resource]))
        anew = stage.cached("admin", address)
        assert "hit" not in anew.why and anew == before
