"""One's own account."""

import pytest
from django.test import Client
from django.urls import reverse

from attendance.models import User
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in
from tests.sign_in.acts import PASSWORD, browser_of, log_in, with_password

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


@pytest.fixture
def amira(campus: Campus) -> User:
    return with_password(campus.amira)


def browser_called(user_agent: str) -> Client:
    browser = Client(headers={"User-Agent": user_agent})
    assert log_in(browser, "amira", PASSWORD).status_code == 302
    return browser


def test_the_page_says_who_one_is(amira: User) -> None:
    page = browser_of(amira).get("/me/").content.decode()
    for words in ("Amira Haddad", "Student, University of Aldermoor", "AMIRA", "amira@aldermoor.example"):
        assert words in page


def test_open_browsers_are_listed_and_the_present_one_is_named(amira: User) -> None:
    laptop, phone = browser_called(FIREFOX), browser_called(PHONE)
    browsers = laptop.get("/me/").context["browsers"]
    assert [(each.name, each.is_present) for each in browsers] == [("Safari, iPhone", False), ("Firefox, Linux", True)]
    assert [each.is_present for each in phone.get("/me/").context["browsers"]] == [True, False]


def test_no_session_key_is_on_the_page(amira: User) -> None:
    browsers = [browser_of(amira), browser_of(amira)]
    page = browsers[0].get("/me/").content.decode()
    assert not any(browser.cookies["sessionid"].value in page for browser in browsers)


def test_the_other_browsers_are_logged_out(campus: Campus, amira: User) -> None:
    here, there, elsewhere = (browser_of(amira) for _time in range(3))
    classmate = browser_of(with_password(campus.bilal))
    done = here.post("/me/sessions/end/", follow=True)
    assert "2 other browsers are logged out." in done.content.decode()
    assert [browser.get("/me/").status_code for browser in (here, there, elsewhere, classmate)] == [200, 302, 302, 200]
    assert "No other browser was logged in." in here.post("/me/sessions/end/", follow=True).content.decode()


def test_logging_out_elsewhere_is_no_link_and_not_for_visitors(amira: User) -> None:
    assert browser_of(amira).get("/me/sessions/end/").status_code == 405
    assert Client().post("/me/sessions/end/").status_code == 302


def test_what_is_stored_is_counted(campus: Campus) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)])
    stored = signed_in(campus.amira).get(reverse("data_show")).context["stored"]
    assert (stored["marks"], stored["events"], stored["acts"], stored["enrolments"]) == (1, 1, 0, 1)
    assert signed_in(campus.ines).get(reverse("data_show")).context["stored"]["acts"] == 1


@pytest.mark.parametrize(
    ("years", "who", "words"),
    [
        (None, "amira", "Until the administration erases you."),
        (5, "amira", "Until 5 years after your last course ended, or until the administration erases you."),
        (1, "amira", "Until 1 year after your last course ended, or until the administration erases you."),
        (5, "ines", "Until the administration erases you."),
    ],
)
def test_everybody_reads_how_long_it_is_kept(campus: Campus, years: int | None, who: str, words: str) -> None:
    campus.organisation.record_years = years
    campus.organisation.save()
    said = signed_in(getattr(campus, who)).get("/me/data/").content.decode()
    assert f'user name<span class="where">{words} ' in said
    assert "Hashes of network addresses for 30 days." in said
