"""Copies near at hand: what this process has read out of Redis, so that a hit need not fetch, check and parse it again.

A copy has the vector of the entry it was read from and counts under the same condition: the fence stands, and the
stamps that Redis returns in the hit's one trip still give that vector. It is as fresh as the entry itself, and is never
written back.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from attendance.caching import keys

MOST_BYTES = 32 * 1024 * 1024
"""What the copies of a process may weigh; the one that was used longest ago goes first."""


@dataclass(frozen=True)
class Copy:
    """What was read, made ready for use.

    Attributes:
        value: the thing itself.
        vector: what the entry was loaded under.
        size: in bytes.
        refresh_at: from when on it is made anew, in milliseconds since 1970.
        ends_at: when it ends at the latest, in milliseconds since 1970.
    """

    value: Any
    vector: bytes
    size: int
    refresh_at: int
    ends_at: int

    @property
    def has_ended(self) -> bool:
        """Whether its time is over."""
        return time.time() * 1000 >= self.ends_at

    @property
    def is_due(self) -> bool:
        """Whether it is to be made anew while it is still served."""
        return time.time() * 1000 >= self.refresh_at


@dataclass
class Near:
    """The copies of one process."""

    copies: OrderedDict[tuple[str, str], Copy] = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, name: str) -> Copy | None:
        """Return the copy of an entry unless it has ended by the clock."""
        key = _key(name)
        with self.lock:
            copy = self.copies.get(key)
            if copy is None:
                return None
            if copy.has_ended:
                self._forget(key)
                return None
            self.copies.move_to_end(key)
            return copy

    def put(self, name: str, copy: Copy) -> None:
        """Keep a copy, and let the oldest ones go when all together weigh too much."""
        key = _key(name)
        with self.lock:
            self._forget(key)
            self.copies[key] = copy
            self.size += copy.size
            while self.size > MOST_BYTES:
                self._forget(next(iter(self.copies)))

    def forget(self, name: str) -> None:
        """Let one copy go."""
        with self.lock:
            self._forget(_key(name))

    def drop(self) -> None:
        """Forget everything."""
        with self.lock:
            self.copies.clear()
            self.size = 0

    def _forget(self, key: tuple[str, str]) -> None:
        copy = self.copies.pop(key, None)
        self.size -= copy.size if copy else 0


def _key(name: str) -> tuple[str, str]:
    """Return under what a copy is kept: what was signed with another SECRET_KEY is another entry."""
    return keys.entry(name), settings.SECRET_KEY


near = Near()
