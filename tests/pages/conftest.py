"""What tests of cached pages need: committed rows, stamps that follow them, and a browser for everybody."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from attendance.caching import keys, memory, rounds, stamps
from attendance.caching.near import near
from tests.caching.conftest import calm, trips
from tests.cast import Campus
from tests.pages.every import Stage

__all__ = ["calm", "trips"]


@pytest.fixture
def stage(transactional_db: None, calm: None, campus: Campus) -> Stage:
    """Everything is there, and the cache may answer."""
    near.drop()
    made = Stage(campus)
    assert rounds.run_now()
    return made


@pytest.fixture
def forget_pages() -> Callable[[], None]:
    """A function after which no page is kept anywhere; who the readers are stays known."""

    def forget() -> None:
        memory.memory.drop()
        near.drop()
        for key in stamps.client().scan_iter(match=f"{keys.entry('')}*", count=1000):
            if b":principal:" not in key:
                stamps.client().delete(key)

    return forget


@pytest.fixture(params=["redis", "memory"])
def anywhere(request: pytest.FixtureRequest, stage: Stage, settings: Settings) -> str:
    """Where pages are kept."""
    where: str = request.param
    if where == "memory":
        settings.REDIS_URL = ""
    return where
