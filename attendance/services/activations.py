"""First passwords for people whom an institution brought along: links by mail, codes on paper, and using them."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from attendance import clock
from attendance.models import Activation, Throttle, User
from attendance.queries.activations import ActivationState, activation_of_code, code_hash, state_of
from attendance.queries.invitations import hash_of
from attendance.services import activation_mail, throttle
from attendance.services.activation_mail import Letter
from attendance.services.batches import BATCH
from attendance.services.enrolment import ALPHABET
from attendance.services.refusals import Refusal
from attendance.services.throttle import Attempt

Kind = Activation.Kind
LIFETIMES = {Kind.LINK: timedelta(days=7), Kind.CODE: timedelta(days=30)}
CODE_LENGTH = 10
MOST_SLIPS = 2000
"""More codes than this on one sheet are 250 pages; a browser is slow to print them, and nobody cuts them."""
log = logging.getLogger("lumina_learn")


@dataclass(frozen=True)
class Sending:
    """How many links are on their way, and how many of the chosen people have no address for one."""

    links: int
    without_address: int


@dataclass(frozen=True)
class Slip:
    """One person's part of a sheet; the code is kept nowhere else."""

    person: User
    code: str
    expires_at: datetime


def send_links(*, people: QuerySet[User], actor: User, link_to: Callable[[str], str]) -> Sending:
    """Make a link for each of these people who can use one, and mail it in the background; earlier ones end.

    `link_to` makes the link of a token. What becomes of a mail is written down beside its activation.

    Raises:
        Refusal: none of them can use one; the sentence is about the first. Nothing is stored then.
    """
    with transaction.atomic():
        fit = _fit(people, actor)
        reachable = [person for person in fit if person.email]
        if not reachable:
            raise Refusal(_("%(name)s has no e-mail address. Print a code instead.") % {"name": fit[0]})
        tokens = {person.pk: secrets.token_urlsafe(32) for person in reachable}
        made = _issue(reachable, actor, Kind.LINK, {pk: hash_of(token) for pk, token in tokens.items()})
        letters = [Letter(each, link_to(tokens[each.user_id])) for each in made]
        language = get_language()
        transaction.on_commit(partial(activation_mail.send_later, letters=letters, language=language))
    log.info("User %s sends %s activation links", actor.pk, len(letters))
    return Sending(len(letters), len(fit) - len(reachable))


def print_codes(*, people: QuerySet[User], actor: User) -> list[Slip]:
    """Make a code for each of these people who can use one and return them by name; earlier ones end.

    Raises:
        Refusal: none of them can use one, in which case the sentence is about the first; or there are too many for
            one sheet. Nothing is stored then.
    """
    with transaction.atomic():
        fit = _fit(people, actor)
        if len(fit) > MOST_SLIPS:
            raise Refusal(
                _("%(count)d codes are too many for one sheet. Narrow the choice to %(most)d.")
                % {"count": len(fit), "most": MOST_SLIPS}
            )
        codes = {person.pk: _new_code() for person in fit}
        made = _issue(fit, actor, Kind.CODE, {pk: code_hash(pk, code) for pk, code in codes.items()})
    log.info("User %s prints %s activation codes", actor.pk, len(made))
    slips = [Slip(each.user, _in_groups(codes[each.user_id]), each.expires_at) for each in made]
    return sorted(slips, key=lambda slip: (slip.person.family_name, slip.person.given_name, slip.person.pk))


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _position in range(CODE_LENGTH))


def _in_groups(code: str) -> str:
    return f"{code[:5]}-{code[5:]}"


def _fit(people: QuerySet[User], actor: User) -> list[User]:
    """Return, locked, those of the people who may get a link or a code from the actor; one at least."""
    locked = people.select_related("organisation").select_for_update(of=("self",)).order_by("pk")
    reasons = [(person, _reason_against(person, actor)) for person in locked]
    fit = [person for person, reason in reasons if not reason]
    if not fit:
        raise Refusal(reasons[0][1] if reasons else _("Nobody here waits for a link or a code."))
    return fit


