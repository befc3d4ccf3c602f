"""Asking a server elsewhere: bounded in time and in size, and never sent on to another address."""

import ssl
import time
from collections.abc import Mapping
from functools import cache

import httpx

SECONDS_TO_CONNECT = 5.0


class UnansweredError(Exception):
    """There was no answer in time, or none at all; the text says what happened and never what was sent."""


class TooLargeError(Exception):
    """The answer goes on behind what is taken."""


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def exchange(
    url: str,
    *,
    seconds: float,
    largest: int,
    form: Mapping[str, str] | None = None,
    auth: httpx.Auth | None = None,
) -> tuple[int, bytes]:
    """Return status and body of what an address answers, or of its answer to a form that is posted there.

    Redirects are answers like others.

    Args:
        url: the address.
        seconds: how long to wait for each step of the answer, and how long the answer may go on.
        largest: the most bytes an answer may have.
        form: what is posted; None asks with GET.
        auth: who asks.

    Raises:
        UnansweredError: there is no answer in time.
        TooLargeError: there are more bytes than that.
    """
    try:
        return _exchanged(url, seconds, largest, form, auth)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnansweredError(type(error).__name__) from error


def _exchanged(
    url: str, seconds: float, largest: int, form: Mapping[str, str] | None, auth: httpx.Auth | None
) -> tuple[int, bytes]:
    # Uncompressed, so that what is counted is what is kept.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    limits = httpx.Timeout(seconds, connect=SECONDS_TO_CONNECT)
    ends_at = time.monotonic() + seconds
    method = "POST" if form is not None else "GET"
    with (
        httpx.Client(timeout=limits, verify=_trusted(), follow_redirects=False) as client,
        client.stream(method, url, data=form, auth=auth, headers=headers) as answer,
    ):
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > largest:
                raise TooLargeError(f"an answer of more than {largest} bytes")
            if time.monotonic() > ends_at:
                raise UnansweredError("an answer that does not end")
        return answer.status_code, bytes(body)
