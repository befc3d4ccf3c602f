"""Reading the record of an organisation as its auditors do: every act, newest first."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from attendance.models import AttendanceEvent, Offering, Organisation
from attendance.queries.holidays import instants_of
from attendance.queries.sorting import ordered

SORTS = {"when": ("pk",)}
"""The columns the list of events can be sorted by: events are numbered as they were received."""


def events_found(
    organisations: Collection[UUID],
    *,
    search: str,
    kind: str,
    day: date | None,
    zone_of: Organisation,
    course: Offering | None = None,
    sort: str = "-when",
) -> QuerySet[AttendanceEvent]:
    """Return the events of these organisations with all that a line of them shows.

    Args:
        organisations: ids.
        search: words that course, student or actor have in code, title, name or number.
        kind: one of `AttendanceEvent.Kind`, or empty for all.
        day: on which they were received, by the calendar of `zone_of`; None for all days.
        zone_of: the organisation in whose zone the day is meant.
        course: the only one whose events are wanted; None for all.
        sort: one of `SORTS`, turned around by a minus in front.
    """
    events = AttendanceEvent.objects.filter(organisation__in=organisations)
    if kind:
        events = events.filter(kind=kind)
    if day is not None:
        begin, end = instants_of(zone_of, day, day)
        events = events.filter(received_at__gte=begin, received_at__lt=end)
    if course is not None:
        events = events.filter(lecture__offering=course)
    for word in search.split():
        events = events.filter(_holds(word))
    return ordered(events.select_related("lecture__offering__course", "student", "actor"), SORTS, sort)


def _holds(word: str) -> Q:
    people = Q()
    for who in ("student", "actor"):
        people |= Q(**{f"{who}__family_name__icontains": word}) | Q(**{f"{who}__given_name__icontains": word})
        people |= Q(**{f"{who}__number__iexact": word})
    course = "lecture__offering__course"
    return people | Q(**{f"{course}__code__icontains": word}) | Q(**{f"{course}__title__icontains": word})
