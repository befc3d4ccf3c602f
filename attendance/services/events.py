"""Writing attendance events: each is bound to its own canonical text before it is stored."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from attendance.ledger.commitment import canonical_text, commitment, new_salt
from attendance.models import AttendanceEvent, Lecture, User
from attendance.services.bulk_rows import append, append_rows

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class EventDraft:
    """An act that is about to be recorded; `received_at` is when it reached us, `scanned_at` when it happened."""

    kind: AttendanceEvent.Kind
    lecture: Lecture
    actor: User
    method: AttendanceEvent.Method
    received_at: datetime
    student_id: int | None = None
    from_status: str = ""
    to_status: str = ""
    reason: str = ""
    scanned_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ActDraft:
    """An act outside of lectures that is about to be recorded; `told` is what its text says beside who and when.

    A new key of the ledger has neither organisation nor actor.
    """

    kind: AttendanceEvent.Kind
    organisation_id: uuid.UUID | None
    actor_id: int | None
    received_at: datetime
    student_id: int | None = None
    told: Mapping[str, str | int | None]


def record_act(draft: ActDraft) -> AttendanceEvent:
    """Store the event of an act and return it; to be called in the act's transaction."""
    event = _event_of(draft)
    event.save(force_insert=True)
    return event


def record_acts(drafts: Iterable[ActDraft]) -> None:
    """Store the events of acts in the order given; to be called in the acts' transaction."""
    AttendanceEvent.objects.bulk_create(map(_event_of, drafts), batch_size=500)


def _event_of(draft: ActDraft) -> AttendanceEvent:
    event_id = uuid.uuid4()
    body = canonical_text(_body_of_act(event_id, draft))
    salt = new_salt()
    return AttendanceEvent(
        event_id=event_id,
        organisation_id=draft.organisation_id,
        kind=draft.kind,
        student_id=draft.student_id,
        actor_id=draft.actor_id,
        received_at=draft.received_at,
        schema_version=SCHEMA_VERSION,
        body=body,
        salt=salt,
        commitment=commitment(body, salt),
    )


def _body_of_act(event_id: uuid.UUID, draft: ActDraft) -> dict[str, str | int | None]:
    return {
        **draft.told,
        "schema": SCHEMA_VERSION,
        "event": str(event_id),
        "organisation": str(draft.organisation_id) if draft.organisation_id else None,
        "kind": draft.kind.value,
        "student": draft.student_id,
        "actor": draft.actor_id,
        "received_at": _instant(draft.received_at),
    }


def record(drafts: Iterable[EventDraft]) -> list[AttendanceEvent]:
    """Store the events in the order given and return them with their ids; to be called in the act's transaction."""
    events = [AttendanceEvent(**_sealed(draft)) for draft in drafts]
    return AttendanceEvent.objects.bulk_create(events, batch_size=500)


def record_one(draft: EventDraft) -> AttendanceEvent:
    """Store one event and return it with its id; to be called in the act's transaction."""
    return append(AttendanceEvent(**_sealed(draft)))


def record_in_bulk(drafts: Iterable[EventDraft]) -> int:
    """Store very many events in the order given and return their number; to be called in the acts' transaction."""
    return append_rows(AttendanceEvent, map(_sealed, drafts))


def _sealed(draft: EventDraft) -> dict[str, Any]:
    """Return the columns of the event by name."""
    event_id = uuid.uuid4()
    body, salt = canonical_text(_body(event_id, draft)), new_salt()
    return {
        "event_id": event_id,
        "organisation_id": draft.lecture.organisation_id,
        "kind": draft.kind.value,
        "lecture_id": draft.lecture.pk,
        "student_id": draft.student_id,
        "actor_id": draft.actor.pk,
        "from_status": draft.from_status,
        "to_status": draft.to_status,
        "method": draft.method.value,
        "scanned_at": draft.scanned_at,
        "received_at": draft.received_at,
        "schema_version": SCHEMA_VERSION,
        "body": body,
        "salt": salt,
        "commitment": commitment(body, salt),
    }


def _body(event_id: uuid.UUID, draft: EventDraft) -> dict[str, str | int | None]:
    return {
        "schema": SCHEMA_VERSION,
        "event": str(event_id),
        "organisation": str(draft.lecture.organisation_id),
        "kind": draft.kind.value,
        "lecture": draft.lecture.pk,
        "student": draft.student_id,
        "actor": draft.actor.pk,
        "from": draft.from_status,
        "to": draft.to_status,
        "how": draft.method.value,
        "why": draft.reason,
        "scanned_at": _instant(draft.scanned_at),
        "received_at": _instant(draft.received_at),
    }


def _instant(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 text in UTC with microseconds: one spelling, whatever zone it came in."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if moment else None
