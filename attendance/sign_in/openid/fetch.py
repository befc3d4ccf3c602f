"""Asking the OpenID provider: bounded in time, in size and in number, and never sent on to another address."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import httpx

from attendance.outgoing import TooLargeError, UnansweredError, exchange
from attendance.sign_in.openid.failures import Failure, OpenIdError

SECONDS = 10.0
LARGEST_ANSWER = 256 * 1024
_SECONDS_TO_WAIT = 2.0
# A process answers four requests at a time. A provider that hangs holds half of them up, not all.
_LINES = threading.BoundedSemaphore(2)


def fetch_json(url: str, *, form: Mapping[str, str] | None = None, auth: httpx.Auth | None = None) -> dict[str, Any]:
    """Return the JSON object at an address, or the answer to a form that is posted there.

    Raises:
        OpenIdError: UNREACHABLE when there is no answer in time, BROKEN when it is no JSON object with status 200.
            Redirects are answers of another status.
    """
    if not _LINES.acquire(timeout=_SECONDS_TO_WAIT):
        raise OpenIdError(Failure.UNREACHABLE, "too many logins wait for the provider")
    try:
        status, body = exchange(url, seconds=SECONDS, largest=LARGEST_ANSWER, form=form, auth=auth)
    except UnansweredError as error:
        raise OpenIdError(Failure.UNREACHABLE, str(error)) from error
    except TooLargeError as error:
        raise OpenIdError(Failure.BROKEN, str(error)) from error
    finally:
        _LINES.release()
    if status != httpx.codes.OK:
        raise OpenIdError(Failure.BROKEN, f"status {status}")
    return _object(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OpenIdError(Failure.BROKEN, "no JSON") from error
    if not isinstance(found, dict):
        raise OpenIdError(Failure.BROKEN, "no JSON object")
    return found
