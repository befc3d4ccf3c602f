"""What changed since when: the only place that knows how PostgreSQL and SQLite differ in telling it.

A *position* is what had been committed at one moment. On PostgreSQL it is a snapshot (`pg_current_snapshot()`): ids of
transactions are given at their start and become visible at their end, so a highest id would pass over one that was
given early and committed late. On SQLite writers are serial, so the highest outbox id is enough.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

KEPT = timedelta(minutes=10)
"""How long outbox rows stay. A position older than that is behind the horizon."""


@dataclass(frozen=True)
class Change:
    """A tag that was dirtied, and what dirtied it: `<rule>:<id>:<verb>`."""

    tag: str
    cause: str


def read_changes(text: str) -> Iterator[Change]:
    """Yield the changes of one outbox row or notice: a line for each changed row, its cause and its tags with tabs."""
    for line in text.split("\n"):
        cause, *tags = line.split("\t")
        for tag in tags:
            yield Change(tag, cause)


def written_change(change: Change) -> str:
    """Return the text of an outbox row that holds one change."""
    return f"{change.cause}\t{change.tag}"


def _once_each(texts: Iterable[str]) -> tuple[Change, ...]:
    """Return the changes of outbox rows; of those to one tag the last one."""
    causes = {change.tag: change for text in texts for change in read_changes(text)}
    return tuple(causes.values())


@dataclass(frozen=True)
class News:
    """What changed since a position, up to `position`; with `lost` nobody can tell any more, so anything may have."""

    changes: tuple[Change, ...]
    position: str
    lost: bool

    def concerns(self, tags: Iterable[str]) -> bool:
        """Say whether any of these tags was dirtied, or nobody can tell any more."""
        return self.lost or not {change.tag for change in self.changes}.isdisjoint(tags)


# A database that was set back to a backup would go on as if nothing had happened, with another past. What a position is
# worth there is told by the start of the server and by the table itself, which a restore makes anew; copying a SQLite
# file back leaves no such trace, and `migrate` has to follow, which ends all entries.
_POSTGRESQL_HISTORY = """(
    SELECT bound, concat_ws('.', identity, 'caching_horizon'::regclass::oid,
                            extract(epoch FROM pg_postmaster_start_time())) AS history
    FROM caching_horizon
) horizon"""
_POSTGRESQL_NEWS = f"""
SELECT position, NOT known, changes
FROM (
    SELECT bound, history || '/' || pg_current_snapshot()::text AS position,
           history = %(history)s
           AND pg_snapshot_xmin(%(since)s::pg_snapshot) >= bound
           AND pg_snapshot_xmax(%(since)s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) AS known
    FROM {_POSTGRESQL_HISTORY}
) present LEFT JOIN LATERAL (
    SELECT changes FROM caching_outbox
    WHERE known AND xid >= pg_snapshot_xmin(%(since)s::pg_snapshot)
    AND NOT pg_visible_in_snapshot(xid, %(since)s::pg_snapshot)
) news ON true
"""
_SQLITE_NEWS = """
SELECT position, NOT known, changes
FROM (
    SELECT identity || '/' || last AS position,
           identity = %(history)s AND %(since)s >= bound AND %(since)s <= last AS known
    FROM (
        SELECT identity, bound,
               coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'caching_outbox'), 0) AS last
        FROM caching_horizon
    ) present
) judged LEFT JOIN (
    SELECT changes FROM caching_outbox WHERE id > %(since)s
) news ON known
"""
_POSTGRESQL_POSITION = f"SELECT history || '/' || pg_current_snapshot()::text FROM {_POSTGRESQL_HISTORY}"
_SQLITE_POSITION = """
SELECT identity || '/' || coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'caching_outbox'), 0)
FROM caching_horizon
"""


def position() -> str:
    """Return what is committed now; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL_POSITION if connection.vendor == "postgresql" else _SQLITE_POSITION)
        found: str = cursor.fetchone()[0]
    return found


def changes_since(since: str | None) -> News:
    """Return what became visible after a position, and the position up to which that is all; one statement.

    Whether the position lies behind the horizon is judged in that same statement: judged apart, a purge in between
    could take rows away that the second statement would then miss. A position that is None, or was taken from another
    database or from this one before it was set back, is lost as well.
    """
    history, mark = _parts(since)
    with connection.cursor() as cursor:
        cursor.execute(
            _POSTGRESQL_NEWS if connection.vendor == "postgresql" else _SQLITE_NEWS,
            {"history": history, "since": mark},
        )
        rows = cursor.fetchall()
    here, lost = rows[0][0], bool(rows[0][1])
    return News(_once_each(changes for _, _, changes in rows if changes is not None), here, lost)


def _parts(since: str | None) -> tuple[str, str | int]:
    """Return (history, mark) of a position; of none, and of what is no position at all, what no database has."""
    found = _POSITION.fullmatch(since or "")
    if connection.vendor == "postgresql":
        return (found[1], found[2]) if found and ":" in found[2] else ("", "1:1:")
    return (found[1], int(found[2])) if found and ":" not in found[2] else ("", 0)


_POSITION = re.compile(r"([0-9a-f.-]+)/([0-9]{1,18}|[0-9]{1,18}:[0-9]{1,18}:[0-9,]*)")


def changes_after(seen: int) -> tuple[tuple[Change, ...], int]:
    """Return what anybody dirtied after an outbox id, and the last id; one statement, on SQLite only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes, id FROM caching_outbox WHERE id > %s ORDER BY id", [seen])
        rows = cursor.fetchall()
    return _once_each(changes for changes, _ in rows), rows[-1][1] if rows else seen


_POSTGRESQL_PURGE = [
    """
    UPDATE caching_horizon SET bound = greatest(bound, least(
        pg_snapshot_xmin(pg_current_snapshot()),
        (SELECT coalesce(max(xid::text::bigint) + 1, 0)::text::xid8 FROM caching_outbox
         WHERE created_at < clock_timestamp() - make_interval(secs => %(kept)s))
    ))
    """,
    "DELETE FROM caching_outbox WHERE xid < (SELECT bound FROM caching_horizon)",
]
_SQLITE_PURGE = [
    """
    UPDATE caching_horizon SET bound = max(bound, coalesce((
        SELECT max(id) FROM caching_outbox
        WHERE created_at < datetime('now', -%(kept)s || ' seconds')
    ), 0))
    """,
    "DELETE FROM caching_outbox WHERE id <= (SELECT bound FROM caching_horizon)",
]


def purge(kept: timedelta = KEPT) -> None:
    """Move the horizon up to what is older than that and delete the rows before it; to be called in a transaction.

    The horizon never moves back, so two purges may overlap; on PostgreSQL it never passes a transaction that still
    runs, because its rows will become visible later and must be found then. Age decides, not delivery.
    """
    with connection.cursor() as cursor:
        for statement in _POSTGRESQL_PURGE if connection.vendor == "postgresql" else _SQLITE_PURGE:
            cursor.execute(statement, {"kept": kept.total_seconds()} if "%(kept)s" in statement else None)


def purge_now() -> None:
    """Purge in a transaction of its own."""
    with transaction.atomic():
        purge()
