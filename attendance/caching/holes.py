"""Holes: the places of a page that belong to its reader, such as the name and the form's token.

A template writes them with `{% hole "name" %}`. While a page is made for the cache, a marker stands there instead, so
that what is stored holds nothing of the reader; what is sent gets the value. `csrf_token` is a hole of every form.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS
from django.utils.safestring import SafeString

from attendance.caching.principals import Principal

CSRF = "csrf"
Filler = Callable[[HttpRequest, Any], str]
"""Makes the value of a hole from the request and the principal; the value is escaped as HTML."""

_marking: ContextVar[str] = ContextVar("holes", default="")
_NAME = rb"([a-z_]+)"
_LETTERS = CSRF_ALLOWED_CHARS * 2
_PLACE = {letter: place for place, letter in enumerate(CSRF_ALLOWED_CHARS)}
_TOKEN = re.compile(r"[A-Za-z0-9]{32}")
"""Django's CSRF secret as its cookie holds it."""


class Fillers(dict[str, Filler]):
    """Who fills which hole; the product adds its own once, when the process starts."""

    def value(self, name: str, request: HttpRequest, principal: Principal) -> bytes:
        """Return what stands in a hole for this reader.

        Raises:
            KeyError: nobody fills a hole of that name.
        """
        value = self[name](request, principal)
        return (value if isinstance(value, SafeString) else escape(value, quote=True)).encode()


def _token_of_cookie(request: HttpRequest, _principal: Principal) -> str:
    """Return the form token that belongs to the cookie, masked anew as in every answer."""
    return masked(request.COOKIES[settings.CSRF_COOKIE_NAME])


def masked(secret: str) -> str:
    """Return a form token for a secret.

    A token is 32 random letters and, letter by letter, the secret moved on by them, as `django.middleware.csrf` makes
    and takes it. Django draws each letter by itself, which takes longer than the whole of a hit's other work.
    """
    mask = [number % 62 for number in secrets.token_bytes(48) if number < 248][:32]
    while len(mask) < 32:  # Numbers from 248 on would favour some letters; once in a million draws they are many.
        mask += [number % 62 for number in secrets.token_bytes(48) if number < 248][: 32 - len(mask)]
    moved = [_LETTERS[_PLACE[letter] + by] for letter, by in zip(secret, mask, strict=True)]
    return "".join([*map(_LETTERS.__getitem__, mask), *moved])


fillers = Fillers({CSRF: _token_of_cookie})


def has_token(request: HttpRequest) -> bool:
    """Say whether the browser holds a secret that forms can be tied to without a new cookie."""
    return _TOKEN.fullmatch(request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")) is not None


def marker(name: str) -> str | None:
    """Return what stands in a hole while a page is made for the cache, None while it is made for its reader."""
    nonce = _marking.get()
    return f"hole:{nonce}:{name}:" if nonce else None


@contextmanager
def marked() -> Iterator[str]:
    """Let holes write markers for a while, and yield the random word that no content of a page can know."""
    nonce = secrets.token_hex(8)
    token = _marking.set(nonce)
    try:
        yield nonce
    finally:
        _marking.reset(token)


def cut(content: bytes, nonce: str) -> tuple[list[bytes], list[str]]:
    """Return the parts of a marked page and, one fewer, the names of the holes between them."""
    parts = re.split(rb"hole:" + nonce.encode() + rb":" + _NAME + rb":", content)
    return parts[::2], [name.decode() for name in parts[1::2]]


def filled(parts: list[bytes], names: list[str], values: Mapping[str, bytes]) -> bytes:
    """Return a page whole again."""
    pieces = [piece for part, name in zip(parts, names, strict=False) for piece in (part, values[name])]
    return b"".join([*pieces, parts[-1]])


def values_for(names: list[str], request: HttpRequest, principal: Principal) -> dict[str, bytes]:
    """Return what stands in each of these holes for this reader."""
    return {name: fillers.value(name, request, principal) for name in set(names)}
