"""Inviting people by mail, taking invitations back, and accepting them."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from attendance import clock
from attendance.models import Invitation, Organisation, User
from attendance.queries.invitations import hash_of
from attendance.queries.people import has_account, is_name_taken
from attendance.services import mail
from attendance.services.refusals import Refusal

LIFETIME = timedelta(days=7)
log = logging.getLogger("lumina_learn")


@dataclass(frozen=True)
class NewAccount:
    """What an invited person chooses; e-mail, role and organisation come from the invitation."""

    given_name: str
    family_name: str
    username: str


def invite(*, organisation: Organisation, email: str, role: User.Role, invited_by: User) -> tuple[Invitation, str]:
    """Store an invitation for seven days and return it with its token; an open one to the same address ends.

    Raises:
        Refusal: the address has an account here already, or is being invited by somebody else in this moment.
    """
    if has_account(organisation, email):
        raise Refusal(_("%(email)s has an account at %(organisation)s already.") % _names(organisation, email))
    token, moment = secrets.token_urlsafe(32), clock.now()
    try:
        with transaction.atomic():
            _open(organisation, email).update(revoked_at=moment)
            invitation = Invitation.objects.create(
                organisation=organisation,
                email=email,
                role=role,
                token_hash=hash_of(token),
                invited_by=invited_by,
                created_at=moment,
                expires_at=moment + LIFETIME,
            )
    except IntegrityError as error:
        raise Refusal(_("Somebody else invited %(email)s in this moment.") % {"email": email}) from error
    return invitation, token


def _open(organisation: Organisation, email: str) -> QuerySet[Invitation]:
    open_ones = Invitation.objects.filter(organisation=organisation, accepted_by=None, revoked_at=None)
    return open_ones.filter(email__iexact=email)


def invite_by_mail(
    *, organisation: Organisation, email: str, role: User.Role, invited_by: User, link_to: Callable[[str], str]
) -> Invitation:
    """Invite somebody and send the link, which `link_to` makes of the token; return the invitation.

    Raises:
        Refusal: as `invite`; or the mail could not be sent, in which case the invitation is revoked.
    """
    invitation, token = invite(organisation=organisation, email=email, role=role, invited_by=invited_by)
    message = mail.compose(
        template="invitation",
        subject=_("Your LuminaLearn account at %(organisation)s") % {"organisation": organisation},
        recipient=email,
        context={"invitation": invitation, "link": link_to(token)},
    )
    try:
        message.send()
    except OSError as error:  # All errors of smtplib and of the network are this.
        revoke(invitation=invitation)
        log.error("The mail for invitation %s could not be sent: %s", invitation.pk, type(error).__name__)
        raise Refusal(
            _("The mail to %(email)s could not be sent, so the invitation was taken back. Try again later.")
            % {"email": email}
        ) from error
    return invitation


def revoke(*, invitation: Invitation) -> bool:
    """End an invitation; return whether it was still open."""
    still_open = Invitation.objects.filter(pk=invitation.pk, accepted_by=None, revoked_at=None)
    return still_open.update(revoked_at=clock.now()) == 1


@sensitive_variables("password")
def accept(*, invitation: Invitation, account: NewAccount, password: str) -> User:
    """Make the account that an invitation is for and return it; of two at once, one gets it.

    Raises:
        Refusal: the invitation is not open any more, or its address or the user name has an account meanwhile;
            nothing is stored then.
    """
    encoded = make_password(password)  # Slow by intent, so it is done before anything is locked.
    try:
        with transaction.atomic():
            open_one = _locked_open(invitation)
            person = _person(open_one, account, encoded)
            open_one.accepted_by = person
            open_one.save(update_fields=["accepted_by"])
    except IntegrityError as error:
        raise Refusal(_("This user name or e-mail address got an account in this moment.")) from error
    log.info("User %s accepted invitation %s", person.pk, invitation.pk)
    return person


def _locked_open(invitation: Invitation) -> Invitation:
    stored = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if stored.accepted_by_id or stored.revoked_at or stored.expires_at <= clock.now():
        raise Refusal(_("This invitation is not open any more."))
    return stored


def _person(invitation: Invitation, account: NewAccount, encoded_password: str) -> User:
    if has_account(invitation.organisation, invitation.email):
        raise Refusal(
            _("%(email)s has an account at %(organisation)s already. Log in instead.")
            % _names(invitation.organisation, invitation.email)
        )
    if is_name_taken(account.username, own_email=invitation.email):
        raise Refusal(_("The user name %(name)s is taken. Choose another.") % {"name": account.username})
    return User.objects.create(
        organisation=invitation.organisation,
        role=invitation.role,
        email=invitation.email,
        username=account.username.lower(),
        given_name=account.given_name,
        family_name=account.family_name,
        password=encoded_password,
    )


def _names(organisation: Organisation, email: str) -> dict[str, object]:
    return {"email": email, "organisation": organisation}
