"""Reading standings from the database: counts are made there, never by walking over marks here."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from attendance import clock
from attendance.models import Attendance, AttendanceSession, Enrolment, Lecture, Offering, Organisation, Status, User
from attendance.queries.percentage import Policy, Standing


@dataclass(frozen=True)
class EnrolledStanding:
    """One enrolment, with its offering and student loaded, and how its student stands."""

    enrolment: Enrolment
    standing: Standing


def standings_of_student(student: User) -> list[EnrolledStanding]:
    """Return the student's standing in every offering that is not archived, newest term first; 3 queries."""
    enrolments = Enrolment.objects.filter(student=student, offering__course__archived_at__isnull=True)
    ordered = enrolments.order_by("-offering__term__first_day", "offering__course__code")
    return _standings(student.organisation, ordered)


def standing_in(offering: Offering, student: User) -> EnrolledStanding | None:
    """Return the student's standing in one offering, None when not enrolled there; 3 queries."""
    enrolments = Enrolment.objects.filter(offering=offering, student=student).order_by("pk")
    return next(iter(_standings(offering.organisation, enrolments)), None)


def standings_of_offering(offering: Offering) -> list[EnrolledStanding]:
    """Return the standing of every student of the offering, by roll number; 3 queries."""
    return _standings(offering.organisation, Enrolment.objects.filter(offering=offering).order_by("roll_number"))


def _standings(organisation: Organisation, enrolments: QuerySet[Enrolment]) -> list[EnrolledStanding]:
    rows = list(enrolments.select_related("offering__course", "offering__term", "student"))
    counts: dict[int, dict[Status, int]] = defaultdict(dict)
    for enrolment_id, status, number in _mark_counts(organisation, rows):
        counts[enrolment_id][Status(status)] = number
    unmarked = {row: (blank, coming) for row, blank, coming in _unmarked_counts(organisation, rows)}
    return [
        EnrolledStanding(
            enrolment,
            Standing(Policy.of(enrolment.offering), counts[enrolment.pk], *unmarked.get(enrolment.pk, (0, 0))),
        )
        for enrolment in rows
    ]


def _mark_counts(
    organisation: Organisation, enrolments: Sequence[Enrolment]
) -> "QuerySet[Lecture, tuple[int, str, int]]":
    """Return (enrolment, status, how many marks), only of lectures that lie within the days of the enrolment."""
    marked = Q(attendances__student=F("offering__enrolments__student"), attendances__status__gt="")
    return (
        Lecture.objects.annotate(day=TruncDate("starts_at", tzinfo=organisation.zone))
        .filter(_held_for(enrolments), _within_enrolment(), marked)
        .values_list("offering__enrolments", "attendances__status")
        .annotate(number=Count("pk"))
        .order_by()
    )


def _unmarked_counts(
    organisation: Organisation, enrolments: Sequence[Enrolment]
) -> "QuerySet[Lecture, tuple[int, int, int]]":
    """Return (enrolment, lectures taken that left it blank, lectures not over yet) for lectures it is expected in."""
    marked = Attendance.objects.filter(lecture=OuterRef("pk"), student=OuterRef("offering__enrolments__student"))
    over = Q(ends_at__lte=clock.now())
    return (
        Lecture.objects.annotate(day=TruncDate("starts_at", tzinfo=organisation.zone))
        .filter(_held_for(enrolments), expects_enrolment(), ~Exists(marked.exclude(status="")))
        .values_list("offering__enrolments")
        .annotate(blank=Count("pk", filter=over & was_taken()), coming=Count("pk", filter=~over))
        .order_by()
    )


def _held_for(enrolments: Sequence[Enrolment]) -> Q:
    """Return the condition that a lecture was not cancelled and is of the course of the joined one of these enrolments.

    That it is of one of their courses follows; said as well, lectures are found first and then whoever is enrolled.
    """
    return Q(
        offering__enrolments__in=[enrolment.pk for enrolment in enrolments],
        offering__in={enrolment.offering_id for enrolment in enrolments},
        cancelled_at__isnull=True,
    )


def _within_enrolment() -> Q:
    """Return the condition that the `day` of a lecture lies within the joined `offering__enrolments`."""
    return Q(
        Q(offering__enrolments__from_day__isnull=True) | Q(offering__enrolments__from_day__lte=F("day")),
        Q(offering__enrolments__until_day__isnull=True) | Q(offering__enrolments__until_day__gte=F("day")),
    )


def expects_enrolment() -> Q:
    """Return the condition that a lecture, annotated with its `day`, expects the joined `offering__enrolments`."""
    in_section = Enrolment.sections.through.objects.filter(
        section=OuterRef("section"), enrolment=OuterRef("offering__enrolments")
    )
    return Q(_within_enrolment(), Q(section__isnull=True) | Exists(in_section))


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
