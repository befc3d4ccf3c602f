"""Values kept by hand: where each one lies, how it is found, kept and ended; `face` is how others say so.

Such a value follows no row. From the text of its key follow the stamps it hangs on: `manual`,
`manual.resource=<resource>`, `manual.scope=<resource>:<organisation>` and `manual.key=<key>`. To end any number of
values is to replace one of these. It goes through the outbox like every write: it takes part in the transaction around
it, reaches the memory of each process, and is made up for when Redis is away.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import md5
from urllib.parse import quote
from uuid import UUID, uuid4

from django.db import connection, transaction
from redis.exceptions import RedisError

from attendance.caching import (
    bypass,
    causes,
    counters,
    entries,
    flights,
    index,
    journal,
    memory,
    outbox,
    rounds,
    stamps,
    told,
)
from attendance.caching.breaker import redis_breaker
from attendance.caching.causes import Missed
from attendance.caching.entries import Taken
from attendance.caching.index import Place
from attendance.caching.models import Horizon
from attendance.caching.outbox import Change
from attendance.caching.rules import with_table_tags

LONGEST_KEY = 200
MOST_MISSED = 100
_PLAIN = " /@,+=()"
_UNSPEAKABLE = "A key is printable text without *, and begins with a resource; {!r} is not one."


# --- Where ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """Where a value is kept: its key, which tells its resource, its name among all entries, and its tags."""

    key: str

    @property
    def resource(self) -> str:
        """The part before the first colon."""
        return self.key.partition(":")[0]

    @property
    def shelf(self) -> str:
        """What counts as one resource in memory: a key without further parts is none of its own."""
        return self.resource if ":" in self.key else "manual"

    @property
    def name(self) -> str:
        """The name of the entry, which no cached accessor's entry has."""
        return f"{self.resource}:manual:{self.key}"

    @property
    def organisation(self) -> str:
        """The part between the first and the second colon, empty when there is none."""
        return [*self.key.split(":"), ""][1]

    @property
    def place(self) -> Place:
        """Where the value is listed and counted."""
        return Place(self.resource, self.organisation)

    @property
    def tags(self) -> list[str]:
        """The stamps that the value hangs on."""
        resource, *rest = self.key.split(":")
        scopes = [f"manual.scope={resource}:{rest[0]}"] if rest else []
        return with_table_tags([f"manual.resource={resource}", f"manual.key={self.key}", *scopes])


def address_of(key: str) -> Address:
    """Return where the value of a key is kept; of a key over 200 characters what follows the organisation is hashed.

    Raises:
        ValueError: the key is empty, has no resource, or holds a * or something unprintable.
    """
    resource, *rest = key.split(":")
    if not resource or not key.isprintable() or "*" in key:
        raise ValueError(_UNSPEAKABLE.format(key))
    if len(key) <= LONGEST_KEY:
        return Address(key)
    readable = [resource, rest[0]] if len(rest) > 1 else []
    return Address(":".join([*readable, md5(key.encode(), usedforsecurity=False).hexdigest()]))


def spelled(resource: str, org: UUID | str | int, params: Mapping[str, object]) -> str:
    """Return the key of a resource of an organisation: parameters by name, those that are None left out.

    A colon or a sign that a key cannot hold is written as in addresses (`%3A`), so that no two requests share a key.

    Raises:
        ValueError: no organisation is named.
    """
    if not org:
        raise ValueError(f"{resource} belongs to an organisation; name one.")
    present = sorted((name, value) for name, value in params.items() if value is not None)
    parts = [resource, organisation_id(org), *(str(part) for pair in present for part in pair)]
    return ":".join(quote(part, safe=_PLAIN) for part in parts)


def organisation_id(org: UUID | str | int) -> str:
    """Return an organisation's id in one spelling, whichever of a UUID's it came in."""
    try:
        return UUID(str(org)).hex
    except ValueError:
        return str(org)


# --- Finding and keeping ----------------------------------------------------------------------------------------------


class _Missed(threading.local):
    """What held when this thread last missed a key: a vector of Redis, or a position of the database in memory.

    What is kept under the key next was loaded after that, so it hangs on it: had it been ended in between by somebody
    else, it would be born dead.
    """

    def __init__(self) -> None:
        self.marks: dict[str, Taken | str] = {}

    def note(self, name: str, mark: Taken | str) -> None:
        if len(self.marks) >= MOST_MISSED:
            del self.marks[next(iter(self.marks))]
        self.marks[name] = mark


