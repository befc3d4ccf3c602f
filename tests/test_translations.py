"""Every text has its Arabic: complete, with the same placeholders, and compiled; and readers get their language."""

import re

import pytest
from babel.messages.catalog import Message
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from attendance.models import User
from tests.cast import Campus, signed_in
from tests.translations import MO, catalogue, compiled, marked

MESSAGES = [message for message in catalogue() if message.id]


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|<[^>]+>", text))


def test_every_text_is_in_the_catalogue_and_no_other() -> None:
    assert {(message.context, singular(message)) for message in MESSAGES} == set(marked())


def test_nothing_is_untranslated_or_fuzzy() -> None:
    assert [singular(each) for each in MESSAGES if each.fuzzy or not all(forms(each))] == []
    assert [singular(each) for each in MESSAGES if not isinstance(each.id, str) and len(forms(each)) != 6] == []


def test_translations_have_the_same_placeholders() -> None:
    """The forms for none, one and two may say the number in words."""
    differing = [
        (singular(each), form)
        for each in MESSAGES
        for form in forms(each)[-3:]
        if placeholders(form) != placeholders(each.id if isinstance(each.id, str) else each.id[1])
    ]
    assert differing == []


def test_the_compiled_catalogue_is_that_of_the_texts() -> None:
    assert MO.read_bytes() == compiled(), "run: .venv/bin/python -m tests.translations"


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "طالب واحد"), (2, "طالبان"), (3, "3 طلاب"), (11, "11 طالبًا"), (99, "99 طالبًا"), (100, "100 طالب ")],
)
def test_arabic_counts_in_six_forms(number: int, words: str) -> None:
    with translation.override("ar"):
        text = ngettext("%(total)s student in your courses.", "%(total)s students in your courses.", number)
    assert (text % {"total": number}).startswith(words)


# --- Which language a reader gets -------------------------------------------------------------------------------------

ENGLISH, ARABIC = '<html lang="en" dir="ltr"', '<html lang="ar" dir="rtl"'


@pytest.mark.parametrize(
    ("accepted", "page"), [("ar", ARABIC), ("ar-EG,en;q=0.5", ARABIC), ("de", ENGLISH), ("", ENGLISH)]
)
def test_a_visitor_gets_the_browsers_language(client: Client, db: None, accepted: str, page: str) -> None:
    assert page in client.get("/login/", headers={"accept-language": accepted}).content.decode()


def test_a_choice_goes_before_the_browser_and_stays_with_the_account(campus: Campus) -> None:
    amira = signed_in(campus.amira)
    response = amira.post(reverse("language_choose"), {"language": "ar", "next": "/dashboard/"})
    assert response["Location"] == "/dashboard/"
    assert ARABIC in amira.get("/dashboard/", headers={"accept-language": "en"}).content.decode()
    assert User.objects.get(pk=campus.amira.pk).language == "ar"
    elsewhere = signed_in(campus.amira)
    assert "مقررات" in elsewhere.get("/dashboard/").content.decode()


def test_a_visitors_choice_is_kept_in_a_cookie(client: Client, db: None) -> None:
    client.post("/language/", {"language": "ar", "next": "/login/"})
    cookie = client.cookies["language"]
    assert (cookie["max-age"], cookie["samesite"], cookie["httponly"]) == (365 * 24 * 3600, "Lax", True)
    assert ARABIC in client.get("/login/").content.decode()


@pytest.mark.parametrize(("language", "next_page"), [("xx", "/login/"), ("", "/login/")])
def test_a_language_we_do_not_speak_is_refused(client: Client, db: None, language: str, next_page: str) -> None:
    assert client.post("/language/", {"language": language, "next": next_page}).status_code == 400
    assert "language" not in client.cookies


def test_the_switch_leads_to_no_other_site(client: Client, db: None) -> None:
    response = client.post("/language/", {"language": "ar", "next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_readers_of_one_thread_do_not_share_a_language(campus: Campus) -> None:
    User.objects.filter(pk=campus.amira.pk).update(language="ar")
    assert ARABIC in signed_in(campus.amira).get("/dashboard/").content.decode()
    assert ENGLISH in signed_in(campus.bilal).get("/dashboard/").content.decode()
    assert ENGLISH in Client().get("/login/").content.decode()
