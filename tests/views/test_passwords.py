"""Forgotten and changed passwords."""

import logging
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings
from time_machine import TimeMachineFixture

from attendance.models import LoginSession, User
from attendance.services.mail import outgoing
from tests.cast import PASSWORD, Campus, person, signed_in
from tests.servers.processes import free_port
from tests.sign_in.acts import browser_of, log_in, wait, with_password

NEW = "a quieter horse 42"


@pytest.fixture
def amira(campus: Campus) -> User:
    return with_password(campus.amira)


def ask(client: Client, name: str) -> int:
    """Ask for a new password, wait for the mail, and return the status of the answer."""
    status: int = client.post("/password/reset/", {"username": name}).status_code
    outgoing.submit(int).result()  # Mails are sent one after the other, so the earlier ones are sent now.
    return status


def mailed_path() -> str:
    """Return the path of the link in the latest mail."""
    words = str(mail.outbox[-1].body).split()
    [link] = [word for word in words if word.startswith("http://testserver/")]
    return link.removeprefix("http://testserver")


def test_the_link_in_the_mail_gives_a_new_password(client: Client, amira: User) -> None:
    other_browser = browser_of(amira)
    assert ask(client, "amira") == 302
    assert mail.outbox[0].to == [amira.email]
    form = client.get(mailed_path())
    assert form.status_code == 200
    assert "no-store" in form["Cache-Control"]
    assert "Amira Haddad" in form.content.decode()

    done = client.post(mailed_path(), {"new_password": NEW}, follow=True)
    assert "Your password is changed. Log in with the new one." in done.content.decode()
    assert not LoginSession.objects.filter(user=amira).exists()
    assert other_browser.get("/me/").status_code == 302
    assert log_in(client, "amira", PASSWORD).status_code == 422
    assert log_in(client, "amira", NEW).status_code == 302


def test_the_mail_has_text_and_html_with_the_same_link(client: Client, amira: User) -> None:
    ask(client, amira.number)
    [message] = mail.outbox
    [html] = message.alternatives
    assert f"http://testserver{mailed_path()}" in html.content
    assert "Amira Haddad" in message.body


def test_the_mail_is_in_the_language_of_its_reader(client: Client, amira: User) -> None:
    User.objects.filter(pk=amira.pk).update(language="ar")
    client.cookies["language"] = "en"
    ask(client, "amira")
    [message] = mail.outbox
    assert "كلمة مرور" in message.subject
    assert '<html lang="ar"' in str(message.alternatives[0].content)
    assert 'dir="rtl"' in str(message.alternatives[0].content)


def test_a_link_works_once(client: Client, amira: User) -> None:
    ask(client, "amira")
    client.post(mailed_path(), {"new_password": NEW})
    assert client.get(mailed_path()).status_code == 410
    assert client.post(mailed_path(), {"new_password": "another quiet horse"}).status_code == 410
    assert log_in(client, "amira", NEW).status_code == 302