_missed = _Missed()


def look_up(address: Address) -> bytes | Missed:
    """Return what is kept there, or why nothing is."""
    if redis_breaker.allows():
        try:
            return _from_redis(address)
        except RedisError as error:
            redis_breaker.failed(error)
    return _from_memory(address)


def _from_redis(address: Address) -> bytes | Missed:
    look = flights.look_at([address.name], address.tags)
    memory.redis_answered()
    found = look.reading(address.name, address.tags).value
    if found is not None:
        return found
    _missed.note(address.name, entries.take(address.tags))
    if not look.fenced:
        return Missed(causes.LOST)
    [ends_at] = stamps.try_each(index.asked(address.place, address.name))
    missed = look.missed(address.name, address.tags)
    return index.explained(missed, ends_at if isinstance(ends_at, float) else None)


def _from_memory(address: Address) -> bytes | Missed:
    found = memory.memory.get(address.shelf, address.name)
    if isinstance(found, Missed):
        _missed.note(address.name, outbox.position())
    return found


def keep(address: Address, value: bytes, timeout: timedelta) -> None:
    """Keep a value in Redis, or in memory while there is none, under the mark of the last miss if there was one."""
    mark = _missed.marks.pop(address.name, None)
    try:
        kept = _keep_in_redis if redis_breaker.allows() else _keep_in_memory
        if kept(address, value, timeout, mark):
            counters.stored(address.resource, address.organisation, timeout, len(value), 0)
    except RedisError as error:
        redis_breaker.failed(error)


def _keep_in_redis(address: Address, value: bytes, timeout: timedelta, mark: Taken | str | None) -> bool:
    taken = entries.take(address.tags) if mark is None else mark
    if isinstance(taken, str):  # A position, from a moment without Redis: nobody knows what happened since.
        return False
    entries.store(address.name, taken, value, timeout, None, address.place)
    return True


def _keep_in_memory(address: Address, value: bytes, timeout: timedelta, mark: Taken | str | None) -> bool:
    position = outbox.position() if mark is None else mark
    if not isinstance(position, str):  # A vector, from a moment with Redis.
        return False
    ends_at = time.time() + timeout.total_seconds()
    item = memory.Item(value, address.tags, position, ends_at, organisation=address.organisation)
    memory.memory.put(address.shelf, address.name, item)
    return True


# --- Ending -----------------------------------------------------------------------------------------------------------


def end(tag: str, cause: str, subject: str) -> None:
    """Dirty a tag through the outbox; the statement is seen like any other write, and stamps follow on commit.

    Args:
        tag: one of an address's, or the table tag of a rule.
        cause: why, as `<rule>:<id>:<verb>`.
        subject: what the log calls it.
    """
    end_all([Change(tag, cause)], subject)


def end_all(changes: Sequence[Change], subject: str) -> None:
    """Dirty several tags likewise, in one statement and with one line in the log."""
    asked = [Change(change.tag, change.cause + journal.ON_REQUEST) for change in changes]
    for change in asked:
        told.note(connection, change)
    with connection.cursor() as cursor:
        text = "\n".join(outbox.written_change(change) for change in asked)
        cursor.execute("INSERT INTO caching_outbox (changes) VALUES (%s)", [text])
    _missed.marks.clear()
    transaction.on_commit(lambda: journal.invalidated(subject))


def end_everything(subject: str = "everything") -> None:
    """End every value of every organisation, cached accessors' too.

    The database gets a new identity, so each process, and a Redis that is away now, find out later on their own.
    """
    Horizon.objects.update(identity=uuid4().hex)
    transaction.on_commit(lambda: _begin_anew(subject))


def _begin_anew(subject: str) -> None:
    _missed.marks.clear()
    memory.memory.drop()
    if redis_breaker.configured and not redis_breaker.attempt(_new_epoch):
        bypass.begin()
    journal.invalidated(subject)


def _new_epoch() -> None:
    # The round finds the new identity and begins an epoch, unless another one that had read the old one overtook it.
    if not rounds.run_now():
        stamps.new_epoch()
