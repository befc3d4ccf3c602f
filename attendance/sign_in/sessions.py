"""Session store over our own table, so that the sessions of a person can be listed and ended."""

from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from attendance.models import LoginSession, User
from attendance.models.people import new_session_handle
from attendance.prepared import Prepared

SIGNED_IN_AT = "signed_in_at"
"""Under this name a session holds when it began, in ISO 8601."""
BROWSER = "browser"
"""Under this name a session holds what `browser_name` says of its browser."""
_HANDLE = "_handle"


_SESSIONS = Prepared(
    lambda session_key: (
        LoginSession.objects.select_related("user__organisation").filter(session_key=session_key).order_by()
    ),
    session_key=str,
)


def holds_for(data: Mapping[str, Any], user: User) -> bool:
    """Say whether what a session holds lets that person in: the account is open and has the password it had then."""
    return (
        user.is_active
        and data.get(SESSION_KEY) == str(user.pk)
        and data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )


class SessionStore(DatabaseSessionStore):
    """Django's database sessions, written to `LoginSession` with the user beside the opaque data."""

    _user_of_row: User | None = None

    def load(self) -> dict[str, Any]:
        """Return what the session holds, and keep its person at hand: who asks is known by one query."""
        row = _SESSIONS.first(session_key=str(self.session_key))
        if row is None or row.expire_date <= timezone.now():
            self._session_key = None
            return {}
        self._user_of_row = row.user
        data: dict[str, Any] = self.decode(row.session_data)
        return data

    def person(self) -> User | None:
        """Return who is signed in with this session, as far as its row tells; None where that needs a closer look."""
        data, user = dict(self.items()), self._user_of_row
        return user if user is not None and holds_for(data, user) else None

    @classmethod
    def get_model_class(cls) -> type[LoginSession]:
        """Return the model that holds the rows."""
        return LoginSession

    def create(self) -> None:
        """Start a row of its own: when the key of a session is changed, the old row still stands, with its handle."""
        self.pop(_HANDLE, None)
        super().create()

    def create_model_instance(self, data: dict[str, Any]) -> LoginSession:
        """Return the row to write: whole at each save, so its handle travels in the data to stay the same."""
        handle = data.setdefault(_HANDLE, new_session_handle())
        row = cast("LoginSession", super().create_model_instance(data))
        row.handle = handle
        row.user_id = data.get(SESSION_KEY)
        return row
