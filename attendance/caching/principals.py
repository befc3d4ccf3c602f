"""Principals: who a session belongs to, kept beside the pages so that a hit needs no query.

The invariant kept here: a principal counts only while the stamps of its session, its person and whatever else it was
made of are the present ones. They are taken before the principal is loaded; which they are is foreseen
from the session, and what was loaded has to agree.

A principal holds no password, key or token, is signed like every entry, and lives ten minutes at most.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.http import HttpRequest

from attendance.caching import entries
from attendance.caching.near import Copy, near
from attendance.caching.rules import with_table_tags

LIFE = timedelta(minutes=10)
REMEMBERED = timedelta(hours=12)
"""For how long it is remembered what a principal depended on: a day at the university, seen from its first page."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """The reader of a page as far as the engine cares; a product adds fields that JSON can spell.

    Attributes:
        user: the id of the person.
        role: as what the person reads.
        organisation: whose rows the person reads.
        language: the one chosen, empty for the browser's.
        zone: the time zone in which pages show times.
        ends_at: when the session ends, in seconds since 1970.
        sees_why: whether answers tell this reader why they were a hit or a miss.
    """

    user: int
    role: str
    organisation: str
    language: str
    zone: str
    ends_at: float
    sees_why: bool

    @property
    def reads_everything(self) -> bool:
        """Whether which rows this reader sees follows from role and organisation alone."""
        return False


@dataclass(frozen=True)
class Held:
    """A principal with the tags it hangs on and the vector it was made under."""

    principal: Any
    tags: list[str]
    vector: bytes


@dataclass
class Source:
    """Where principals come from; the product says so once, when the process starts.

    Attributes:
        kind: its class of principals.
        foresee: returns what the principal of a session key will depend on, None when there is no such session.
        load: returns that principal, None when nobody is signed in with it.
        person: returns whom a view that makes a page takes for its reader; what else is true of the person, the view
            asks the database for. None lets it ask who the reader is, too.
        tags: returns what a principal depends on.
        sees_why: says of a request that a view answered whether its reader is told why it was not a hit.
        answered: says of a request that a view answered whether it took its reader for that principal. Somebody may
            have become somebody else in between, and what the view made is then no page of that principal's.
    """

    kind: type[Principal] = Principal
    foresee: Callable[[str], list[str] | None] = lambda session_key: None
    load: Callable[[str], Any] = lambda session_key: None
    person: Callable[[Any], Any] = lambda principal: None
    tags: Callable[[Any], list[str]] = lambda principal: []
    sees_why: Callable[[HttpRequest], bool] = lambda request: False
    answered: Callable[[HttpRequest, Any], bool] = lambda request, principal: True

    def connect(self, other: "Source") -> None:
        """Put another source in the place of this one."""
        self.kind, self.foresee, self.load = other.kind, other.foresee, other.load
        self.person, self.tags = other.person, other.tags
        self.sees_why, self.answered = other.sees_why, other.answered

    def tags_of(self, principal: Any) -> list[str]:
        """Return what a principal depends on, the table tags included."""
        return with_table_tags(self.tags(principal))


source = Source()


def name_of(session_key: str) -> str:
    """Return what the principal of a session is called: the key itself is written nowhere."""
    return f"principal:{sha256(session_key.encode()).hexdigest()}"


def names_of(session_key: str) -> list[str]:
    """Return what everything is called that is kept of whoever a session belongs to."""
    return [name_of(session_key), _dependence_of(session_key)]


def find(session_key: str) -> Held | None:
    """Return the principal that is kept for a session, to be held against the present stamps; one trip at most.

    Raises:
        RedisError: Redis does not answer.
    """
    name = name_of(session_key)
    copy = near.get(name)
    if copy is not None:
        held: Held = copy.value
        return held
    found = entries.stored(name)
    if found is None:
        return None
    kept = json.loads(found.value)
    held = Held(source.kind(**kept["principal"]), kept["tags"], found.vector)
    ends_at = min(found.ends_at, found.valid_until)
    near.put(name, Copy(held, found.vector, len(found.value), found.refresh_at, ends_at))
    return held


def introduce(session_key: str) -> Held | None:
    """Make and keep the principal of a session; None when nobody is signed in with it, or while it is changing.

    What it will depend on is mostly what it depended on the last time, and need not be foreseen then: whatever is
    loaded is held against it.

    Raises:
        RedisError: Redis does not answer.
    """
    near.forget(name_of(session_key))
    remembered = entries.stored(_dependence_of(session_key))
    held = _made(session_key, json.loads(remembered.value)) if remembered else None
    if held is not None:
        return held
    foreseen = source.foresee(session_key)
    return None if foreseen is None else _made(session_key, with_table_tags(foreseen))


def _made(session_key: str, tags: list[str]) -> Held | None:
    """Load and keep the principal that depends on these tags; None when it depends on others, or there is none."""
    taken = entries.take(tags)
    principal = source.load(session_key)
    if principal is None or source.tags_of(principal) != tags:
        return None
    value = json.dumps({"principal": asdict(principal), "tags": tags}).encode()
    end = datetime.fromtimestamp(principal.ends_at, UTC)
    entries.store(name_of(session_key), taken, value, LIFE, valid_until=end)
    entries.store(_dependence_of(session_key), taken, json.dumps(tags).encode(), REMEMBERED, valid_until=end)
    return Held(principal, tags, taken.vector)


def _dependence_of(session_key: str) -> str:
    """Return what the tags of a session's principal are called, which outlive the principal and decide nothing."""
    return f"dependence:{sha256(session_key.encode()).hexdigest()}"
