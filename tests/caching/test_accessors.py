"""What an accessor promises beside being fresh."""

from datetime import timedelta

import pytest

from attendance.caching.accessors import cached
from tests.caching.conftest import Rooms


def test_a_loader_that_fails_is_run_once(rooms: Rooms) -> None:
    loads: list[int] = []

    @cached("broken", timeout=timedelta(seconds=60), tags=lambda: ["room.id=1"])
    def broken() -> None:
        loads.append(1)
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        broken()
    assert len(loads) == 1
