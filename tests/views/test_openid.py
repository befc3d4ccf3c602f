"""Logging in at the institution's OpenID provider, and everything that must not let anybody in."""

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.test import Client
from pytest_django import Settings
from time_machine import TimeMachineFixture

from attendance.models import LinkedIdentity, LoginSession, User
from attendance.sign_in.openid import fetch
from attendance.sign_in.openid.failures import Failure
from attendance.sign_in.openid.provider import KEPT_FOR
from tests.cast import Campus, signed_in
from tests.servers.openid_provider import OpenIdProvider
from tests.servers.processes import free_port
from tests.services.stored_rows import everything
from tests.sign_in.acts import wait
from tests.sign_in.openid_acts import at_the_provider, begin, come_back, log_in_there, provider

__all__ = ["provider"]


def failed(failure: Failure) -> str:
    return f"/login/openid/failed/{failure.value}/"


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


# --- It works ---------------------------------------------------------------------------------------------------


def test_a_person_with_the_number_is_logged_in_and_linked(
    client: Client, campus: Campus, provider: OpenIdProvider
) -> None:
    assert log_in_there(client) == "/dashboard/"
    assert "Amira Haddad" in text(client, "/me/")
    [link] = LinkedIdentity.objects.all()
    assert (link.user, link.issuer, link.subject) == (campus.amira, provider.issuer, "subject-1")


def test_who_is_linked_is_known_whatever_the_number(client: Client, campus: Campus, provider: OpenIdProvider) -> None:
    log_in_there(client)
    provider.claims = {"sub": "subject-1", "student_number": "BILAL", "email": campus.bilal.email}
    other = Client()
    assert log_in_there(other) == "/dashboard/"
    assert "Amira Haddad" in text(other, "/me/")
    assert LinkedIdentity.objects.count() == 1


def test_the_question_is_as_the_standards_have_it(client: Client, provider: OpenIdProvider) -> None:
    before = everything()
    question = urlsplit(begin(client))
    asked = {name: values[0] for name, values in parse_qs(question.query).items()}
    assert f"{question.scheme}://{question.netloc}" == provider.issuer
    assert asked["redirect_uri"] == "http://testserver/login/openid/callback/"
    assert (asked["response_type"], asked["scope"]) == ("code", "openid profile")
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    cookie = client.cookies["openid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/login/openid/callback/")
    assert cookie["max-age"] == 600
    assert everything() == before, "the way there writes nothing"


def test_a_provider_may_want_the_secret_in_the_form(client: Client, provider: OpenIdProvider) -> None:
    provider.takes_basic = False
    assert log_in_there(client) == "/dashboard/"


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ("/courses/", "/courses/"),
        ("https://evil.example/", "/dashboard/"),
        ("//evil.example/", "/dashboard/"),
        (f"/courses/?q={'x' * 1000}", "/dashboard/"),
    ],
)
def test_a_login_leads_on_to_pages_of_ours_only(
    client: Client, provider: OpenIdProvider, asked: str, ends: str
) -> None:
    assert log_in_there(client, asked) == ends


def test_the_login_page_has_a_button_that_keeps_where_to_go(
    client: Client, campus: Campus, provider: OpenIdProvider, settings: Settings
) -> None:
    page = text(client, "/login/?next=/courses/%3Fq%3Da%26b")
    assert 'href="/login/openid/?next=%2Fcourses%2F%3Fq%3Da%26b"' in page
    assert "Log in with your institution’s account" in page
    settings.OIDC_BUTTON_LABEL = "Log in with Aldermoor ID"
    assert "Log in with Aldermoor ID" in text(client, "/login/")
    settings.OIDC_ISSUER = ""
    assert "/login/openid/" not in text(client, "/login/")


def test_without_a_provider_there_are_no_such_pages(client: Client, db: None) -> None:
    for path in ("/login/openid/", "/login/openid/callback/?state=a&code=b"):
        assert client.get(path).status_code == 404


def test_who_is_logged_in_goes_on_at_once(campus: Campus, provider: OpenIdProvider) -> None:
    assert signed_in(campus.amira).get("/login/openid/")["Location"] == "/dashboard/"
    assert provider.requests == []


def test_what_a_provider_says_of_itself_is_asked_for_now_and_then(
    client: Client, provider: OpenIdProvider, time_machine: TimeMachineFixture
) -> None:
    log_in_there(client)
    log_in_there(Client())
    assert provider.requests.count("/.well-known/openid-configuration") == 1
    assert provider.requests.count("/jwks") == 1
    wait(time_machine, KEPT_FOR)
    begin(Client())
    assert provider.requests.count("/.well-known/openid-configuration") == 2


def test_a_provider_may_change_its_keys(client: Client, provider: OpenIdProvider) -> None:
    log_in_there(client)
    provider.key_id = "key-2"
    assert log_in_there(Client()) == "/dashboard/"
    assert provider.requests.count("/jwks") == 2


