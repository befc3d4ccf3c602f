"""Reading requests, and the scans they may be about."""

from django.db.models import Count, QuerySet

from attendance.access import requests_seen_by
from attendance.models import CheckInAttempt, Lecture, Offering, Request, User

_SHOWN = ("student", "lecture__offering__course", "offering__course")


def requests_found(user: User, *, state: str) -> QuerySet[Request]:
    """Return the requests the reader sees, newest first; those in one state, or all."""
    requests = requests_seen_by(user).select_related(*_SHOWN).order_by("-created_at", "-pk")
    return requests.filter(state=state) if state else requests


def requests_per_state(user: User) -> dict[str, int]:
    """Return how many requests the reader sees in each state; states without any are left out."""
    return dict(requests_seen_by(user).order_by().values_list("state").annotate(number=Count("pk")))


def scans_of(student: User) -> QuerySet[CheckInAttempt]:
    """Return the student's scans, newest first, each with its lecture and the claim about it."""
    scans = CheckInAttempt.objects.filter(student=student)
    return scans.select_related("lecture__offering__course", "claim").order_by("-received_at", "-pk")


def scan_to_claim(student: User, attempt_id: str) -> CheckInAttempt | None:
    """Return a refused scan of the student with a lecture, about which there is no claim yet."""
    if not attempt_id.isdecimal() or len(attempt_id) > 18:
        return None
    scan = scans_of(student).filter(pk=int(attempt_id), lecture__isnull=False, claim__isnull=True).first()
    return scan if scan and scan.was_refused else None


def lecture_to_correct(student: User, lecture_id: str) -> Lecture | None:
    """Return a lecture of a course of the student by the id in an address."""
    if not lecture_id.isdecimal() or len(lecture_id) > 18:
        return None
    lectures = Lecture.objects.filter(pk=int(lecture_id), offering__enrolments__student=student)
    return lectures.select_related("offering__course", "organisation").first()


def offerings_attended(student: User) -> QuerySet[Offering]:
    """Return the courses of the student that are not archived, by code."""
    offerings = Offering.objects.filter(enrolments__student=student, course__archived_at__isnull=True)
    return offerings.select_related("course", "term").order_by("course__code", "pk")
