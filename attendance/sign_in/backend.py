"""Who is signing in: a person may be named by user name, e-mail address or number."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q
from django.http import HttpRequest

from attendance.models import User


def find_account(identifier: str) -> User | None:
    """Return the one account that a user name, e-mail address or number means, however it is capitalised.

    A user name goes first, because it is unique everywhere. Numbers and addresses are unique in one organisation only:
    one that means several accounts means none.
    """
    name = identifier.strip()
    if not name:
        return None
    accounts = User.objects.select_related("organisation")
    by_username = accounts.filter(username=name.lower()).first()
    if by_username:
        return by_username
    others = list(accounts.filter(Q(email__iexact=name) | Q(number__iexact=name))[:2])
    return others[0] if len(others) == 1 else None


class IdentifierBackend(ModelBackend):
    """Django's password check behind `find_account`; an unknown name takes as long as a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the person when the password fits and the account is active, else None."""
        if username is None or password is None:
            return None
        user = find_account(username)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, with the organisation, unless the account was deactivated."""
        user = User.objects.select_related("organisation").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
