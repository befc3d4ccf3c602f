"""Reads about people: the directory, one person's open browsers, and whom a typed name may mean."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from attendance import clock
from attendance.models import LinkedIdentity, LoginSession, Organisation, User
from attendance.sign_in.sessions import BROWSER, SIGNED_IN_AT


def people_found(organisations: Collection[UUID], *, search: str = "") -> QuerySet[User]:
    """Return the people of these organisations who fit every word of the search, by name.

    A word fits when name, user name, number or e-mail contains it. Who was erased is in no list of people.
    """
    people = User.objects.filter(organisation__in=organisations, erased_at=None).select_related(
        "organisation", "department"
    )
    return people_matching(people, search)


def people_matching(people: QuerySet[User], search: str) -> QuerySet[User]:
    """Return those of these people who fit every word of the search."""
    for word in search.split():
        people = people.filter(_holds(word))
    return people


def _holds(word: str) -> Q:
    # SQLite ignores case within ASCII only; the capitalised word finds Özil for who types özil.
    names = Q()
    for spelling in {word, word.capitalize()}:
        names |= Q(family_name__icontains=spelling) | Q(given_name__icontains=spelling)
    return names | Q(number__icontains=word) | Q(email__icontains=word) | Q(username__icontains=word)


def people_per_role(people: QuerySet[User]) -> dict[str, int]:
    """Return how many of these people have each role; roles that nobody has are left out."""
    return dict(people.order_by().values_list("role").annotate(count=Count("pk")))


def has_account(organisation: Organisation, email: str) -> bool:
    """Say whether an account of the organisation has this e-mail address, however it is capitalised."""
    accounts = User.objects.filter(organisation=organisation).annotate(lower_email=Lower("email"))
    return accounts.filter(lower_email=email.lower()).exists()


def is_name_taken(name: str, *, own_email: str) -> bool:
    """Say whether a new user name is, or could be mistaken for, what somebody else logs in with.

    User names go first when a typed name is looked up, so one that spells another person's number or address would
    keep that person out.
    """
    if User.objects.filter(username=name.lower()).exists():
        return True
    if name.lower() == own_email.lower():
        return False
    return User.objects.filter(Q(number__iexact=name) | Q(email__iexact=name)).exists()


def identities_of(person: User) -> QuerySet[LinkedIdentity]:
    """Return the logins of OpenID providers that are known to be the person's."""
    return LinkedIdentity.objects.filter(user=person).order_by("linked_at")


@dataclass(frozen=True)
class OpenBrowser:
    """A signed-in browser: what it calls itself, when its session began and ends, and whether it is the reader's."""

    name: str
    since: datetime | None
    until: datetime
    is_present: bool


def open_browsers(person: User, *, session_key: str | None = None) -> list[OpenBrowser]:
    """Return the person's signed-in browsers, the latest first; the one with the session key is the present one."""
    sessions = LoginSession.objects.filter(user=person, expire_date__gt=clock.now())
    browsers = [browser_of(session, session_key) for session in sessions]
    return sorted(browsers, key=lambda each: each.since or each.until, reverse=True)


def browser_of(session: LoginSession, session_key: str | None = None) -> OpenBrowser:
    """Return the browser of a session, which is the present one when it has that key; no query."""
    data = session.get_decoded()
    began = data.get(SIGNED_IN_AT)
    return OpenBrowser(
        name=data.get(BROWSER, ""),
        since=datetime.fromisoformat(began) if began else None,
        until=session.expire_date,
        is_present=session.session_key == session_key,
    )