def test_a_link_works_for_an_hour(client: Client, amira: User, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-11-19 09:00:00+00:00", tick=False)
    ask(client, "amira")
    time_machine.move_to("2026-11-19 10:00:00+00:00", tick=False)
    assert client.get(mailed_path()).status_code == 200
    time_machine.move_to("2026-11-19 10:00:02+00:00", tick=False)
    dead = client.get(mailed_path())
    assert dead.status_code == 410
    assert "This link works no more" in dead.content.decode()


@pytest.mark.parametrize(
    "path", ["/password/reset/MQ/abc-def/", "/password/reset/!!!/abc-def/", "/password/reset/_w/a-b/"]
)
def test_a_link_that_was_made_up_is_worth_nothing(client: Client, amira: User, path: str) -> None:
    assert client.get(path).status_code == 410
    assert client.post(path, {"new_password": NEW}).status_code == 410


def test_the_link_of_one_person_is_none_for_another(client: Client, campus: Campus, amira: User) -> None:
    ask(client, "amira")
    token = mailed_path().split("/")[-2]
    ask(client, "bilal")
    key = mailed_path().split("/")[-3]
    assert client.get(f"/password/reset/{key}/{token}/").status_code == 410


def test_a_closed_account_gets_no_mail_and_its_link_ends(client: Client, amira: User) -> None:
    ask(client, "amira")
    User.objects.filter(pk=amira.pk).update(is_active=False)
    assert client.get(mailed_path()).status_code == 410
    ask(client, "amira")
    assert len(mail.outbox) == 1


def without_form_token(page: str) -> str:
    """Return a page without the token of its forms, which is masked anew in each answer."""
    return re.sub(r'(?<=name="csrfmiddlewaretoken" value=")[^"]+', "", page)


def test_the_answer_does_not_tell_whether_there_is_an_account(client: Client, campus: Campus, amira: User) -> None:
    User.objects.filter(pk=campus.bilal.pk).update(email="")
    pages = [
        without_form_token(client.post("/password/reset/", {"username": name}, follow=True).content.decode())
        for name in ("amira", "bilal", "nobody")
    ]
    assert len(set(pages)) == 1
    assert "ask the administration of your institution" in pages[0]
    outgoing.submit(int).result()
    assert [message.to for message in mail.outbox] == [[amira.email]]


def test_an_address_with_accounts_at_two_institutions_gets_a_mail_for_each(client: Client, campus: Campus) -> None:
    second = person(campus.foreign_admin.organisation, "amira2", "student", "Amira Haddad")
    User.objects.filter(pk=second.pk).update(email=campus.amira.email)
    ask(client, campus.amira.email)
    bodies = sorted(str(message.body) for message in mail.outbox)
    assert ["Brackley" in body for body in bodies] == [True, False]


def test_the_sixth_request_in_an_hour_is_refused_for_everybody(
    client: Client, amira: User, time_machine: TimeMachineFixture
) -> None:
    for name in ("amira", "nobody"):
        assert [ask(client, name) for _time in range(6)] == [302] * 5 + [429]
    assert len(mail.outbox) == 5
    refused = client.post("/password/reset/", {"username": "AMIRA@aldermoor.example"})
    assert refused.status_code == 429
    assert "This was asked for too often. Try again at" in refused.content.decode()
    assert client.get("/password/reset/").status_code == 200
    assert ask(Client(REMOTE_ADDR="198.51.100.20"), "amira") == 302
    wait(time_machine, timedelta(hours=1))
    assert ask(client, "amira") == 302


def test_a_new_password_opens_a_locked_login(client: Client, amira: User) -> None:
    for _time in range(6):
        log_in(client, "amira", "wrong")
    ask(client, "amira")
    client.post(mailed_path(), {"new_password": NEW})
    assert log_in(client, "amira", NEW).status_code == 302


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("short", "at least 10 characters"), ("password1234", "too common"), ("918273645546", "entirely numeric")],
)
def test_the_rules_for_passwords_hold(client: Client, amira: User, password: str, sentence: str) -> None:
    ask(client, "amira")
    response = client.post(mailed_path(), {"new_password": password})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert log_in(client, "amira", PASSWORD).status_code == 302


def test_a_mail_that_cannot_be_sent_is_logged_and_the_answer_stays_the_same(
    client: Client, amira: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with caplog.at_level(logging.ERROR, "lumina_learn"):
        assert ask(client, "amira") == 302
    assert "A mail could not be sent: ConnectionRefusedError" in caplog.text
    assert amira.email not in caplog.text


def change(client: Client, present: str, new: str) -> int:
    status: int = client.post("/password/change/", {"present_password": present, "new_password": new}).status_code
    return status


def test_a_changed_password_leaves_this_browser_and_ends_the_others(amira: User) -> None:
    here, there = browser_of(amira), browser_of(amira)
    key = here.cookies["sessionid"].value
    assert change(here, PASSWORD, NEW) == 302
    assert here.cookies["sessionid"].value != key
    assert [row.session_key for row in LoginSession.objects.filter(user=amira)] == [here.cookies["sessionid"].value]
    assert [browser.get("/me/").status_code for browser in (here, there)] == [200, 302]
    assert log_in(Client(), "amira", NEW).status_code == 302


def test_the_present_password_is_asked_for_and_guessing_it_is_limited(amira: User) -> None:
    browser = browser_of(amira)
    assert [change(browser, "wrong", NEW) for _time in range(6)] == [422] * 5 + [429]
    assert change(browser, PASSWORD, NEW) == 429
    amira.refresh_from_db()
    assert amira.check_password(PASSWORD)


def test_the_rules_hold_for_a_changed_password(amira: User) -> None:
    assert change(browser_of(amira), PASSWORD, "amira@aldermoor") == 422


def test_visitors_log_in_before_they_change_a_password(client: Client, campus: Campus) -> None:
    assert client.get("/password/change/")["Location"] == "/login/?next=/password/change/"
    assert signed_in(campus.amira).get("/password/change/").status_code == 200
