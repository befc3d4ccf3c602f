"""Whom a password reset is for."""

from django.contrib.auth.tokens import default_token_generator
from django.db.models import QuerySet
from django.utils.http import urlsafe_base64_decode

from attendance.models import User
from attendance.sign_in.backend import find_account


def accounts_to_reset(identifier: str) -> list[User]:
    """Return the active accounts with an e-mail address that a user name, address or number means.

    An address may have an account at several organisations; each of them is meant then.
    """
    account = find_account(identifier)
    named = User.objects.filter(pk=account.pk) if account else _with_address(identifier.strip())
    return list(named.filter(is_active=True).exclude(email="").select_related("organisation"))


def _with_address(email: str) -> QuerySet[User]:
    return User.objects.filter(email__iexact=email) if email else User.objects.none()


def person_of_reset_link(uidb64: str, token: str) -> User | None:
    """Return the active person whose password a link may still reset; None when it was used, is old or was altered."""
    try:
        key = int(urlsafe_base64_decode(uidb64))
    except (ValueError, UnicodeDecodeError):
        return None
    person = User.objects.filter(pk=key, is_active=True).select_related("organisation").first()
    return person if person and default_token_generator.check_token(person, token) else None
