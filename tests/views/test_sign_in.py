"""Logging in and out."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings
from time_machine import TimeMachineFixture

from attendance import clock
from attendance.models import LoginSession, Organisation, Term, User
from tests.cast import PASSWORD, Campus, signed_in
from tests.sign_in.acts import at_once, browser_of, log_in, wait, with_password

WRONG = "That password does not match this number or e-mail."


@pytest.fixture
def amira(campus: Campus) -> User:
    return with_password(campus.amira)


def said(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def end_of(person: User) -> float:
    """Return in how many hours the person's one session ends."""
    session = LoginSession.objects.get(user=person)
    return round((session.expire_date - clock.now()) / timedelta(hours=1), 1)


def test_the_form_names_its_fields_for_password_managers(client: Client, campus: Campus) -> None:
    page = client.get("/login/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    for words in ("Student number or e-mail", 'autocomplete="username"', 'autocomplete="current-password"'):
        assert words in page.content.decode()


@pytest.mark.parametrize("name", ["amira", "AMIRA", "amira@aldermoor.example", "A2641873", "a2641873 "])
def test_each_name_of_a_person_logs_in(client: Client, amira: User, name: str) -> None:
    amira.number = "A2641873"
    amira.save()
    response = log_in(client, name)
    assert response.status_code == 302
    assert response["Location"] == "/dashboard/"
    assert client.get("/me/").context["user"] == amira


@pytest.mark.parametrize("name", ["amira", "nobody-at-all", "greta"])
def test_a_wrong_password_an_unknown_name_and_a_closed_account_get_one_answer(
    client: Client, campus: Campus, amira: User, name: str
) -> None:
    greta = with_password(campus.auditor)
    greta.is_active = False
    greta.save()
    password = PASSWORD if name == "greta" else "wrong"
    response = log_in(client, name, password)
    assert response.status_code == 422
    assert f"{WRONG} 4 tries are left." in said(response)
    assert "sessionid" not in client.cookies


def test_what_is_missing_is_said_at_its_field(client: Client, campus: Campus) -> None:
    response = log_in(client, "", "")
    assert response.status_code == 422
    assert "Type your password." in said(response)
    assert "Type your student number" in said(response)


def test_a_typed_password_never_comes_back(client: Client, amira: User) -> None:
    assert "hunter2-hunter2" not in log_in(client, "amira", "hunter2-hunter2").content.decode()


def test_after_five_failures_the_right_password_waits_as_well(
    client: Client, amira: User, time_machine: TimeMachineFixture
) -> None:
    Organisation.objects.update(time_zone="Europe/Prague")
    time_machine.move_to("2026-11-19 08:06:00+00:00", tick=False)
    answers = [said(log_in(client, "amira", "wrong")) for _time in range(5)]
    assert f"{WRONG} 1 try is left." in answers[3]
    assert f"{WRONG} Try again at 09:21, in 15 minutes." in answers[4]

    time_machine.move_to("2026-11-19 08:20:30+00:00", tick=False)
    refused = log_in(client, "amira")
    assert refused.status_code == 429
    assert refused["Retry-After"] == "30"
    assert "Too many attempts failed. Try again at 09:21, in 1 minute." in said(refused)
    assert client.get("/login/").status_code == 200

    time_machine.move_to("2026-11-19 08:21:00+00:00", tick=False)
    assert log_in(client, "amira").status_code == 302


def test_the_hour_shown_to_visitors_does_not_tell_whose_account_it_is(
    client: Client, campus: Campus, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2026-07-01 08:06:00+00:00", tick=False)
    for name in ("zeynep", "amira", "nobody"):
        answers = [said(log_in(client, name, "wrong")) for _time in range(5)]
        assert "Try again at 08:21" in answers[4]


def test_all_names_of_a_person_share_the_tries(client: Client, amira: User) -> None:
    for name in ("amira", "AMIRA", "amira@aldermoor.example", amira.number, " amira"):
        log_in(client, name, "wrong")
    assert log_in(client, "amira@aldermoor.example").status_code == 429


def test_a_locked_person_does_not_lock_the_room(client: Client, campus: Campus, amira: User) -> None:
    for _time in range(6):
        log_in(client, "amira", "wrong")
    assert log_in(client, with_password(campus.bilal).username).status_code == 302
    assert log_in(Client(REMOTE_ADDR="198.51.100.20"), "amira").status_code == 302


def test_a_whole_campus_of_failures_locks_nobody_else(client: Client, amira: User) -> None:
    for number in range(15):
        for _time in range(4):
            log_in(client, f"guess-{number}", "wrong")
    assert log_in(client, "amira").status_code == 302


def test_success_gives_all_tries_back(client: Client, amira: User) -> None:
    for _time in range(4):
        log_in(client, "amira", "wrong")
    assert log_in(client, "amira").status_code == 302
    assert "4 tries are left" in said(log_in(Client(), "amira", "wrong"))


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_counted_one_by_one(campus: Campus) -> None:
    with_password(campus.amira)
    answers = at_once(12, lambda _each: log_in(Client(), "amira", "wrong").status_code)
    assert sorted(answers) == [422] * 5 + [429] * 7


def test_without_the_box_a_session_ends_after_twelve_hours(client: Client, amira: User) -> None:
    log_in(client, "amira")
    assert end_of(amira) == 12


def test_with_the_box_it_ends_with_the_running_term(campus: Campus, amira: User) -> None:
    log_in(Client(), "amira", keep="on")
    session = LoginSession.objects.get(user=amira)
    local = session.expire_date.astimezone(campus.organisation.zone)
    assert local.date() == campus.term.last_day + timedelta(days=1)
    assert f"{local:%H:%M}" == "00:00"


@pytest.mark.parametrize(("first_day", "last_day"), [(5, 90), (-90, -1), (-10, 201)])
def test_without_a_running_term_of_ordinary_length_it_ends_after_120_days(
    client: Client, campus: Campus, amira: User, first_day: int, last_day: int
) -> None:
    today = clock.today(campus.organisation.zone)
    Term.objects.update(first_day=today + timedelta(days=first_day), last_day=today + timedelta(days=last_day))
    log_in(client, "amira", keep="on")
    assert end_of(amira) == 120 * 24


def test_on_the_last_day_of_term_it_ends_no_earlier_than_without_the_box(
    client: Client, campus: Campus, amira: User, time_machine: TimeMachineFixture
) -> None:
    Term.objects.update(first_day="2026-09-21", last_day="2026-12-11")
    time_machine.move_to("2026-12-11 21:00:00+00:00", tick=False)
    log_in(client, "amira", keep="on")
    assert end_of(amira) == 12


def test_use_does_not_postpone_the_end(client: Client, amira: User, time_machine: TimeMachineFixture) -> None:
    log_in(client, "amira")
    wait(time_machine, timedelta(hours=11))
    assert client.get("/me/").status_code == 200
    client.post("/theme/", {"theme": "dark"})
    wait(time_machine, timedelta(hours=1, minutes=1))
    assert client.get("/me/").status_code == 302


def test_logging_in_changes_the_session_key(client: Client, amira: User) -> None:
    log_in(client, "amira")
    first = client.cookies["sessionid"].value
    client.post("/logout/")
    log_in(client, "amira")
    assert client.cookies["sessionid"].value != first


def test_a_key_that_somebody_planted_is_not_taken_over(client: Client, amira: User) -> None:
    client.cookies["sessionid"] = "planted0planted0planted0planted0"
    log_in(client, "amira")
    assert client.cookies["sessionid"].value != "planted0planted0planted0planted0"


def test_the_page_that_was_asked_for_comes_next(client: Client, amira: User) -> None:
    asked = client.get("/me/")
    assert asked["Location"] == "/login/?next=/me/"
    assert '<input type="hidden" name="next" value="/me/">' in client.get(asked["Location"]).content.decode()
    assert log_in(client, "amira", next="/me/")["Location"] == "/me/"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", "https:evil.example"],
)
def test_other_sites_do_not_come_next(client: Client, amira: User, address: str) -> None:
    assert client.get("/login/", {"next": address}).context["next"] == ""
    assert log_in(client, "amira", next=address)["Location"] == "/dashboard/"
    assert client.get("/login/", {"next": address})["Location"] == "/dashboard/"


def test_who_is_logged_in_goes_on(campus: Campus) -> None:
    assert signed_in(campus.amira).get("/login/")["Location"] == "/dashboard/"


def test_logging_out_is_for_good(amira: User) -> None:
    browser = browser_of(amira)
    cookie = browser.cookies["sessionid"].value
    response = browser.post("/logout/", follow=True)
    assert "You are logged out." in said(response)
    assert not LoginSession.objects.filter(session_key=cookie).exists()

    replayed = Client()
    replayed.cookies["sessionid"] = cookie
    assert replayed.get("/me/").status_code == 302


def test_logging_out_is_no_link(campus: Campus) -> None:
    browser = signed_in(campus.amira)
    assert browser.get("/logout/").status_code == 405
    assert browser.get("/me/").status_code == 200


@pytest.mark.parametrize("path", ["/login/", "/logout/", "/theme/", "/password/reset/"])
def test_forms_of_other_sites_are_refused(campus: Campus, path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path, {"username": "amira"}).status_code == 403


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(client: Client, amira: User) -> None:
    log_in(client, "amira")
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_behind_a_proxy_the_client_is_counted_and_not_the_proxy(amira: User, settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    for _time in range(6):
        log_in(Client(), "amira", "wrong", headers={"X-Forwarded-For": "198.51.100.20"})
    assert log_in(Client(), "amira", headers={"X-Forwarded-For": "198.51.100.20"}).status_code == 429
    assert log_in(Client(), "amira", headers={"X-Forwarded-For": "198.51.100.21"}).status_code == 302
