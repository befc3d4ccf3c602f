"""The people an administrator looks after."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from attendance.models import Organisation, User
from tests.cast import Campus, person, signed_in


def people_listed(browser: Client, **parameters: str) -> list[str]:
    page = browser.get("/people/", parameters)
    assert page.status_code == 200
    return [each.username for each in page.context["page"]]


def test_the_list_shows_the_own_institution_by_name(campus: Campus) -> None:
    names = people_listed(signed_in(campus.admin))
    assert names == ["bilal", "omar", "ines", "amira", "bruno", "tomas", "greta", "kwame"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("had", ["amira"]),
        ("AMIRA had", ["amira"]),
        ("haddad amira", ["amira"]),
        ("ines@aldermoor", ["ines"]),
        ("KWAM", ["kwame"]),
        ("adeyemi", ["bilal", "omar"]),
        ("zeynep", []),
        ("%", []),
        ("haddad adeyemi", []),
    ],
)
def test_every_word_of_a_search_has_to_fit(campus: Campus, search: str, found: list[str]) -> None:
    assert people_listed(signed_in(campus.admin), q=search) == found


def test_a_name_that_begins_beyond_ascii_is_found_in_lower_case(campus: Campus) -> None:
    person(campus.organisation, "elif", "student", "Elif Özil")
    assert people_listed(signed_in(campus.admin), q="özil") == ["elif"]


def test_the_role_filters_and_each_role_shows_its_count(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    assert people_listed(admin, role="student") == ["bilal", "omar", "amira"]
    assert people_listed(admin, role="student", q="ad") == ["bilal", "omar", "amira"]
    assert len(people_listed(admin, role="nonsense")) == 8
    counts = {value: count for value, _label, count in admin.get("/people/", {"q": "e"}).context["roles"]}
    assert counts == {"admin": 1, "teacher": 3, "student": 3, "auditor": 1}


def test_pages_hold_fifty_and_keep_the_filter_in_their_links(
    campus: Campus, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        person(campus.organisation, f"s{number:02}", "student", f"Student Number{number:02}")
    admin = signed_in(campus.admin)
    with django_assert_max_num_queries(7):
        page = admin.get("/people/", {"role": "student", "q": "number"})
    assert len(page.context["page"]) == 50
    assert "?role=student&amp;q=number&amp;page=2" in page.content.decode()
    assert len(people_listed(admin, role="student", q="number", page="2")) == 10
    assert len(people_listed(admin, role="student", q="number", page="99")) == 10


def test_an_administrator_of_a_group_sees_its_members(campus: Campus) -> None:
    part = Organisation.objects.create(slug="part", name="Business School", parent=campus.organisation)
    kim = person(part, "kim", "student", "Kim Aziz")
    admin = signed_in(campus.admin)
    assert "kim" in people_listed(admin)
    assert admin.get(f"/people/{kim.pk}/").status_code == 200
    assert "ines" not in people_listed(signed_in(person(part, "lee", "admin", "Lee Park")))


def test_a_search_that_finds_nobody_says_what_is_searched(campus: Campus) -> None:
    page = signed_in(campus.admin).get("/people/", {"q": "<b>x"})
    assert "Nobody here fits." in page.content.decode()
    assert "<b>x" not in page.content.decode()


ACTS = ["change", "activate", "deactivate", "sessions/end"]


@pytest.mark.parametrize("who", ["ines", "kwame", "amira", "auditor", "foreign_admin"])
def test_only_administrators_of_the_institution_reach_a_person(campus: Campus, who: str) -> None:
    browser = signed_in(getattr(campus, who))
    person_path = f"/people/{campus.amira.pk}/"
    assert browser.get(person_path).status_code == 404
    assert [browser.post(f"{person_path}{act}/", {"role": "admin"}).status_code for act in ACTS] == [404] * 4
    assert User.objects.get(pk=campus.amira.pk).role == "student"
    if who != "foreign_admin":
        assert browser.get("/people/").status_code == 404


def test_visitors_log_in_first(client: Client, campus: Campus) -> None:
    assert client.get("/people/")["Location"] == "/login/?next=/people/"


@pytest.mark.parametrize("act", ACTS)
def test_acts_are_no_links(campus: Campus, act: str) -> None:
    assert signed_in(campus.admin).get(f"/people/{campus.amira.pk}/{act}/").status_code == 405


def test_a_role_is_changed_and_counts_at_once(campus: Campus) -> None:
    bruno = signed_in(campus.other_teacher)
    admin = signed_in(campus.admin)
    path = f"/people/{campus.other_teacher.pk}/"
    done = admin.post(f"{path}change/", {"role": "admin"}, follow=True)
    assert "Bruno Keller: Administrator from now on." in done.content.decode()
    assert bruno.get("/people/").status_code == 200


def test_a_role_that_does_not_exist_is_refused(campus: Campus) -> None:
    response = signed_in(campus.admin).post(f"/people/{campus.amira.pk}/change/", {"role": "emperor"})
    assert response.status_code == 422
    assert "There is no such role." in response.content.decode()


def test_somebody_is_deactivated_and_comes_back(campus: Campus) -> None:
    amira, admin = signed_in(campus.amira), signed_in(campus.admin)
    path = f"/people/{campus.amira.pk}/"
    done = admin.post(f"{path}deactivate/", follow=True)
    assert "Amira Haddad is logged out and cannot log in any more." in done.content.decode()
    assert amira.get("/me/").status_code == 302
    assert "cannot log in" in admin.get("/people/", {"q": "amira"}).content.decode()
    done = admin.post(f"{path}activate/", follow=True)
    assert "Amira Haddad can log in again." in done.content.decode()


def test_all_browsers_of_somebody_are_logged_out(campus: Campus) -> None:
    browsers, admin = [signed_in(campus.amira), signed_in(campus.amira)], signed_in(campus.admin)
    path = f"/people/{campus.amira.pk}/"
    assert "Log 2 browsers out" in admin.get(path).content.decode()
    done = admin.post(f"{path}sessions/end/", follow=True)
    assert "2 browsers are logged out." in done.content.decode()
    assert [browser.get("/me/").status_code for browser in browsers] == [302, 302]


@pytest.mark.parametrize("act", ACTS)
def test_the_own_account_and_operators_are_not_for_an_administrator_to_change(campus: Campus, act: str) -> None:
    User.objects.filter(pk=campus.ines.pk).update(is_superuser=True)
    admin = signed_in(campus.admin)
    for somebody, sentence in ((campus.admin, "your own account"), (campus.ines, "Only an operator can change")):
        response = admin.post(f"/people/{somebody.pk}/{act}/", {"role": "student"})
        assert response.status_code == 403
        assert sentence in response.content.decode()
        assert "<select" not in response.content.decode()
        assert f'name="next" value="/people/{somebody.pk}/{act}/"' not in response.content.decode()
    assert [User.objects.get(pk=each.pk).role for each in (campus.admin, campus.ines)] == ["admin", "teacher"]
    assert signed_in(campus.ines).get("/me/").status_code == 200


DETAILS = {"given_name": "Bill", "family_name": "Adeyemi", "email": "bill@aldermoor.example", "number": "B-7"}


def test_details_are_changed(campus: Campus) -> None:
    address = reverse("person_edit", args=[campus.bilal.pk])
    signed_in(campus.admin).post(address, DETAILS | {"department": campus.department.pk})
    changed = User.objects.get(pk=campus.bilal.pk)
    assert (changed.full_name, changed.email, changed.number) == ("Bill Adeyemi", "bill@aldermoor.example", "B-7")
    assert changed.department == campus.department


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"email": "AMIRA@aldermoor.example"}, "__all__", "belongs to somebody else"),
        ({"number": "AMIRA"}, "__all__", "belongs to somebody else"),
        ({"email": "bill at aldermoor"}, "email", "not an e-mail address"),
        ({"family_name": ""}, "family_name", "required"),
        ({"family_name": "x" * 101}, "family_name", "at most 100"),
        ({"department": "999999"}, "department", "Select a valid choice"),
    ],
)
def test_details_that_do_not_do_are_refused_and_leave_no_trace(
    campus: Campus, changes: dict[str, str], field: str, words: str
) -> None:
    before = User.objects.filter(pk=campus.bilal.pk).values().get()
    response = signed_in(campus.admin).post(reverse("person_edit", args=[campus.bilal.pk]), DETAILS | changes)
    assert response.status_code == 422
    assert words in " ".join(response.context["form"].errors[field])
    assert User.objects.filter(pk=campus.bilal.pk).values().get() == before


def test_an_operator_is_changed_by_operators_only(campus: Campus) -> None:
    User.objects.filter(pk=campus.bilal.pk).update(is_superuser=True)
    response = signed_in(campus.admin).post(reverse("person_edit", args=[campus.bilal.pk]), DETAILS)
    assert "is an operator" in response.context["form"].errors["__all__"][0]
