"""Who of ours somebody is that the institution's OpenID provider vouches for."""

import logging

from django.db import IntegrityError, transaction

from attendance.models import LinkedIdentity, User
from attendance.services.accounts import person_to_change
from attendance.sign_in.openid.failures import Failure, OpenIdError
from attendance.sign_in.openid.tokens import Claims

log = logging.getLogger("lumina_learn")


def identify(*, claims: Claims, organisation: str) -> User:
    """Return the person whom a subject is linked to, or who has the number in the organisation of that short name.

    Whoever is found by number is linked, and known by the subject from then on. E-mail addresses are not looked at: a
    provider lets people change them, and may never have asked whose they are.

    Raises:
        OpenIdError: UNKNOWN, CLOSED, OPERATOR or TAKEN; nothing is stored then.
    """
    linked = _linked(claims)
    if linked is not None:
        return _checked(linked)
    person = _checked(_numbered(claims, organisation))
    try:
        with transaction.atomic():
            LinkedIdentity.objects.create(user=person, issuer=claims.issuer, subject=claims.subject)
    except IntegrityError as error:  # Somebody else's subject has this person, or this one's login in another window.
        if _linked(claims) != person:
            raise OpenIdError(Failure.TAKEN, f"user {person.pk}") from error
    else:
        log.info("User %s was linked to a subject of %s", person.pk, claims.issuer)
    return person


def _linked(claims: Claims) -> User | None:
    links = LinkedIdentity.objects.select_related("user__organisation")
    link = links.filter(issuer=claims.issuer, subject=claims.subject).first()
    return link.user if link else None


def _numbered(claims: Claims, organisation: str) -> User:
    """Return the one person with the number, however it is capitalised."""
    people = User.objects.select_related("organisation").filter(organisation__slug=organisation)
    found = list(people.filter(number__iexact=claims.number)[:2]) if claims.number else []
    if len(found) != 1:
        raise OpenIdError(Failure.UNKNOWN, "no number" if not claims.number else f"{len(found)} people")
    return found[0]


def _checked(person: User) -> User:
    if not person.is_active:
        raise OpenIdError(Failure.CLOSED, f"user {person.pk}")
    if person.is_superuser:
        # An operator is above institutions, and the provider of one of them does not vouch for that.
        raise OpenIdError(Failure.OPERATOR, f"user {person.pk}")
    return person


def unlink(*, person: User, actor: User) -> int:
    """Forget the subjects a person is linked to, and return how many there were; the next login links by number.

    Raises:
        Refusal: it is the actor's own account, or an operator's and the actor is none.
    """
    with transaction.atomic():
        ended, _by_model = LinkedIdentity.objects.filter(user=person_to_change(person, actor)).delete()
    log.info("User %s unlinked user %s from %s subjects", actor.pk, person.pk, ended)
    return ended