# --- Who is not let in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "failure"),
    [
        ({"student_number": "NOBODY"}, Failure.UNKNOWN),
        ({"student_number": ""}, Failure.UNKNOWN),
        ({"student_number": None}, Failure.UNKNOWN),
        ({"student_number": True}, Failure.UNKNOWN),
        ({"student_number": ["AMIRA"]}, Failure.UNKNOWN),
        ({"student_number": "ZEYNEP"}, Failure.UNKNOWN),
        ({"email": "amira@aldermoor.example", "email_verified": True, "student_number": "X"}, Failure.UNKNOWN),
        ({"preferred_username": "amira", "student_number": None}, Failure.UNKNOWN),
        ({"student_number": "OMAR"}, Failure.CLOSED),
        ({"student_number": "TOMAS"}, Failure.OPERATOR),
        ({"student_number": "BILAL"}, Failure.TAKEN),
    ],
)
def test_others_are_told_whom_to_ask(
    client: Client, campus: Campus, provider: OpenIdProvider, claims: dict[str, object], failure: Failure
) -> None:
    User.objects.filter(pk=campus.outsider.pk).update(is_active=False)
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    LinkedIdentity.objects.create(user=campus.bilal, issuer=provider.issuer, subject="another subject")
    provider.claims |= claims
    before = everything()
    assert log_in_there(client) == failed(failure)
    assert everything() == before
    page = client.get(failed(failure))
    assert page.status_code == 403
    assert "dministration" in page.content.decode() or "password" in page.content.decode()


def test_a_linked_person_who_was_deactivated_is_refused(
    client: Client, campus: Campus, provider: OpenIdProvider
) -> None:
    log_in_there(client)
    User.objects.filter(pk=campus.amira.pk).update(is_active=False)
    assert log_in_there(Client()) == failed(Failure.CLOSED)


def test_a_number_that_is_a_json_number_will_do(client: Client, campus: Campus, provider: OpenIdProvider) -> None:
    User.objects.filter(pk=campus.amira.pk).update(number="2041873")
    provider.claims["student_number"] = 2041873
    assert log_in_there(client) == "/dashboard/"


def test_an_administrator_can_forget_the_login_of_a_person(
    client: Client, campus: Campus, provider: OpenIdProvider
) -> None:
    log_in_there(client)
    admin = signed_in(campus.admin)
    assert provider.issuer in text(admin, f"/people/{campus.amira.pk}/")
    admin.post(f"/people/{campus.amira.pk}/identity/unlink/")
    assert not LinkedIdentity.objects.exists()
    assert provider.issuer not in text(admin, f"/people/{campus.amira.pk}/")


# --- Attacks ----------------------------------------------------------------------------------------------------


UNTRUSTED = [
    "nonce",
    "audience",
    "party",
    "no party",
    "issuer",
    "expired",
    "from the future",
    "without exp",
    "without iat",
    "without iss",
    "without aud",
    "without sub",
    "without nonce",
    "unsigned",
    "signed with the public key",
    "unknown key",
    "strange signature",
    "other algorithm",
    "garbage",
    "issuer of answer",
    "no issuer in answer",
]
BROKEN = [
    "issuer of discovery",
    "clear line",
    "token error",
    "no token",
    "html /discovery",
    "list /discovery",
    "moved /discovery",
    "broken /discovery",
    "html /token",
    "list /token",
    "moved /token",
    "broken /token",
    "huge /token",
    "html /jwks",
    "huge /jwks",
    "error=server_error",
    "error=<script>",
]


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        *((fault, Failure.UNTRUSTED) for fault in UNTRUSTED),
        *((fault, Failure.BROKEN) for fault in BROKEN),
        ("error=access_denied", Failure.DENIED),
    ],
)
def test_a_provider_that_misbehaves_lets_nobody_in(
    client: Client, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture, fault: str, failure: Failure
) -> None:
    provider.fault = fault
    before = everything()
    with caplog.at_level(logging.DEBUG, "lumina_learn"):
        question = begin(client)
        end = question if question.startswith("/") else come_back(client, at_the_provider(question))["Location"]
    assert end == failed(failure)
    assert everything() == before
    assert client.get(end).status_code == failure.status
    assert "<script>" not in caplog.text
    assert f"A login at the OpenID provider failed: {failure.value}" in caplog.text


@pytest.mark.parametrize("fault", ["hang /discovery", "hang /token", "hang /jwks", "drip /token", "drip /discovery"])
def test_a_provider_that_hangs_is_given_up(
    client: Client, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.3)
    provider.fault = fault
    question = begin(client)
    end = question if question.startswith("/") else come_back(client, at_the_provider(question))["Location"]
    assert end == failed(Failure.UNREACHABLE)
    page = client.get(end)
    assert page.status_code == 503
    assert "does not answer" in page.content.decode()


def test_a_provider_that_is_down_gets_a_sentence(client: Client, provider: OpenIdProvider, settings: Settings) -> None:
    settings.OIDC_ISSUER = f"http://127.0.0.1:{free_port()}"
    assert begin(client) == failed(Failure.UNREACHABLE)


