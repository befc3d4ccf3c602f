"""The audit of single events: each is what was sealed, or was erased by an event that names it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attendance.ledger.commitment import commitment
from attendance.ledger.erasure import Told, erased
from attendance.models import AttendanceEvent
from attendance.queries.event_columns import COLUMNS, told_by_columns

STORED = (*COLUMNS.values(), "body", "salt", "commitment", "erased_by_id")
"""The columns of an event that an audit reads."""
ROWS_AT_ONCE = 2000


class TamperedError(Exception):
    """A row that is not what was sealed; the sentence names it and says what is wrong."""


class EventAudit:
    """Checks events one by one, and remembers which erasures it found in order: a number each."""

    def __init__(self) -> None:
        """Prepare, with no erasure seen yet."""
        self._in_order: set[int] = set()

    def check(self, name: str, key: int, event: Mapping[str, Any]) -> None:
        """Make sure that an event is what was sealed.

        Args:
            name: what to call it.
            key: its id.
            event: its columns by name, those of `STORED`.

        Raises:
            TamperedError: text and columns are not what it was recorded with, its text is gone and no erasure names
                it, or it is an erasure and the events are not as it says.
        """
        if event["erased_by_id"] is not None:
            self._check_erased(name, event)
        else:
            _check_text(name, event)
            if event["kind"] == AttendanceEvent.Kind.PERSON_ERASED:
                self._check_erasure(key, event)

    def _check_erased(self, name: str, event: Mapping[str, Any]) -> None:
        """Make sure that nothing is left of a text, and that the event names the row by which it says it was erased."""
        if event["body"] is not None or event["salt"] is not None:
            raise TamperedError(f"{name}: it was erased, and a text or salt is there again.")
        key = event["erased_by_id"]
        if key in self._in_order:
            return
        erasure = AttendanceEvent.objects.filter(pk=key).values(*STORED).first()
        if erasure is None or erasure["kind"] != AttendanceEvent.Kind.PERSON_ERASED:
            raise TamperedError(f"{name}: its text is gone, and event {key}, which it names for that, erases nothing.")
        _check_text(f"{name}: its text is gone, and event {key} is to have erased it", erasure)
        self._check_erasure(key, erasure)

    def _check_erasure(self, key: int, erasure: Mapping[str, Any]) -> None:
        """Make sure that exactly those events are erased by an erasure that its text names, and are what they were."""
        if key in self._in_order:
            return
        told = json.loads(erasure["body"])
        found = erased(_rows_erased(key, told.get("person")))
        if (found.number, found.names) != (told.get("events"), told.get("erased")):
            raise TamperedError(_other_events(key, str(told.get("erased")).split(), found.names.split()))
        if found.digest != told.get("columns"):
            raise TamperedError(f"Event {key}: the columns of an event that it erased are not what they were then.")
        self._in_order.add(key)


def _rows_erased(key: int, person: object) -> Iterator[Told]:
    """Yield what the columns say of each event that names an erasure, in the order of their ids."""
    rows = AttendanceEvent.objects.filter(erased_by=key).order_by("event_id").values("pk", *STORED)
    for row in rows.iterator(ROWS_AT_ONCE):
        if row["student_id"] != person:
            raise TamperedError(f"Event {row['pk']} is not about whom event {key} erased.")
        if row["body"] is not None or row["salt"] is not None:
            raise TamperedError(f"Event {row['pk']} was erased, and a text or salt is there again.")
        yield told_by_columns(row)


def _other_events(key: int, named: list[str], found: list[str]) -> str:
    """Say which event an erasure names and did not erase, or the other way round."""
    for event in sorted(set(named) ^ set(found)):
        if event in named:
            return f"Event {key} erased the text of event {event}, and its row does not say so any more."
        return f"The text of event {event} is gone, and event {key}, which it names for that, does not say so."
    return f"Event {key} does not say how many texts it erased."


def _check_text(name: str, event: Mapping[str, Any]) -> None:
    """Make sure that the event's text is the one its commitment was made of, and that its columns say the same."""
    body, salt = event["body"], event["salt"]
    if body is None or salt is None:
        raise TamperedError(f"{name}: its text is gone, and nothing says that it was erased.")
    if len(salt) != 32 or commitment(body, bytes(salt)) != bytes(event["commitment"]):
        raise TamperedError(f"{name}: text and salt are not those it was recorded with.")
    told = json.loads(body)
    for word, value in told_by_columns(event).items():
        if (told.get(word) or None) != value:
            raise TamperedError(f"{name}: the column {COLUMNS[word]} says something else than its text.")
