"""What whoever runs the cache does with it by hand: ending what is kept, and making copies before anybody asks."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from attendance.caching import clearing, figures, warming
from attendance.models import Organisation, User

LONGEST_WARMING = 10.0
"""Seconds after which a warm-up begins no further organisation: somebody waits for its page."""


@dataclass(frozen=True)
class Warmed:
    """What became of a warm-up.

    Attributes:
        made: copies that were made.
        there: copies that were there already.
        reason: why nothing may be kept now; empty when something may.
        left: organisations that were not reached in time.
    """

    made: int
    there: int
    reason: str
    left: int


def clear(*, resource: str | None, organisation: Organisation | None, actor: User) -> int:
    """End what is kept of a resource, or of all, for an organisation, or for all; return how many entries went.

    No row is touched: whoever asks next is answered from the database, and that answer is kept again. The cache's log
    says who asked for it.
    """
    whose = organisation.pk.hex if organisation else None
    return figures.clear(resource=resource, organisation=whose, actor=f"user {actor.pk}")


def warm(*, resource: str | None, organisations: Sequence[Organisation]) -> Warmed:
    """Make copies of a resource, or of all that can be, for organisations that have none yet."""
    until = time.monotonic() + LONGEST_WARMING
    outcomes: list[str] = []
    reached = 0
    for organisation in organisations:
        if reached and time.monotonic() > until:
            break
        outcomes += warming.warm(organisation.pk, resource=resource, pause=0).values()
        reached += 1
    made, there = outcomes.count(warming.WARMED), outcomes.count(warming.THERE)
    reasons = [outcome for outcome in outcomes if outcome not in (warming.WARMED, warming.THERE)]
    return Warmed(made, there, next(iter(reasons), ""), len(organisations) - reached)


def remove_kept(*, organisation: Organisation, session_keys: Sequence[str]) -> None:
    """Delete from Redis what is kept of an organisation and of those it belongs to.

    For what may be nowhere any more: pages of a person who was erased, and who these sessions belonged to. What
    belongs to no one organisation goes as well. Without Redis there is nothing to delete; the memory of other
    processes is outdated by the same write that erased the person.
    """
    places = [organisation.pk.hex, *(each.hex for each in _above(organisation)), ""]
    clearing.remove(organisations=places, session_keys=session_keys)


def _above(organisation: Organisation) -> list[UUID]:
    """Return the ids of the groups that an organisation belongs to, whose administrators read its pages."""
    found: list[UUID] = []
    parent = organisation.parent_id
    while parent is not None and parent not in found:
        found.append(parent)
        parent = Organisation.objects.values_list("parent", flat=True).get(pk=parent)
    return found
