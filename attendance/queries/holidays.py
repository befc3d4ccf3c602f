"""Days without teaching, and what is planned on them all the same."""

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet

from attendance.models import Holiday, Lecture, Organisation


def instants_of(organisation: Organisation, first_day: date, last_day: date) -> tuple[datetime, datetime]:
    """Return when these days begin, and when the day after them does, by the organisation's own calendar."""
    begin = datetime.combine(first_day, time.min, tzinfo=organisation.zone)
    return begin, datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=organisation.zone)


def lectures_within(organisation: Organisation, first_day: date, last_day: date) -> QuerySet[Lecture]:
    """Return the organisation's lectures that begin on one of these days, by its own calendar."""
    begin, end = instants_of(organisation, first_day, last_day)
    return Lecture.objects.filter(organisation=organisation, starts_at__gte=begin, starts_at__lt=end)


def lectures_on(holiday: Holiday) -> QuerySet[Lecture]:
    """Return the lectures on a holiday that are not cancelled, by time."""
    lectures = lectures_within(holiday.organisation, holiday.first_day, holiday.last_day)
    return lectures.filter(cancelled_at__isnull=True).select_related("offering__course", "room").order_by("starts_at")


def holidays_of(organisation: Organisation) -> QuerySet[Holiday]:
    """Return an organisation's holidays, the latest first."""
    return Holiday.objects.filter(organisation=organisation).order_by("-first_day", "name")


def days_free(organisation: Organisation) -> set[date]:
    """Return every day on which an organisation has a holiday."""
    return {
        first_day + timedelta(days=number)
        for first_day, last_day in holidays_of(organisation).values_list("first_day", "last_day")
        for number in range((last_day - first_day).days + 1)
    }