def test_a_provider_that_hangs_holds_only_some_up(
    client: Client, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_SECONDS_TO_WAIT", 0.01)
    assert all(fetch._LINES.acquire() for _line in range(2))
    try:
        assert begin(client) == failed(Failure.UNREACHABLE)
    finally:
        fetch._LINES.release(2)
    assert provider.requests == []


def test_an_answer_counts_once(client: Client, provider: OpenIdProvider) -> None:
    answer = at_the_provider(begin(client))
    assert come_back(client, answer)["Location"] == "/dashboard/"
    assert come_back(client, answer)["Location"] == failed(Failure.STRAY)


def test_a_copied_cookie_does_not_make_an_answer_count_twice(client: Client, provider: OpenIdProvider) -> None:
    answer = at_the_provider(begin(client))
    thief = Client()
    thief.cookies["openid"] = client.cookies["openid"].value
    assert come_back(client, answer)["Location"] == "/dashboard/"
    assert come_back(thief, answer)["Location"] == failed(Failure.BROKEN)
    assert LoginSession.objects.count() == 1


def test_a_failed_answer_uses_its_attempt_up(client: Client, provider: OpenIdProvider) -> None:
    provider.fault = "error=access_denied"
    question = begin(client)
    come_back(client, at_the_provider(question))
    provider.fault = ""
    assert come_back(client, at_the_provider(question))["Location"] == failed(Failure.STRAY)


def test_another_browser_cannot_be_logged_in_by_somebodys_answer(client: Client, provider: OpenIdProvider) -> None:
    """Login forgery: a victim is led to the answer that an attacker's account got."""
    answer = at_the_provider(begin(client))
    victim = Client()
    assert come_back(victim, answer)["Location"] == failed(Failure.STRAY)
    begin(victim)
    assert come_back(victim, answer)["Location"] == failed(Failure.STRAY)
    assert not LoginSession.objects.exists()
    assert "/token" not in provider.requests


@pytest.mark.parametrize("cookie", ["", "x", "a:b:c", signing.dumps({"state": "s"}, salt="another")])
def test_a_cookie_that_was_made_up_is_worth_nothing(client: Client, provider: OpenIdProvider, cookie: str) -> None:
    client.cookies["openid"] = cookie
    answer = client.get("/login/openid/callback/?state=s&code=c")
    assert answer["Location"] == failed(Failure.STRAY)
    assert provider.requests == []


def test_a_login_takes_ten_minutes_at_most(
    client: Client, provider: OpenIdProvider, time_machine: TimeMachineFixture
) -> None:
    answer = at_the_provider(begin(client))
    wait(time_machine, timedelta(minutes=10, seconds=2))
    assert come_back(client, answer)["Location"] == failed(Failure.STRAY)


def test_a_code_is_worth_nothing_without_the_verifier(client: Client, provider: OpenIdProvider) -> None:
    """A code of one's own, put into the answer to somebody else's question: PKCE binds it to the browser."""
    stolen = parse_qs(urlsplit(at_the_provider(begin(Client()))).query)["code"][0]
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    forged = {"state": state, "code": stolen, "iss": provider.issuer}
    assert client.get("/login/openid/callback/", forged)["Location"] == failed(Failure.BROKEN)


def test_an_answer_without_a_code_is_refused(client: Client, provider: OpenIdProvider) -> None:
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    answer = client.get("/login/openid/callback/", {"state": state, "iss": provider.issuer})
    assert answer["Location"] == failed(Failure.BROKEN)


def test_a_new_session_begins_and_the_old_key_is_worth_nothing(campus: Campus, provider: OpenIdProvider) -> None:
    browser = signed_in(campus.bilal)
    key = browser.cookies["sessionid"].value
    attempt = Client()
    answer = at_the_provider(begin(attempt))
    browser.cookies["openid"] = attempt.cookies["openid"].value
    come_back(browser, answer)
    assert browser.cookies["sessionid"].value != key
    assert "Amira Haddad" in text(browser, "/me/")
    assert not LoginSession.objects.filter(session_key=key).exists()


def test_only_get_is_understood(client: Client, provider: OpenIdProvider) -> None:
    for path in ("/login/openid/", "/login/openid/callback/"):
        assert [client.post(path).status_code, client.head(path).status_code] == [405, 405]


def test_pages_about_failures_are_a_closed_list(client: Client, provider: OpenIdProvider) -> None:
    for failure in Failure:
        page = client.get(failed(failure))
        assert page.status_code == failure.status
        assert "Begin again" in page.content.decode()
        assert "no-store" in page["Cache-Control"]
    assert client.get("/login/openid/failed/anything/").status_code == 404


def test_no_code_token_or_secret_is_logged(
    client: Client, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    with caplog.at_level(logging.INFO):
        answer = at_the_provider(begin(client))
        come_back(client, answer)
        provider.fault = "nonce"
        come_back(client, at_the_provider(begin(Client())))
    code = parse_qs(urlsplit(answer).query)["code"][0]
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("lumina_learn")]
    assert any("logged in at the OpenID provider" in line for line in ours)
    assert not any(secret in line for line in ours for secret in (code, settings.OIDC_CLIENT_SECRET, "eyJ"))
