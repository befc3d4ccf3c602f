"""Erasing what was recorded about a person in words, so that every other proof of the ledger holds.

An event about the person loses its text and the random bytes beside it. Its commitment stays, and with it every hash
that was made of it. One event of its own says which texts went, so that nothing else can be missing unseen.
"""

from datetime import datetime
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from attendance.ledger.erasure import Erased, erased
from attendance.models import AttendanceEvent, User
from attendance.queries.event_columns import COLUMNS, told_by_columns
from attendance.services.batches import BATCH
from attendance.services.events import ActDraft, record_act


class ErasureReason(models.TextChoices):
    """Why a person is erased."""

    ASKED = "asked", _("The person asked for it")
    RETENTION = "retention", _("The time to keep it was over")


def erase_texts(*, person: User, actor: User | None, why: ErasureReason, moment: datetime) -> AttendanceEvent:
    """Take text and salt from every event about the person, and return the event that says so.

    To be called in the transaction in which the person is erased. What the person did to others keeps its text: that
    has a number only, and is their proof. What is recorded about the account later has a text again, and goes by
    another call.

    Args:
        person: about whom the events are.
        actor: who erases; None when nobody does, but the time to keep it was over.
        why: the reason, as it is recorded.
        moment: when, as it is recorded.
    """
    with transaction.atomic():
        # Of two who erase the same person, the second finds here what the first has left. Rows that refer to the person
        # are written meanwhile, and two administrators who erase each other do not wait in a circle.
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        events = AttendanceEvent.objects.filter(student=person, body__isnull=False).order_by("event_id")
        rows = list(events.values("pk", *COLUMNS.values()))
        erasure = record_act(_draft(person, actor, why, moment, erased(map(told_by_columns, rows))))
        keys = iter([row["pk"] for row in rows])
        gone: dict[str, Any] = {"body": None, "salt": None, "erased_by": erasure}
        while some := list(islice(keys, BATCH)):
            AttendanceEvent.objects.filter(pk__in=some).update(**gone)
    return erasure


def _draft(person: User, actor: User | None, why: ErasureReason, moment: datetime, events: Erased) -> ActDraft:
    """Return the act with all that its text says: numbers, and no name."""
    return ActDraft(
        kind=AttendanceEvent.Kind.PERSON_ERASED,
        organisation_id=person.organisation_id,
        actor_id=actor.pk if actor else None,
        received_at=moment,
        told={
            "person": person.pk,
            "why": why.value,
            "events": events.number,
            "erased": events.names,
            "columns": events.digest,
        },
    )
