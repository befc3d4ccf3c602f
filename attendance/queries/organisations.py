"""Reads about institutions as a whole."""

from collections.abc import Collection
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, QuerySet

from attendance import clock
from attendance.models import Organisation, Term


def organisations_of(ids: Collection[UUID]) -> QuerySet[Organisation]:
    """Return the organisations with these ids, by name."""
    return Organisation.objects.filter(pk__in=ids).order_by("name")


def all_organisations() -> QuerySet[Organisation]:
    """Return all organisations of this installation, by name."""
    return Organisation.objects.order_by("name")


def last_day_of_running_term(organisation: Organisation, *, at_most_until: date) -> date | None:
    """Return the last day of the organisation's running term that ends latest, by that day; None without one."""
    today = clock.today(organisation.zone)
    running = Term.objects.filter(organisation=organisation, first_day__lte=today)
    last: date | None = running.filter(last_day__range=(today, at_most_until)).aggregate(last=Max("last_day"))["last"]
    return last


def zone_of_visitors() -> ZoneInfo:
    """Return the time zone to show to people who did not log in: the one all organisations have, else UTC.

    The zone of the account that a visitor names would tell that there is such an account.
    """
    names = list(Organisation.objects.order_by().values_list("time_zone", flat=True).distinct()[:2])
    return ZoneInfo(names[0] if len(names) == 1 else "UTC")
