"""Readers: who a session belongs to, as far as cached pages need to know it."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, QuerySet
from django.http import HttpRequest

from attendance import cache_tags as tags
from attendance import clock
from attendance.access import readable_organisations
from attendance.caching.principals import Principal, Source
from attendance.models import LoginSession, User
from attendance.queries.belongings import Belongings, belongings_of, is_remembered, owned_of, pairs, remember
from attendance.queries.organisation_facts import facts_of
from attendance.sign_in.sessions import holds_for

_OPERATOR = ", operator"
"""What an operator's role ends with, as far as copies of pages are concerned."""


@dataclass(frozen=True, kw_only=True)
class Reader(Principal, Belongings):
    """A signed-in person, one browser of theirs.

    Attributes:
        handle: names the session without giving its key away.
        name: as the frame of each page shows it.
        initials: likewise.
        organisation_name: likewise.
    """

    handle: str
    name: str
    initials: str
    organisation_name: str

    @property
    def reads_everything(self) -> bool:
        """Whether this reader oversees whole institutions, as all of the role there do."""
        return self.organisations != []

    @property
    def is_operator(self) -> bool:
        """Whether this reader runs the installation: operators share no copy of a page with others of their role."""
        return self.role.endswith(_OPERATOR)


def load(session_key: str) -> Reader | None:
    """Return whom a session belongs to, None when nobody is signed in with it; 1 query, for administrators more.

    What Django asks of a session is asked here, too: it has not ended, its person may log in, its password is still the
    one it began with. Duties and places are joined to it, so each pair of a duty and a place is a row.
    """
    joined = _sessions(session_key).annotate(
        duty=F("user__duties__offering"),
        only=F("user__duties__lecture"),
        kind=F("user__duties__duty"),
        place=F("user__enrolments__offering"),
        seat=F("user__enrolments__sections"),
    )
    rows = list(joined)
    if not rows or rows[0].user is None or not holds_for(rows[0].get_decoded(), rows[0].user):
        return None
    session, user = rows[0], rows[0].user
    return Reader(
        **_variant_of(user),
        ends_at=session.expire_date.timestamp(),
        sees_why=user.role != User.Role.STUDENT,
        handle=session.handle,
        organisations=sorted(each.hex for each in readable_organisations(user)),
        duties=pairs((row.duty, row.only) for row in rows),
        owned=owned_of((row.duty, row.kind) for row in rows),
        places=pairs(pair for row in rows for pair in ((row.place, row.seat), (row.place, None))),
        name=user.full_name,
        initials=user.initials,
        organisation_name=user.organisation.name,
    )


def _sessions(session_key: str) -> QuerySet[LoginSession]:
    rows = LoginSession.objects.filter(session_key=session_key, expire_date__gt=clock.now())
    return rows.select_related("user__organisation")


def foresee(session_key: str) -> list[str] | None:
    """Return what the reader of a session will depend on, None when there is none; 1 query, for administrators more."""
    session = _sessions(session_key).first()
    if session is None or session.user is None:
        return None
    user = session.user
    organisations = sorted(each.hex for each in readable_organisations(user))
    return _tags(session.handle, user.pk, user.organisation_id.hex, organisations)


def _variant_of(user: User) -> dict[str, Any]:
    """Return of a person what tells copies of a page apart."""
    return {
        "user": user.pk,
        "role": f"{user.role}{_OPERATOR}" if user.is_superuser else user.role,
        "organisation": user.organisation.pk.hex,
        "language": user.language if user.language in dict(settings.LANGUAGES) else "",
        "zone": user.organisation.time_zone,
    }


def person(reader: Reader) -> User:
    """Return the person that a reader is, as far as readers are told apart, and where that person belongs.

    The rest is loaded when a view asks.
    """
    role, _comma, operator = reader.role.partition(", ")
    known = {
        "id": reader.user,
        "organisation_id": UUID(reader.organisation),
        "role": role,
        "language": reader.language,
        "is_active": True,
        "is_superuser": operator != "",
    }
    names = [field.attname for field in User._meta.concrete_fields if field.attname in known]
    user = User.from_db(DEFAULT_DB_ALIAS, names, [known[name] for name in names])
    remember(user, reader)
    return user


def answered(request: HttpRequest, reader: Reader) -> bool:
    """Say whether the person whom a view answered is the reader, in all that tells copies of a page apart."""
    user = getattr(request, "user", None)
    if not getattr(user, "is_authenticated", False):
        return False
    person = cast("User", user)
    if is_remembered(person) and belongings_of(person) is reader:
        return facts_of(reader.organisation).time_zone == reader.zone
    return all(getattr(reader, name) == value for name, value in _variant_of(person).items())


def zone_of(user: User) -> ZoneInfo:
    """Return the zone of a person's organisation; the reader of a cached page has it from an entry, without a query."""
    return facts_of(user.organisation_id.hex).zone if is_remembered(user) else user.organisation.zone


def tags_of(reader: Reader) -> list[str]:
    """Return what a reader depends on."""
    return _tags(reader.handle, reader.user, reader.organisation, reader.organisations)


def _tags(handle: str, user: int, organisation: str, organisations: list[str]) -> list[str]:
    return [
        tags.login(handle),
        tags.account(user),
        tags.person(user),
        tags.organisation(organisation),
        *(tags.organisations_under(each) for each in organisations),
        tags.duties_of(user),
        tags.enrolments_of(user),
        tags.seats_of(user),
    ]


def sees_why(request: HttpRequest) -> bool:
    """Say whether whoever sent a request may know why it was not answered from the cache: staff may."""
    user: Any = getattr(request, "user", None)
    return user is not None and user.is_authenticated and user.role != User.Role.STUDENT


SOURCE = Source(
    kind=Reader, foresee=foresee, load=load, person=person, tags=tags_of, sees_why=sees_why, answered=answered
)
