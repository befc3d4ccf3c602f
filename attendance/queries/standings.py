"""Reading standings from the database: counts are made there, never by walking over marks here."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, TruncDate

from attendance import clock
from attendance.caching import fills
from attendance.models import Attendance, AttendanceSession, Enrolment, Lecture, Offering, Status
from attendance.queries.percentage import Policy, Standing


@dataclass(frozen=True)
class EnrolledStanding:
    """One enrolment, with its student loaded, and how that student stands."""

    enrolment: Enrolment
    standing: Standing


def standings_of_offering(offering: Offering) -> list[EnrolledStanding]:
    """Return the standing of every student of the offering, by roll number; 2 queries."""
    enrolments = Enrolment.objects.filter(offering=offering).order_by("roll_number").select_related("student")
    counted = counts_by_place(offering.organisation.zone, Q(offering=offering), "offering__enrolments")
    policy = Policy.of(offering)
    return [EnrolledStanding(each, counted[each.pk].standing(policy)) for each in enrolments]


@dataclass
class Counts:
    """What a standing comes from: marks by status, taken lectures left blank, and lectures not over yet."""

    marks: dict[str, int] = field(default_factory=dict)
    blanks: int = 0
    remaining: int = 0

    def standing(self, policy: Policy) -> Standing:
        """Return what that comes to where marks are worth what a policy says."""
        return Standing(
            policy, {Status(status): each for status, each in self.marks.items()}, self.blanks, self.remaining
        )


def counts_by_place(zone: ZoneInfo, whose: Q, key: str) -> defaultdict[int, Counts]:
    """Return what standings come from, by a column of the enrolment, and declare until when that holds; 1 query.

    Marks count in lectures within the days of the enrolment, blanks only in those that expect it.

    Args:
        zone: in which lectures have their days.
        whose: which lectures and `offering__enrolments` are counted.
        key: what the counts are told apart by.
    """
    now = clock.now()
    counted: defaultdict[int, Counts] = defaultdict(Counts)
    ends = [now + timedelta(days=1)]
    for place, status, number, blank, coming, end in _counts(zone, whose, key, now):
        if status:
            counted[place].marks[status] = number
        else:
            counted[place].blanks, counted[place].remaining = blank, coming
            ends += [end] if end else []
    fills.valid_until(min(ends))
    return counted


def _counts(
    zone: ZoneInfo, whose: Q, key: str, now: datetime
) -> "QuerySet[Lecture, tuple[int, str, int, int, int, datetime | None]]":
    """Return (key, status or nothing, lectures, those taken, those not over yet, when the next of these ends).

    Cancelled lectures are left out.
    """
    own = Attendance.objects.filter(lecture=OuterRef("pk"), student=OuterRef("offering__enrolments__student"))
    blank, over = Q(status=""), Q(ends_at__lte=now)
    # What is said of the joined enrolment is said in one filter or after it: a second filter would join another one.
    held = Lecture.objects.alias(day=TruncDate("starts_at", tzinfo=zone)).filter(
        whose, _within_enrolment(), cancelled_at__isnull=True
    )
    return (
        held.annotate(status=Coalesce(Subquery(own.values("status")), Value("")))
        .alias(is_expected=ExpressionWrapper(is_for_enrolment(), output_field=BooleanField()))
        .filter(~blank | Q(is_expected=True))
        .values_list(key, "status")
        .annotate(
            number=Count("pk"),
            taken=Count("pk", filter=blank & over & was_taken()),
            coming=Count("pk", filter=blank & ~over),
            next_end=Min("ends_at", filter=blank & ~over),
        )
        .order_by()
    )


def _within_enrolment() -> Q:
    """Return the condition that the `day` of a lecture lies within the joined `offering__enrolments`."""
    return Q(
        Q(offering__enrolments__from_day__isnull=True) | Q(offering__enrolments__from_day__lte=F("day")),
        Q(offering__enrolments__until_day__isnull=True) | Q(offering__enrolments__until_day__gte=F("day")),
    )


def expects_enrolment() -> Q:
    """Return the condition that a lecture, annotated with its `day`, expects the joined `offering__enrolments`."""
    return Q(_within_enrolment(), is_for_enrolment())


def is_for_enrolment() -> Q:
    """Return the condition that a lecture is for the whole course, or for a section of the joined enrolment."""
    in_section = Enrolment.sections.through.objects.filter(
        section=OuterRef("section"), enrolment=OuterRef("offering__enrolments")
    )
    return Q(section__isnull=True) | Q(Exists(in_section))


def was_taken() -> Q:
    """Return the condition that a lecture's attendance was taken: a session was closed, or somebody has a mark."""
    closed = AttendanceSession.objects.filter(lecture=OuterRef("pk"), closed_at__isnull=False)
    marked = Attendance.objects.filter(lecture=OuterRef("pk")).exclude(status="")
    return Q(Exists(closed)) | Q(Exists(marked))


def untouched() -> Q:
    """Return the condition that nobody took a lecture's attendance nor takes it now: no check-in and no mark at all."""
    sessions = AttendanceSession.objects.filter(lecture=OuterRef("pk"))
    marked = Attendance.objects.filter(lecture=OuterRef("pk")).exclude(status="")
    return Q(~Exists(sessions), ~Exists(marked))
