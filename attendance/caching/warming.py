"""Warming: filling ahead what an organisation is asked for first.

The engine knows no domain, so the product registers what there is to warm. A warm-up is an ordinary read: what is there
already stays, and what may not be stored now is not.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from attendance.caching.accessors import CachedAccessor, look_up, reason_to_bypass
from attendance.caching.lookups import Lookup

WARMED = "warmed"
THERE = "there already"
PAUSE = 0.05
"""Seconds between two loads of a warm-up unless somebody says otherwise."""


@dataclass
class Warmers:
    """The accessors that an organisation's warm-up reads; each takes the organisation and nothing else."""

    accessors: list[CachedAccessor[..., Any]] = field(default_factory=list)

    def load(self, *accessors: CachedAccessor[..., Any]) -> None:
        """Put accessors in the place of those before; done once, when the process starts."""
        self.accessors = list(accessors)


warmers = Warmers()


@dataclass(frozen=True)
class Progress:
    """How far a warm-up has come: `done` of `total`, the last one being `resource`, of which that became."""

    done: int
    total: int
    resource: str
    outcome: str


def warm(
    organisation: UUID | str, *, pause: float = PAUSE, report: Callable[[Progress], None] = lambda progress: None
) -> Mapping[str, str]:
    """Read everything an organisation is asked for first, and return per resource what became of it.

    Args:
        organisation: its id.
        pause: seconds to wait after each load, so that the database serves others in between.
        report: called after each resource.

    Returns:
        For each resource `warmed`, `there already`, or the reason why nothing may be stored now.

    Raises:
        ValueError: that is no id of an organisation.
    """
    own = UUID(str(organisation)).hex
    outcomes: dict[str, str] = {}
    for accessor in warmers.accessors:
        if WARMED in list(outcomes.values())[-1:]:
            time.sleep(pause)
        outcomes[accessor.resource] = outcome = _warm_one(accessor.lookup(organisation=own))
        report(Progress(len(outcomes), len(warmers.accessors), accessor.resource, outcome))
    return outcomes


def _warm_one(wanted: Lookup) -> str:
    reason = reason_to_bypass()
    if reason:
        return reason
    loads: list[bool] = []

    def load() -> bytes:
        loads.append(True)
        return wanted.load()

    look_up(replace(wanted, load=load))
    return WARMED if loads else THERE
