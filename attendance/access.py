"""Fetch and permission in one call: who may not know of a thing gets 404, who may only look at it gets 403.

Whoever administers an organisation administers those below it. An auditor reads everything of one organisation and
writes nothing. All others see what they teach, assist in, stand in for, or are enrolled in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from attendance.models import (
    CheckInAttempt,
    CourseStaff,
    Device,
    Enrolment,
    Lecture,
    LedgerEntry,
    Offering,
    Organisation,
    Request,
    Term,
    User,
)

Role = User.Role
Duty = CourseStaff.Duty
ViewArguments = ParamSpec("ViewArguments")
Answer = TypeVar("Answer", bound=HttpResponseBase)
OwnedRow = TypeVar("OwnedRow", bound=Model)
_ADMINISTERED = "_administered"
"""The attribute of a person that holds what is known already of the organisations this person runs."""


class SignedInRequest(HttpRequest):
    """A request whose reader is known."""

    user: User


View = Callable[Concatenate[SignedInRequest, ViewArguments], Answer]
AnyView = Callable[..., Answer]


def signed_in(view: View[ViewArguments, Answer]) -> AnyView[Answer]:
    """Send visitors to the login page and back; call the view for everybody else."""
    return login_required(view)


def only(*roles: User.Role) -> Callable[[View[ViewArguments, Answer]], AnyView[Answer]]:
    """Return a decorator that opens a page to these roles; visitors log in first, other roles get 404."""

    def decorate(view: View[ViewArguments, Answer]) -> AnyView[Answer]:
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> Answer:
            if request.user.role not in roles:
                raise Http404
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return decorate


def administered_organisations(user: User) -> list[UUID]:
    """Return the ids of the organisations an administrator runs: the own one and all below; none for other roles."""
    if user.role != Role.ADMIN:
        return []
    known: list[UUID] | None = getattr(user, _ADMINISTERED, None)
    if known is not None:
        return known
    found = level = [user.organisation_id]
    while level:
        level = list(Organisation.objects.filter(parent__in=level).exclude(pk__in=found).values_list("pk", flat=True))
        found = found + level
    return found


def remember_administered(user: User, organisations: list[UUID]) -> None:
    """Let the organisations that an administrator runs be known, for as long as this object is used."""
    setattr(user, _ADMINISTERED, organisations)


def readable_organisations(user: User) -> list[UUID]:
    """Return the ids of the organisations of which the user may read everything; none for teachers and students."""
    return [user.organisation_id] if user.role == Role.AUDITOR else administered_organisations(user)


def visible_offerings(user: User) -> QuerySet[Offering]:
    """Return the offerings that the user's course list shows."""
    organisations = readable_organisations(user)
    if organisations:
        return Offering.objects.filter(organisation__in=organisations)
    taught = CourseStaff.objects.filter(user=user, lecture__isnull=True).values("offering")
    attended = Enrolment.objects.filter(student=user).values("offering")
    return Offering.objects.filter(Q(pk__in=taught) | Q(pk__in=attended), organisation=user.organisation_id)


@dataclass(frozen=True)
class Rights:
    """What one person may do in one offering, or in one lecture of it.

    `attend`: is enrolled. `read`: sees registers. `mark`: opens sessions and marks. `manage`: changes the offering.
    """

    attend: bool
    read: bool
    mark: bool
    manage: bool

    @property
    def see(self) -> bool:
        """Whether the thing exists at all for this person."""
        return self.attend or self.read


def rights_in(user: User, offering: Offering, lecture: Lecture | None = None) -> Rights:
    """Return what the user may do in the offering; with a lecture, duties for that lecture alone count as well."""
    if user.role == Role.AUDITOR:
        reads = offering.organisation_id == user.organisation_id
        return Rights(attend=False, read=reads, mark=False, manage=False)
    administers = offering.organisation_id in administered_organisations(user)
    if not administers and offering.organisation_id != user.organisation_id:
        return Rights(attend=False, read=False, mark=False, manage=False)
    duties = set(
        CourseStaff.objects.filter(offering=offering, user=user)
        .filter(Q(lecture__isnull=True) | Q(lecture=lecture))
        .values_list("duty", flat=True)
    )
    marks = administers or bool(duties)
    return Rights(
        attend=not marks and is_enrolled(user, offering, lecture),
        read=marks,
        mark=marks,
        manage=administers or Duty.OWNER in duties,
    )


def is_enrolled(student: User, offering: Offering, lecture: Lecture | None) -> bool:
    """Say whether the student is in the offering and, when the lecture is a section's, in that section."""
    enrolments = Enrolment.objects.filter(offering=offering, student=student)
    if lecture is not None and lecture.section_id is not None:
        enrolments = enrolments.filter(sections=lecture.section_id)
    return enrolments.exists()


