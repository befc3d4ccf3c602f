"""Changing a password, and replacing a forgotten one with the help of a mail."""

import logging
from collections.abc import Callable

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.http import HttpRequest
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from attendance.models import Throttle, User
from attendance.queries.passwords import accounts_to_reset
from attendance.services import mail, throttle
from attendance.services.login_sessions import end_other_sessions, end_sessions
from attendance.services.refusals import Refusal
from attendance.services.throttle import Attempt
from attendance.sign_in.client_address import client_address

log = logging.getLogger("lumina_learn")


def ask_for_reset(*, identifier: str, address: str, link_to: Callable[[str, str], str]) -> Attempt:
    """Mail a link to whoever the name means; what is returned and how long it takes do not tell whether anybody is.

    `link_to` makes the link of the person's id in base 64 and a token. Every request counts, not only failed ones:
    each may send a mail.
    """
    subject = throttle.subject_named(identifier, address)
    attempt = throttle.begin_attempt(purpose=Throttle.Purpose.PASSWORD_RESET, subject=subject)
    if attempt.admitted:
        for person in accounts_to_reset(identifier):
            _send_link(person, link_to)
    return attempt


def _send_link(person: User, link_to: Callable[[str, str], str]) -> None:
    key, token = urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
    with mail.language_of(person):
        message = mail.compose(
            template="password_reset",
            subject=_("A new password for LuminaLearn"),
            recipient=person.email,
            context={"person": person, "link": link_to(key, token)},
        )
    mail.send_later(message)


@sensitive_variables("token", "password")
def reset_password(*, person: User, token: str, password: str) -> None:
    """Give a person a new password by a mailed token, sign all browsers out and forget failed logins.

    Raises:
        Refusal: the token was used in the meantime.
    """
    encoded = make_password(password)
    with transaction.atomic():
        stored = User.objects.select_for_update().get(pk=person.pk)
        if not default_token_generator.check_token(stored, token):
            raise Refusal(_("This link was used in the meantime."))
        _store(stored, encoded)
        end_sessions(person=stored)
        throttle.forget_everywhere(purpose=Throttle.Purpose.LOGIN, account=stored)
    log.info("User %s reset the password", person.pk)


@sensitive_variables("present_password")
def confirm_password(*, request: HttpRequest, person: User, present_password: str) -> tuple[bool, Attempt]:
    """Say whether a signed-in person knows the present password, and what the throttle says of the attempt.

    Failures count as failed logins: a stolen session must not be a place to guess the password.
    """
    address = client_address(request)
    subject = throttle.subject_of(person, address)
    attempt = throttle.begin_attempt(purpose=Throttle.Purpose.LOGIN, subject=subject)
    if not attempt.admitted:
        return False, attempt
    with throttle.turn(purpose=Throttle.Purpose.LOGIN, address=address):
        known = person.check_password(present_password)
    if known:
        throttle.forget(purpose=Throttle.Purpose.LOGIN, subject=subject)
    return known, attempt


@sensitive_variables("password")
def change_password(*, request: HttpRequest, person: User, password: str) -> None:
    """Give a signed-in person a new password; this browser stays signed in under a new key, all others do not."""
    encoded = make_password(password)
    with transaction.atomic():
        _store(person, encoded)
        update_session_auth_hash(request, person)
        end_other_sessions(person=person, session_key=request.session.session_key)
    log.info("User %s changed the password", person.pk)


def _store(person: User, encoded_password: str) -> None:
    person.password = encoded_password
    person.save(update_fields=["password"])
