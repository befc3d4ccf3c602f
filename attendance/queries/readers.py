"""Readers: who a session belongs to, as far as cached pages need to know it."""

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from attendance import cache_tags as tags
from attendance import clock
from attendance.access import readable_organisations
from attendance.caching.principals import Principal, Source
from attendance.models import CourseStaff, Enrolment, LoginSession, User


@dataclass(frozen=True, kw_only=True)
class Reader(Principal):
    """A signed-in person, one browser of theirs.

    Attributes:
        handle: names the session without giving its key away.
        organisations: of which this reader may read everything, none for teachers and students.
        offerings: in which this reader works or is enrolled.
        name: as the frame of each page shows it.
        initials: likewise.
        organisation_name: likewise.
    """

    handle: str
    organisations: list[str]
    offerings: list[int]
    name: str
    initials: str
    organisation_name: str

    @property
    def reach(self) -> list[str]:
        """The organisations whose rows this reader can come to see."""
        return self.organisations or [self.organisation]


def load(session_key: str) -> Reader | None:
    """Return whom a session belongs to, None when nobody is signed in with it; 4 queries.

    What Django asks of a session is asked here, too: it has not ended, its person may log in, its password is still the
    one it began with.
    """
    sessions = LoginSession.objects.filter(session_key=session_key, expire_date__gt=clock.now())
    session = sessions.select_related("user__organisation").first()
    if session is None or session.user is None or not _is_signed_in(session, session.user):
        return None
    user = session.user
    return Reader(
        **_variant_of(user),
        ends_at=session.expire_date.timestamp(),
        sees_why=user.role != User.Role.STUDENT,
        handle=session.handle,
        organisations=sorted(each.hex for each in readable_organisations(user)),
        offerings=_offerings_of(user),
        name=user.full_name,
        initials=user.initials,
        organisation_name=user.organisation.name,
    )


def _variant_of(user: User) -> dict[str, Any]:
    """Return of a person what tells copies of a page apart."""
    return {
        "user": user.pk,
        "role": f"{user.role}, operator" if user.is_superuser else user.role,
        "organisation": user.organisation.pk.hex,
        "language": user.language if user.language in dict(settings.LANGUAGES) else "",
        "zone": user.organisation.time_zone,
    }


def answered(request: HttpRequest, reader: Reader) -> bool:
    """Say whether the person whom a view answered is the reader, in all that tells copies of a page apart."""
    user = getattr(request, "user", None)
    if not getattr(user, "is_authenticated", False):
        return False
    return all(getattr(reader, name) == value for name, value in _variant_of(cast("User", user)).items())


def _is_signed_in(session: LoginSession, user: User) -> bool:
    data = session.get_decoded()
    return (
        user.is_active
        and data.get(SESSION_KEY) == str(user.pk)
        and data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )


def _offerings_of(user: User) -> list[int]:
    work = CourseStaff.objects.filter(user=user).values_list("offering", flat=True)
    return sorted({*work, *Enrolment.objects.filter(student=user).values_list("offering", flat=True)})


def tags_of(reader: Reader) -> list[str]:
    """Return what a reader depends on."""
    return [
        tags.login(reader.handle),
        tags.account(reader.user),
        tags.person(reader.user),
        tags.organisation(reader.organisation),
        *(tags.organisations_under(each) for each in reader.organisations),
        tags.duties_of(reader.user),
        tags.enrolments_of(reader.user),
    ]


def sees_why(request: HttpRequest) -> bool:
    """Say whether whoever sent a request may know why it was not answered from the cache: staff may."""
    user: Any = getattr(request, "user", None)
    return user is not None and user.is_authenticated and user.role != User.Role.STUDENT


SOURCE = Source(kind=Reader, load=load, tags=tags_of, sees_why=sees_why, answered=answered)
