"""What counts how, in a course and in an institution: whoever changes it leaves an act in the record, by any way."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from attendance import clock
from attendance.models import AttendanceEvent, Offering, Organisation, User
from attendance.services.events import ActDraft, record_acts

Ruled = Offering | Organisation
Policy = dict[str, str | int | None]

OFFERING_POLICY = ("late_weight", "left_early_weight", "remote_weight", "blank_counts_absent", "drop_lowest")
INSTITUTION_POLICY = (
    "time_zone",
    "school_year_month",
    "school_year_day",
    "at_risk_percent",
    "warning_percent",
    "late_after_minutes",
    "session_minutes",
    "record_years",
)


def policy_of(row: Ruled) -> Policy:
    """Return what a course or an institution goes by, as the text of an act can say it."""
    if isinstance(row, Offering):
        return {name: int(getattr(row, name)) for name in OFFERING_POLICY}
    networks = ", ".join(row.campus_networks)
    return {**{name: getattr(row, name) for name in INSTITUTION_POLICY}, "campus_networks": networks}


@contextmanager
def policy_recorded(row: Ruled, *, actor: User) -> Iterator[None]:
    """Have the block that stores a row be one transaction with the act that tells what changed of its policy.

    A row that is new by then changes nothing.
    """
    with transaction.atomic():
        rows: QuerySet[Any] = type(row)._default_manager.select_for_update(no_key=True)
        stored = rows.filter(pk=row.pk).first()
        before = policy_of(stored) if stored else None
        yield
        if before is not None:
            record_policies([(row, before)], actor=actor, moment=clock.now())


def record_policies(rows: Iterable[tuple[Ruled, Policy]], *, actor: User, moment: datetime) -> None:
    """Record an act for each of these rows that differs from its policy before; to be called in the transaction."""
    changes = [(row, _changes(before, policy_of(row))) for row, before in rows]
    record_acts(_act(row, told, actor, moment) for row, told in changes if told)


def _changes(before: Policy, after: Policy) -> Policy:
    """Return what changed, each value with the one before."""
    changed = [name for name in after if after[name] != before[name]]
    return {name: after[name] for name in changed} | {f"{name}_before": before[name] for name in changed}


def _act(row: Ruled, told: Policy, actor: User, moment: datetime) -> ActDraft:
    own = {"offering": row.pk} if isinstance(row, Offering) else {}
    return ActDraft(
        kind=AttendanceEvent.Kind.POLICY_CHANGED,
        organisation_id=row.organisation_id if isinstance(row, Offering) else row.pk,
        actor_id=actor.pk,
        received_at=moment,
        told={**own, **told},
    )
