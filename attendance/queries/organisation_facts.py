"""What every page of an institution's people goes by: its name, its zone and its threshold."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from attendance import cache_tags as tags
from attendance.caching.accessors import cached
from attendance.models import Organisation


@dataclass(frozen=True)
class OrganisationFacts:
    """An organisation as its pages go by it."""

    name: str
    time_zone: str
    at_risk_percent: int

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which its days and hours are meant."""
        return ZoneInfo(self.time_zone)


@cached("organisation", timeout=timedelta(hours=2), tags=lambda *, organisation: [tags.organisation(organisation)])
def organisation_row(*, organisation: str) -> list[str | int]:
    """Return name, time zone and threshold of an organisation, which is named by its 32 digits; 1 query."""
    found = Organisation.objects.get(pk=UUID(organisation))
    return [found.name, found.time_zone, found.at_risk_percent]


def facts_of(organisation: str) -> OrganisationFacts:
    """Return what pages go by in an organisation."""
    name, time_zone, at_risk_percent = organisation_row(organisation=organisation)
    return OrganisationFacts(str(name), str(time_zone), int(at_risk_percent))
