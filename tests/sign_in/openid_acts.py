"""Logging in at an OpenID provider on this machine, step by step."""

from collections.abc import Iterator

import httpx
import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from attendance.sign_in.openid import provider as kept_by
from tests.cast import Campus
from tests.servers.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, running_provider

OURS = "http://testserver"


@pytest.fixture
def provider(campus: Campus, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenIdProvider]:
    """The provider of the campus; nothing is known of it yet."""
    monkeypatch.setattr(kept_by, "_kept", {})
    with running_provider() as running:
        settings.OIDC_ISSUER = running.issuer
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        settings.OIDC_ORGANISATION = campus.organisation.slug
        settings.OIDC_NUMBER_CLAIM = "student_number"
        yield running


def begin(client: Client, next_page: str = "") -> str:
    """Begin a login and return where the browser is sent."""
    answer = client.get("/login/openid/", {"next": next_page} if next_page else {})
    assert answer.status_code == 302
    return str(answer["Location"])


def at_the_provider(question: str) -> str:
    """Let the provider answer, and return the path and query with which it sends the browser back."""
    location = httpx.get(question, follow_redirects=False).headers["Location"]
    assert location.startswith(f"{OURS}/login/openid/callback/?")
    return str(location.removeprefix(OURS))


def come_back(client: Client, answer: str) -> HttpResponse:
    return client.get(answer)


def log_in_there(client: Client, next_page: str = "") -> str:
    """Go the whole way and return where the browser ends up."""
    return str(come_back(client, at_the_provider(begin(client, next_page)))["Location"])
