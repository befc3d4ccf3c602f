"""What the cache did in the last hour, for an organisation or for all of them, beside what it should reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from attendance.caching import figures
from attendance.caching.figures import KeySample, ResourceFigures
from attendance.caching.warming import warmers
from attendance.models import Organisation
from attendance.queries.cache_targets import TARGETS

MINUTES = 60
FEWEST_TO_JUDGE = 100
"""From fewer answers than this nothing follows: a cache that was just filled has missed everything once."""


@dataclass(frozen=True)
class ResourceRow:
    """One resource: what was counted, its target in percent if it has one, and hits and misses by the minute."""

    counted: ResourceFigures
    target: int | None
    minutes: Sequence[tuple[int, int]]

    @property
    def resource(self) -> str:
        """Its name."""
        return self.counted.resource

    @property
    def missed(self) -> int:
        """How often it was missed, for whatever cause."""
        return sum(self.counted.misses.values())

    @property
    def answers(self) -> int:
        """How often it was read."""
        return self.counted.hits + self.missed

    @property
    def tone(self) -> str:
        """Whether the target is reached: `good`, `bad`, or `off` where there is none or too little to judge."""
        if self.target is None or self.counted.ratio is None or self.answers < FEWEST_TO_JUDGE:
            return "off"
        return "good" if self.counted.ratio * 100 >= self.target else "bad"

    @property
    def can_be_warmed(self) -> bool:
        """Whether an organisation's copy can be made before anybody asks."""
        return self.resource in warmable()


@dataclass(frozen=True)
class EndingWrite:
    """How many misses of a resource were due to one kind of write, `<rule>:<verb>`."""

    resource: str
    write: str
    misses: int


def hexadecimal(organisation: Organisation | None) -> str | None:
    """Return what the cache calls an organisation; None, for all of them, stays None."""
    return organisation.pk.hex if organisation else None


def warmable() -> list[str]:
    """Return the resources of which an organisation's copy can be made before anybody asks."""
    return [accessor.resource for accessor in warmers.accessors]


def resource_rows(organisation: Organisation | None) -> list[ResourceRow]:
    """Return the resources that were read or are kept: those with a target first, then by how often they were read."""
    whose = hexadecimal(organisation)
    courses = figures.every_series(organisation=whose, minutes=MINUTES)
    rows = [
        ResourceRow(counted, target_of(counted.resource), courses.get(counted.resource, ()))
        for counted in figures.resource_figures(organisation=whose, minutes=MINUTES)
    ]
    return sorted(rows, key=lambda row: (row.target is None, -row.answers, row.resource))


def most_ending_writes(rows: Sequence[ResourceRow], most: int = 6) -> list[EndingWrite]:
    """Return the kinds of writes that ended what was asked for again, the most frequent first."""
    found = [EndingWrite(row.resource, write, number) for row in rows for write, number in row.counted.ended_by.items()]
    return sorted(found, key=lambda each: (-each.misses, each.resource, each.write))[:most]


def target_of(resource: str) -> int | None:
    """Return the share of hits that a resource should reach, in percent; None where it has no target."""
    share = TARGETS.get(resource)
    return None if share is None else round(100 * share)


@dataclass(frozen=True)
class Kept:
    """What clearing would end: how many entries, and how long a load of one takes, None where nobody knows."""

    entries: int
    load_seconds: float | None


def kept_of(resource: str, organisation: Organisation | None) -> Kept | None:
    """Return what is kept of a resource, or of all when none is named; None when there is no such resource."""
    counted = figures.resource_figures(organisation=hexadecimal(organisation), minutes=MINUTES)
    if not resource:
        return Kept(sum(each.entries for each in counted), None)
    found = [Kept(each.entries, each.load_seconds) for each in counted if each.resource == resource]
    if found:
        return found[0]
    return Kept(0, None) if resource in figures.resources() else None


def samples_of(resource: str, organisation: Organisation | None) -> list[KeySample]:
    """Return some entries of a resource: until when each holds, or what ended it."""
    return figures.samples(resource=resource, organisation=hexadecimal(organisation))
