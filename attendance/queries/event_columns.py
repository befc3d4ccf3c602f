"""The columns of an event's row that repeat what its text says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

COLUMNS = {
    "event": "event_id",
    "organisation": "organisation_id",
    "kind": "kind",
    "lecture": "lecture_id",
    "student": "student_id",
    "actor": "actor_id",
    "from": "from_status",
    "to": "to_status",
    "how": "method",
    "scanned_at": "scanned_at",
    "received_at": "received_at",
    "schema": "schema_version",
}
"""The names that a text has for what columns repeat."""


def told_by_columns(row: Mapping[str, Any]) -> dict[str, str | int | None]:
    """Return what the columns of a row say, as a text says it and by its names; nothing, in whichever form, is None."""
    return {name: _as_told(row[column]) for name, column in COLUMNS.items()}


def _as_told(value: Any) -> str | int | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value or None
