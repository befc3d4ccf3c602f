"""A process that answers requests for the constant page and tells what CPU time they took."""

import json
import sys

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 -- needs the settings
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from benchmarks.requests import Browser  # noqa: E402


def main() -> None:
    """Log somebody in, then answer each line, a pair of size and number of requests, with the CPU seconds taken."""
    user = User.objects.create_user("reader", password=None)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    browser = Browser(f"sessionid={session.session_key}")
    for line in sys.stdin:
        size, number = json.loads(line)
        path = f"/constant/{size}/"
        if len(browser.get(path).body) != size:
            raise RuntimeError("The constant page is not what it should be.")
        sys.stdout.write(json.dumps(browser.cpu_seconds(path, number)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
