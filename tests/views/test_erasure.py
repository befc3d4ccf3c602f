"""The page that erases a person: what it says before, what it asks for, and what is there afterwards."""

import pytest
from django.test import Client
from django.urls import reverse

from attendance.models import User
from attendance.services.erased_texts import ErasureReason
from attendance.services.erasure import erase_person
from attendance.services.register import Mark, mark_register
from tests.cast import Campus, signed_in


@pytest.fixture
def admin(campus: Campus) -> Client:
    return signed_in(campus.admin)


def page_of(person: User) -> str:
    return reverse("person_erase", args=[person.pk])


def erased(person: User, campus: Campus) -> User:
    erase_person(person=person, actor=campus.admin, why=ErasureReason.ASKED)
    return User.objects.get(pk=person.pk)


def test_the_page_counts_what_goes_and_what_stays(campus: Campus, admin: Client) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.bilal.pk, "late", 0)])
    assert page_of(campus.bilal) in admin.get(reverse("person_show", args=[campus.bilal.pk])).content.decode()
    page = admin.get(page_of(campus.bilal))
    assert page.context["stays"] == {"enrolments": 1, "marks": 1, "events": 1, "acts": 0}
    assert page.context["goes"] == {"scans": 0, "devices": 0, "requests": 0, "duties": 0, "ways_in": 0}
    assert "Type bilal here." in page.content.decode()


def test_the_user_name_erases_however_it_is_capitalised(campus: Campus, admin: Client) -> None:
    done = admin.post(page_of(campus.bilal), {"username": " BILAL "}, follow=True)
    said = done.content.decode()
    assert "The person was erased. Marks stay as those of an erased person." in said
    assert "<h1>Erased person</h1>" in said and "This account is closed for good." in said
    assert "Bilal" not in said and "bilal" not in said
    assert User.objects.get(pk=campus.bilal.pk).erased_at is not None


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "Type the user name."), ("amira", "This is not the user name."), ("x" * 200, "at most 150")],
)
def test_anything_else_erases_nobody(campus: Campus, admin: Client, typed: str, words: str) -> None:
    response = admin.post(page_of(campus.bilal), {"username": typed})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert User.objects.get(pk=campus.bilal.pk).erased_at is None


def test_what_the_service_refuses_is_said_on_the_page(campus: Campus, admin: Client) -> None:
    User.objects.filter(pk=campus.ines.pk).update(is_superuser=True)
    for somebody, words in ((campus.admin, "your own account"), (campus.ines, "Only an operator can change")):
        response = admin.post(page_of(somebody), {"username": somebody.username})
        assert response.status_code == 422
        assert words in response.content.decode()
        assert page_of(somebody) not in admin.get(reverse("person_show", args=[somebody.pk])).content.decode()


def test_an_erased_person_is_erased_once(campus: Campus, admin: Client) -> None:
    gone = erased(campus.bilal, campus)
    response = admin.post(page_of(gone), {"username": gone.username})
    assert response.status_code == 422
    assert "This account was erased." in response.content.decode()


@pytest.mark.parametrize("act", ["activate", "deactivate", "change", "sessions/end", "identity/unlink"])
def test_an_erased_account_refuses_every_act_with_a_sentence(campus: Campus, admin: Client, act: str) -> None:
    erased(campus.bilal, campus)
    response = admin.post(f"/people/{campus.bilal.pk}/{act}/", {"role": "teacher"})
    assert response.status_code == 403
    assert "This account was erased." in response.content.decode()
    details = {"family_name": "Adeyemi", "number": "B-7"}
    refused = admin.post(reverse("person_edit", args=[campus.bilal.pk]), details)
    assert "This account was erased." in refused.content.decode()
    assert User.objects.get(pk=campus.bilal.pk).number == ""


def test_registers_say_an_erased_person_and_lists_of_people_nothing(campus: Campus, admin: Client) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.bilal.pk, "late", 0)])
    erased(campus.bilal, campus)
    ines = signed_in(campus.ines)
    for page in (
        ines.get(reverse("register_edit", args=[campus.lecture.pk])),
        ines.get(reverse("history_show", args=[campus.lecture.pk, campus.bilal.pk])),
        ines.get(reverse("course_show", args=[campus.offering.pk])),
        ines.get(reverse("student_show", args=[campus.bilal.pk])),
        admin.get(reverse("event_list")),
    ):
        said = page.content.decode()
        assert (page.status_code, "Erased person" in said, "Bilal" in said) == (200, True, False)
    for address in (reverse("people_list"), reverse("student_list"), reverse("student_list_json")):
        for query in ("", "?q=erased", "?q=bilal"):
            said = admin.get(address + query).content.decode()
            assert not [word for word in ("Erased person", "Adeyemi, Bilal", "BILAL") if word in said]


def test_a_history_promises_no_text_that_went(campus: Campus) -> None:
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.bilal.pk, "late", 0)])
    address = reverse("history_show", args=[campus.lecture.pk, campus.bilal.pk])
    promise, instead = "Nothing here is ever changed or deleted", "The texts went with the person; each line stays."
    before = signed_in(campus.ines).get(address).content.decode()
    assert promise in before and instead not in before
    erased(campus.bilal, campus)
    after = signed_in(campus.ines).get(address).content.decode()
    assert instead in after and promise not in after


def test_pages_say_it_in_the_readers_language(campus: Campus, admin: Client) -> None:
    erased(campus.bilal, campus)
    User.objects.filter(pk=campus.admin.pk).update(language="ar")
    said = signed_in(User.objects.get(pk=campus.admin.pk)).get(reverse("person_show", args=[campus.bilal.pk]))
    assert "شخص مُحيت بياناته" in said.content.decode()


def test_operators_do_not_change_an_erased_account_by_hand(campus: Campus) -> None:
    erased(campus.bilal, campus)
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    address = f"/admin/attendance/user/{campus.bilal.pk}/change/"
    operator = signed_in(User.objects.get(pk=campus.admin.pk))
    assert operator.post(address, {"family_name": "Adeyemi"}).status_code == 403
    assert operator.get(address).status_code == 200
