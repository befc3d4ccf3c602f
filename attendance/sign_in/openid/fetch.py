"""Asking the OpenID provider: bounded in time, in size and in number, and never sent on to another address."""

import json
import ssl
import threading
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

from attendance.sign_in.openid.failures import Failure, OpenIdError

SECONDS = 10.0
LARGEST_ANSWER = 256 * 1024
_SECONDS_TO_WAIT = 2.0
# A process answers four requests at a time. A provider that hangs holds half of them up, not all.
_LINES = threading.BoundedSemaphore(2)


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def fetch_json(url: str, *, form: Mapping[str, str] | None = None, auth: httpx.Auth | None = None) -> dict[str, Any]:
    """Return the JSON object at an address, or the answer to a form that is posted there.

    Raises:
        OpenIdError: UNREACHABLE when there is no answer in time, BROKEN when it is no JSON object with status 200.
            Redirects are answers of another status.
    """
    if not _LINES.acquire(timeout=_SECONDS_TO_WAIT):
        raise OpenIdError(Failure.UNREACHABLE, "too many logins wait for the provider")
    try:
        status, body = _exchange(url, form, auth)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OpenIdError(Failure.UNREACHABLE, type(error).__name__) from error
    finally:
        _LINES.release()
    if status != httpx.codes.OK:
        raise OpenIdError(Failure.BROKEN, f"status {status}")
    return _object(body)


def _exchange(url: str, form: Mapping[str, str] | None, auth: httpx.Auth | None) -> tuple[int, bytes]:
    # Uncompressed, so that what is counted is what is kept.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    ends_at = time.monotonic() + SECONDS
    method = "POST" if form is not None else "GET"
    with (
        httpx.Client(timeout=SECONDS, verify=_trusted(), follow_redirects=False) as client,
        client.stream(method, url, data=form, auth=auth, headers=headers) as answer,
    ):
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > LARGEST_ANSWER:
                raise OpenIdError(Failure.BROKEN, f"an answer of more than {LARGEST_ANSWER} bytes")
            if time.monotonic() > ends_at:
                raise OpenIdError(Failure.UNREACHABLE, "an answer that does not end")
        return answer.status_code, bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OpenIdError(Failure.BROKEN, "no JSON") from error
    if not isinstance(found, dict):
        raise OpenIdError(Failure.BROKEN, "no JSON object")
    return found
