"""Every cached page, found by the registry, with an address for each and everybody who could ask for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.middleware.csrf import _unmask_cipher_token
from django.test import Client, override_settings
from django.urls import reverse

from attendance import urls
from attendance.caching.pages import Page, registry
from tests.areas import ACTORS, stage_all
from tests.cast import Campus, signed_in

ASKED = {
    "q": "a",
    "term": "1",
    "department": "1",
    "status": "archived",
    "sort": "-name",
    "page": "2",
    "course_id": "1",
}
"""What a parameter is asked with; a new one has to be made known here."""
_TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")[A-Za-z0-9]+(?=")')
OWN_HEADERS = {"ETag", "Cache-Control", "Cache-Status", "Vary", "Content-Length"}
"""Headers of the cache itself: what its twin does not send."""


def cached_views() -> dict[str, tuple[Page, list[str]]]:
    """Return, by the name of its address, each cached page and what the address has to name."""
    found = ((str(each.name), getattr(each.callback, "cached_page", None), each.pattern) for each in urls.urlpatterns)
    return {name: (page, list(pattern.converters)) for name, page, pattern in found if page is not None}


VIEWS = cached_views()


@dataclass
class Stage:
    """A campus with everything on it, and a browser for everybody."""

    campus: Campus
    arguments: dict[str, Any] = field(init=False)
    browsers: dict[str, Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.arguments = stage_all(self.campus)
        for actor in ACTORS:
            self.browsers[actor] = Client() if actor == "anonymous" else signed_in(getattr(self.campus, actor))
            self.browsers[actor].get(reverse("home"), follow=True)  # From here on the browser has a form token.

    def address(self, name: str) -> str:
        """Return the address of that name."""
        return reverse(name, kwargs={argument: self.arguments[argument] for argument in VIEWS[name][1]})

    def addresses(self) -> Iterator[str]:
        """Yield every cached address, plain, and with each parameter it reads beside one it does not."""
        for name, (page, _named) in VIEWS.items():
            yield self.address(name)
            for parameter in page.params:
                yield f"{self.address(name)}?utm=mail&{parameter}={ASKED[parameter]}"

    def cached(self, actor: str, address: str) -> "Seen":
        """Return what a person receives."""
        return seen(self.browsers[actor], address)

    def twin(self, actor: str, address: str) -> "Seen":
        """Return what the view gives that person without a cache."""
        with override_settings(CACHE_ENABLED=False):
            return seen(self.browsers[actor], address)


@dataclass(frozen=True)
class Seen:
    """What somebody received, form tokens by their secrets; `why` is what the cache says of it."""

    status: int
    headers: dict[str, str]
    body: bytes
    why: str = field(compare=False)


def seen(browser: Client, address: str, **headers: str) -> Seen:
    """Return what a browser receives from an address."""
    response = browser.get(address, headers=headers)
    sent = {name: text for name, text in response.headers.items() if name not in OWN_HEADERS}
    body = _TOKEN.sub(_secret, response.content)
    return Seen(response.status_code, sent, body, response.headers.get("Cache-Status", ""))


def _secret(found: "re.Match[bytes]") -> bytes:
    """Return the secret that a masked token stands for."""
    return _unmask_cipher_token(found[0].decode()).encode()


def token_of(browser: Client) -> str:
    """Return the secret that a browser's forms are tied to."""
    return browser.cookies[settings.CSRF_COOKIE_NAME].value


__all__ = ["ACTORS", "VIEWS", "Seen", "Stage", "registry", "seen", "token_of"]
