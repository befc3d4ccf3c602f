"""Lookups of the tests' own, for what stands below accessors and pages."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from attendance.caching import causes
from attendance.caching.causes import Missed
from attendance.caching.lookups import Lookup

COLD = Missed(causes.COLD)


def lookup(name: str, tags: Sequence[str], load: Callable[[], bytes]) -> Lookup:
    """Return a read of the resource `rooms` that lives a minute at most."""
    return Lookup("rooms", name, tags, timedelta(seconds=60), load)
