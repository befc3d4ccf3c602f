"""Log people in to the stock project, and write their cookies as JSON: `python -m benchmarks.stock.members 20`."""

import json
import sys

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 -- needs the settings
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402


def signed_in(user: User) -> str:
    """Return the key of a session in which that person is logged in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def main(number: int) -> None:
    """Write everything to standard output."""
    members = User.objects.bulk_create(User(username=f"member{place}") for place in range(number))
    cookies = [{"sessionid": signed_in(member), "csrftoken": get_random_string(32)} for member in members]
    sys.stdout.write(json.dumps(cookies))


if __name__ == "__main__":
    main(int(sys.argv[1]))