def see_offering(user: User, offering_id: int) -> tuple[Offering, Rights]:
    """Return an offering with course and term, and the reader's rights in it.

    Raises:
        Http404: there is none, or not for this reader.
    """
    offerings = Offering.objects.select_related("course__department", "term", "organisation")
    offering = get_object_or_404(offerings, pk=offering_id)
    return offering, _rights_of_reader(user, offering)


def _rights_of_reader(user: User, offering: Offering, lecture: Lecture | None = None) -> Rights:
    rights = rights_in(user, offering, lecture)
    if not rights.see:
        raise Http404
    return rights


def manage_offering(user: User, offering_id: int) -> Offering:
    """Return an offering that the user may change.

    Raises:
        Http404: there is none, or not for this reader.
        PermissionDenied: the reader may only look.
    """
    offering, rights = see_offering(user, offering_id)
    if not rights.manage:
        raise PermissionDenied(_("Only the owner of the course or an administrator can change this."))
    return offering


def mark_offering(user: User, offering_id: int) -> Offering:
    """Return an offering in whose lectures the user may mark.

    Raises:
        Http404: there is none, or not for this reader.
        PermissionDenied: the reader may only look.
    """
    offering, rights = see_offering(user, offering_id)
    if not rights.mark:
        raise PermissionDenied(_("Only the course staff or an administrator can do this."))
    return offering


def see_lecture(user: User, lecture_id: int) -> tuple[Lecture, Rights]:
    """Return a lecture with its offering, room and section, and the reader's rights in it.

    Raises:
        Http404: there is none, or not for this reader.
    """
    lectures = Lecture.objects.select_related("offering__course", "offering__term", "organisation", "room", "section")
    lecture = get_object_or_404(lectures, pk=lecture_id)
    return lecture, _rights_of_reader(user, lecture.offering, lecture)


def read_register(user: User, lecture_id: int) -> tuple[Lecture, Rights]:
    """Return a lecture whose register the user may read.

    Raises:
        Http404: there is none, or not for this reader.
        PermissionDenied: the reader attends and does not teach.
    """
    lecture, rights = see_lecture(user, lecture_id)
    if not rights.read:
        raise PermissionDenied(_("The register is for the course staff."))
    return lecture, rights


def mark_lecture(user: User, lecture_id: int) -> Lecture:
    """Return a lecture in which the user may open sessions and mark.

    Raises:
        Http404: there is none, or not for this reader.
        PermissionDenied: the reader may only look.
    """
    lecture, rights = see_lecture(user, lecture_id)
    if not rights.mark:
        raise PermissionDenied(_("Only the course staff or an administrator can do this."))
    return lecture


def manage_lecture(user: User, lecture_id: int) -> Lecture:
    """Return a lecture that the user may move, cancel and have a substitute for.

    Raises:
        Http404: there is none, or not for this reader.
        PermissionDenied: the reader may only look.
    """
    lecture, rights = see_lecture(user, lecture_id)
    if not rights.manage:
        raise PermissionDenied(_("Only the owner of the course or an administrator can change this."))
    return lecture


def see_person_of(organisation: Organisation, person_id: int) -> User:
    """Return a person of an organisation, for whoever was let in to something of it.

    Raises:
        Http404: nobody of it has this id.
    """
    return get_object_or_404(User, organisation=organisation, pk=person_id)


def requests_seen_by(user: User) -> QuerySet[Request]:
    """Return the requests a reader sees: the own ones, and those that are the reader's to decide."""
    own = Q(student=user)
    if user.role == Role.ADMIN:
        return Request.objects.filter(own | Q(organisation__in=administered_organisations(user)))
    taught = CourseStaff.objects.filter(user=user, lecture__isnull=True).values("offering")
    return Request.objects.filter(own | Q(offering__in=taught))


def see_request(user: User, request_id: int) -> Request:
    """Return a request with everything its page shows.

    Raises:
        Http404: there is none, or not for this reader.
    """
    requests = requests_seen_by(user).select_related(
        "student__organisation",
        "organisation",
        "lecture__offering__course",
        "offering__course",
        "attempt",
        "decided_by",
    )
    return get_object_or_404(requests, pk=request_id)


def decide_request(user: User, request_id: int) -> Request:
    """Return a request that the reader may decide.

    Raises:
        Http404: there is none, or not for this reader.
        PermissionDenied: it is the reader's own.
    """
    request = see_request(user, request_id)
    if request.student_id == user.pk:
        raise PermissionDenied(_("Nobody decides an own request."))
    return request


