"""Session store over our own table, so that the sessions of a person can be listed and ended."""

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from attendance.models import LoginSession
from attendance.models.people import new_session_handle

SIGNED_IN_AT = "signed_in_at"
"""Under this name a session holds when it began, in ISO 8601."""
BROWSER = "browser"
"""Under this name a session holds what `browser_name` says of its browser."""
_HANDLE = "_handle"


class SessionStore(DatabaseSessionStore):
    """Django's database sessions, written to `LoginSession` with the user beside the opaque data."""

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
