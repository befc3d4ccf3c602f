"""Cached pages: a view says what its page depends on and who may share it; `PageCacheMiddleware` keeps and serves it.

    @cached_page("teacher_list", scope="role", timeout=timedelta(seconds=300), tags=teacher_list_tags, params=("q",))
    def teacher_list(request: HttpRequest) -> HttpResponse:
        ...

Tags are a function of the principal and of what the address names, never of what was loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache, wraps
from typing import Any, Literal
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve
from django.utils.translation import get_language_from_request

from attendance.caching.grants import Grant
from attendance.caching.lookups import Lookup, tags_for
from attendance.caching.principals import Principal

LONGEST_PATH = 100
"""Characters of a cached page's address at most. What is found is remembered, and strangers' long ones are not."""
Scope = Literal["organisation", "role", "reach"]
Kind = Literal["page", "json"]
LONGEST_PARAMETER = 100
"""Characters of a parameter that count; the rest is cut off before the view sees it."""


@dataclass(frozen=True)
class Page:
    """What a view declared.

    Attributes:
        resource: what it is called in keys, log and figures.
        scope: who shares one copy: all of an `organisation`, all of a `role` in it, or (`reach`) all of a role who
            read everything there and else nobody. A page shows each role its own places around the content, so one of
            an organisation is shared by role as well.
        timeout: how long a copy lives at most.
        tags: called with the principal and the arguments of the address, returns what the page depends on.
        params: the query parameters the view reads; others do not reach it, and multiply nothing.
        grant: who of the scope may see the page; None where everybody may.
        kind: whether the answer is a page for people or JSON.
    """

    resource: str
    scope: Scope
    timeout: timedelta
    tags: Callable[..., list[str]]
    params: tuple[str, ...]
    grant: Grant | None
    kind: Kind

    def query_of(self, request: HttpRequest) -> str:
        """Return the query string as this page understands it."""
        if not request.META.get("QUERY_STRING"):
            return ""
        asked = {name: request.GET.get(name, "").strip()[:LONGEST_PARAMETER] for name in self.params}
        return urlencode({name: value for name, value in asked.items() if value})


registry: dict[str, Page] = {}
"""Every cached page of the product by its resource; tests walk through it."""
_PAGE = "cached_page"


def cached_page(
    resource: str,
    *,
    scope: Scope,
    timeout: timedelta,
    tags: Callable[..., list[str]],
    params: tuple[str, ...] = (),
    grant: Grant | None = None,
    kind: Kind = "page",
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Return a decorator that declares a view's page as cached; see `Page` for the arguments.

    Raises:
        ValueError: another page has that resource.
    """
    if resource in registry:
        raise ValueError(f"Two cached pages are called {resource}.")
    page = registry[resource] = Page(resource, scope, timeout, tags, params, grant, kind)

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def declared(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        setattr(declared, _PAGE, page)
        return declared

    return decorate


@dataclass(frozen=True)
class Asked:
    """A request for a cached page: the page, the arguments of its address, and the query as the page understands it."""

    page: Page
    arguments: dict[str, Any]
    query: str

    def tidy(self, request: HttpRequest) -> None:
        """Take from the request what the page does not read, so that no copy holds it."""
        if request.META.get("QUERY_STRING", "") != self.query:
            request.META["QUERY_STRING"] = self.query
            request.GET = QueryDict(self.query)

    def lookup(self, request: HttpRequest, principal: Principal, load: Callable[[], bytes]) -> Lookup:
        """Return what the copy for this reader is called, and what it depends on."""
        resource, organisation = self.page.resource, principal.organisation
        return Lookup(
            resource=resource,
            name=self._name(request, principal),
            tags=tags_for(resource, organisation, self.page.tags(principal, **self.arguments)),
            timeout=self.page.timeout,
            load=load,
            organisation=organisation,
        )

    def _name(self, request: HttpRequest, principal: Principal) -> str:
        language = principal.language or language_of(request)
        reader = [principal.organisation]
        if self.page.scope != "organisation" or self.page.kind == "page":
            reader.append(principal.role)
        if self.page.scope == "reach" and not principal.reads_everything:
            reader.append(str(principal.user))
        address = f"{request.scheme}://{request.get_host()}{request.path}?{self.query}"
        return ":".join([self.page.resource, *reader, language, principal.zone, address])

    def grant(self, principal: Principal) -> Lookup | None:
        """Return the call that says who may see the page, if that is not everybody."""
        if self.page.grant is None:
            return None
        asked, organisation = self.page.grant.lookup(principal, **self.arguments), principal.organisation
        return replace(asked, organisation=organisation, tags=tags_for(asked.resource, organisation, asked.tags))

    def admits(self, principal: Principal, said: Any) -> bool:
        """Say whether this reader may see the page, by what that call returned."""
        return self.page.grant is None or self.page.grant.admits(principal, said)


def language_of(request: HttpRequest) -> str:
    """Return the language that Django would speak to this browser: that of its cookie, else what it asks for."""
    return _language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME), request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


@lru_cache(maxsize=1_000)
def _language(chosen: str | None, accepted: str) -> str:
    request = HttpRequest()
    request.COOKIES = {} if chosen is None else {settings.LANGUAGE_COOKIE_NAME: chosen}
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return get_language_from_request(request)


def asked_for(request: HttpRequest) -> Asked | None:
    """Return what a request asks for when its address is that of a cached page, else None."""
    found = _page_at(request.path_info) if len(request.path_info) <= LONGEST_PATH else None
    if found is None or request.method not in ("GET", "HEAD"):
        return None
    page, arguments = found
    return Asked(page, arguments, page.query_of(request))


@lru_cache(maxsize=10_000)
def _page_at(path: str) -> tuple[Page, dict[str, Any]] | None:
    try:
        found = resolve(path)
    except Resolver404:
        return None
    page = getattr(found.func, _PAGE, None)
    return (page, found.kwargs) if page else None