def own_request(user: User, request_id: int) -> Request:
    """Return a request of the reader's own.

    Raises:
        Http404: there is none.
        PermissionDenied: it is somebody else's.
    """
    request = see_request(user, request_id)
    if request.student_id != user.pk:
        raise PermissionDenied(_("Only the student can take it back."))
    return request


def scans_shown_to(student: User) -> QuerySet[CheckInAttempt]:
    """Return a student's scans with everything that the page of one shows."""
    scans = CheckInAttempt.objects.filter(student=student)
    return scans.select_related(
        "event",
        "lecture__offering__course",
        "lecture__organisation",
        "lecture__room",
        "session__lecture__offering__course",
        "session__lecture__room",
    )


def own_scan(user: User, scan_id: int) -> CheckInAttempt:
    """Return a scan of the reader's own.

    Raises:
        Http404: there is none.
    """
    return get_object_or_404(scans_shown_to(user), pk=scan_id)


def see_entry(user: User, index: int) -> LedgerEntry:
    """Return an entry of the ledger with its event, for its student and for who reads its lecture or organisation.

    Raises:
        Http404: there is none, or not for this reader.
    """
    entries = LedgerEntry.objects.select_related(
        "event__lecture__offering__course",
        "event__lecture__section",
        "event__student",
        "event__actor",
        "event__erased_by__ledger_entry",
    )
    entry = get_object_or_404(entries, index=index)
    event, lecture = entry.event, entry.event.lecture
    if event.student_id == user.pk or event.organisation_id in readable_organisations(user):
        return entry
    if lecture is None or not rights_in(user, lecture.offering, lecture).read:
        raise Http404
    return entry


def own_term(user: User, term_id: int) -> Term:
    """Return a term of the reader's own organisation.

    Raises:
        Http404: there is none.
    """
    return get_object_or_404(Term, organisation=user.organisation_id, pk=term_id)


def manage_row(user: User, model: type[OwnedRow], row_id: int) -> OwnedRow:
    """Return a row of the administrator's own organisation, such as one of its rooms.

    Raises:
        Http404: there is none, or not for this reader.
    """
    if user.role != Role.ADMIN:
        raise Http404
    return get_object_or_404(model, organisation=user.organisation_id, pk=row_id)


def manage_person(user: User, person_id: int) -> User:
    """Return a person of an organisation that the user administers.

    Raises:
        Http404: there is none, or not for this reader.
    """
    people = User.objects.select_related("organisation")
    return get_object_or_404(people, pk=person_id, organisation__in=administered_organisations(user))


def students_seen_by(user: User) -> QuerySet[User]:
    """Return the students whom a reader may look up: all of what is overseen, or those of the courses one teaches."""
    students = User.objects.filter(role=Role.STUDENT)
    organisations = readable_organisations(user)
    if organisations:
        return students.filter(organisation__in=organisations)
    taught = CourseStaff.objects.filter(user=user, lecture__isnull=True).values("offering")
    enrolled = Enrolment.objects.filter(offering__in=taught).values("student")
    return students.filter(pk__in=enrolled, organisation=user.organisation_id)


def see_student(user: User, student_id: int) -> User:
    """Return a student whom the reader may look up.

    Raises:
        Http404: there is none, or not for this reader.
    """
    return get_object_or_404(students_seen_by(user).select_related("organisation", "department"), pk=student_id)


def forget_device(user: User, device_id: int) -> Device:
    """Return a device that the reader may forget: an own one, or a student's whom the reader teaches or administers.

    Raises:
        Http404: there is none, or not for this reader.
        PermissionDenied: the reader may only look.
    """
    students = students_seen_by(user).values("pk")
    device = get_object_or_404(Device, Q(student=user.pk) | Q(student__in=students), pk=device_id)
    if user.role == Role.AUDITOR:
        raise PermissionDenied(_("Auditors look and change nothing."))
    return device


def see_teacher(user: User, teacher_id: int) -> User:
    """Return an active teacher of the reader's own organisation.

    Raises:
        Http404: there is none, or not for this reader.
    """
    teachers = User.objects.filter(organisation=user.organisation, role=Role.TEACHER, is_active=True)
    return get_object_or_404(teachers.select_related("department"), pk=teacher_id)


def cache_scope(user: User, slug: str) -> Organisation | None:
    """Return the organisation whose part of the cache the reader sees and may clear and warm; None for all of them.

    An administrator has the own one. An operator has all, or the one that is named.

    Raises:
        Http404: the reader is neither, or may not have the one that is named.
    """
    if user.is_superuser:
        return get_object_or_404(Organisation, slug=slug) if slug else None
    if user.role != Role.ADMIN or slug not in ("", user.organisation.slug):
        raise Http404
    return user.organisation
