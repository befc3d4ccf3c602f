"""What the database tells a connection of its own writes.

On PostgreSQL the triggers send the tags along with the answer to the statement, as a notice that only connections hear
which asked for it: no question is needed, a write that dirties nothing costs nothing, and a function that writes behind
a SELECT is heard of as well. On SQLite, which has no notices, the outbox is asked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import Diagnostic

from attendance.caching import outbox
from attendance.caching.outbox import Change
from attendance.caching.triggers import NOTICE, TELL

_TOLD = "caching_told"
"""Under this name a connection to PostgreSQL holds what it was told."""


@dataclass
class _Told:
    """What is to be replaced, by tag, until that is done; `is_new` from a notice until somebody saw to it."""

    causes: dict[str, str] = field(default_factory=dict)
    is_new: bool = False

    def hear(self, notice: Diagnostic) -> None:
        """Take a notice in, if it is one of ours."""
        first, _newline, changes = (notice.message_primary or "").partition("\n")
        if first == NOTICE:
            self.note(outbox.read_changes(changes))

    def note(self, changes: Iterable[Change]) -> None:
        """Remember what is to be replaced."""
        self.causes.update((change.tag, change.cause) for change in changes)
        self.is_new = True


_process = SimpleNamespace(seen=0)
"""On SQLite: the last outbox id whose stamps this process has replaced. The rows of all writers are read, so what one
thread replaced need not be replaced by another; it counts only once that is done, so no thread relies on another one
that is still on its way."""


def _told(connection: BaseDatabaseWrapper) -> _Told:
    if not hasattr(connection, _TOLD):
        setattr(connection, _TOLD, _Told())
    told: _Told = getattr(connection, _TOLD)
    return told


def listen(connection: BaseDatabaseWrapper) -> None:
    """Ask a new connection to PostgreSQL to be told, and remember what it says."""
    connection.connection.add_notice_handler(_told(connection).hear)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT set_config('{TELL}', 'on', false), set_config('client_min_messages', 'notice', false)")


def note(connection: BaseDatabaseWrapper, change: Change) -> None:
    """Remember a change of the outbox that no trigger makes, before the statement that makes it."""
    if connection.vendor == "postgresql":
        _told(connection).note([change])


def has_news(connection: BaseDatabaseWrapper) -> bool:
    """Say whether the connection to PostgreSQL was told of anything since this was asked last."""
    told = _told(connection)
    is_new, told.is_new = told.is_new, False
    return is_new


def changes(connection: BaseDatabaseWrapper) -> tuple[tuple[Change, ...], Callable[[], None]]:
    """Return what is to be replaced, and a function to call once that is done."""
    if connection.vendor != "postgresql":
        found, last = outbox.changes_after(_process.seen)
        return found, lambda: setattr(_process, "seen", last)
    causes = _told(connection).causes
    return tuple(Change(tag, cause) for tag, cause in causes.items()), causes.clear