def _reason_against(person: User, actor: User) -> str:
    """Return why a person gets neither link nor code; empty when nothing is against it."""
    if person.erased_at is not None:
        return _("This account was erased. There is nobody left whom a change could be for.")
    if not person.is_active:
        return _("%(name)s cannot log in. Activate the account first.") % {"name": person}
    if person.has_usable_password():
        return _("%(name)s has a password already.") % {"name": person}
    if person.is_superuser and not actor.is_superuser:
        # A code on paper is in the hands of whoever prints it.
        return _("%(name)s is an operator. Only an operator can change this account.") % {"name": person}
    return ""


def _issue(people: Sequence[User], actor: User, kind: Activation.Kind, hashes: Mapping[int, str]) -> list[Activation]:
    """Store an activation for each person, who is locked; those that were open before end."""
    moment = clock.now()
    still_open = Activation.objects.filter(used_at=None, revoked_at=None)
    for start in range(0, len(people), BATCH):  # A statement takes only so many parameters.
        still_open.filter(user__in=people[start : start + BATCH]).update(revoked_at=moment)
    rows = [
        Activation(
            user=person,
            kind=kind,
            secret_hash=hashes[person.pk],
            created_by=actor,
            created_at=moment,
            expires_at=moment + LIFETIMES[kind],
        )
        for person in people
    ]
    return Activation.objects.bulk_create(rows, batch_size=BATCH)


def revoke(*, person: User, actor: User) -> bool:
    """End the open link or code of a person; return whether there was one."""
    still_open = Activation.objects.filter(user=person, used_at=None, revoked_at=None)
    ended = still_open.update(revoked_at=clock.now()) == 1
    if ended:
        log.info("User %s took back the activation of user %s", actor.pk, person.pk)
    return ended


@sensitive_variables("code")
def try_code(*, identifier: str, code: str, address: str) -> tuple[Activation | None, Attempt]:
    """Look up the activation of a name and a code that were typed in a browser, unless too many were wrong.

    Returns:
        The activation, whatever became of it, or None when name and code do not belong together or the attempt was not
        admitted; and what the throttle says of the attempt.
    """
    purpose, subject = Throttle.Purpose.ACTIVATION_CODE, throttle.subject_named(identifier, address)
    attempt = throttle.begin_attempt(purpose=purpose, subject=subject)
    if not attempt.admitted:
        return None, attempt
    with throttle.turn(purpose=purpose, address=address):
        activation = activation_of_code(identifier, code)
    if activation is not None:
        throttle.forget(purpose=purpose, subject=subject)
    return activation, attempt


@sensitive_variables("password")
def activate(*, activation: Activation, password: str) -> User:
    """Give the person a first password and return the person; of two at once, one gets in.

    Raises:
        Refusal: the activation is not open any more; nothing is stored then.
    """
    encoded = make_password(password)  # Slow by intent, so it is done before anything is locked.
    with transaction.atomic():
        person = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=activation.user_id)
        stored = Activation.objects.select_for_update().get(pk=activation.pk)
        stored.user = person
        if state_of(stored) is not ActivationState.OPEN:
            raise Refusal(_("This link or code is not open any more."))
        person.password, stored.used_at = encoded, clock.now()
        person.save(update_fields=["password"])
        stored.save(update_fields=["used_at"])
        throttle.forget_everywhere(purpose=Throttle.Purpose.LOGIN, account=person)
    log.info("User %s set a first password by activation %s", person.pk, stored.pk)
    return person


def sentence_of(sending: Sending) -> str:
    """Say what was sent, and to how many nothing could be."""
    links = ngettext("%(count)d link is on its way.", "%(count)d links are on their way.", sending.links)
    parts = [links % {"count": sending.links}]
    if sending.without_address:
        rest = ngettext(
            "%(count)d person has no e-mail address: print a code.",
            "%(count)d people have no e-mail address: print codes.",
            sending.without_address,
        )
        parts.append(rest % {"count": sending.without_address})
    return " ".join(parts)
