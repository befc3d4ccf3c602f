"""Lookups: what one read is called in the cache, whose it is, what it depends on, and how to load it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from attendance.caching.index import Place
from attendance.caching.rules import with_table_tags


@dataclass(frozen=True)
class Lookup:
    """One call of an accessor, or one request for a page.

    Attributes:
        resource: what it is one of; log and figures speak of that.
        name: what the entry is called.
        tags: what it depends on.
        timeout: how long the entry lives at most.
        load: makes the value.
        organisation: for whose figures it counts; empty for none.
    """

    resource: str
    name: str
    tags: Sequence[str]
    timeout: timedelta
    load: Callable[[], bytes]
    organisation: str = ""

    @property
    def place(self) -> Place:
        """Where its entry is listed."""
        return Place(self.resource, self.organisation)


def kept_of(resource: str, organisation: str | None) -> str:
    """Return the tag of all entries of a resource, or of those of one organisation: who clears them, dirties it."""
    return f"kept:{resource}" if organisation is None else f"kept:{resource}.organisation={organisation}"


def tags_for(resource: str, organisation: str, tags: Sequence[str]) -> list[str]:
    """Return everything that an entry depends on: its own tags, their tables, and what it ends by when cleared."""
    return with_table_tags([*tags, kept_of(resource, organisation)])
