"""First passwords, from the administrator's choice to the first login."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from attendance.models import Activation, Organisation, User
from attendance.services import activations
from attendance.services.activation_mail import outgoing
from tests.cast import PASSWORD, Campus, person, signed_in
from tests.sign_in.acts import log_in, wait, with_password

REDEEM = "/activate/"


def text(response: HttpResponse) -> str:
    return response.content.decode()


def link_to(campus: Campus, someone: User) -> str:
    """Make a link past the mail and return its path."""
    paths: list[str] = []

    def keep(token: str) -> str:
        paths.append(f"/activate/{token}/")
        return paths[-1]

    activations.send_links(people=User.objects.filter(pk=someone.pk), actor=campus.admin, link_to=keep)
    return paths[0]


def code_for(campus: Campus, someone: User) -> str:
    [slip] = activations.print_codes(people=User.objects.filter(pk=someone.pk), actor=campus.admin)
    return slip.code


def redeem(client: Client, name: str, code: str) -> HttpResponse:
    return client.post(REDEEM, {"username": name, "code": code})


# --- Choosing ---------------------------------------------------------------------------------------------------


def names_listed(browser: Client, **filters: str) -> list[str]:
    page = browser.get("/people/activations/", filters)
    assert page.status_code == 200
    return [each.username for each in page.context["page"]]


def test_the_list_shows_who_waits_and_narrows(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    User.objects.filter(pk=campus.amira.pk).update(department=campus.department)
    with_password(campus.bilal)
    assert names_listed(admin) == ["omar", "ines", "amira", "bruno", "greta", "kwame"]
    assert names_listed(admin, role="student") == ["omar", "amira"]
    assert names_listed(admin, department=str(campus.department.pk)) == ["amira"]
    assert names_listed(admin, q="AMIRA had") == ["amira"]
    code_for(campus, campus.amira)
    assert names_listed(admin, progress="printed") == ["amira"]
    assert names_listed(admin, role="king", progress="lost", department="x") == names_listed(admin)
    assert "code printed" in text(admin.get("/people/"))


def test_the_list_costs_the_same_for_many(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    names_listed(admin)
    with CaptureQueriesContext(
        connection,
    ) as few:
        names_listed(admin)
    for number in range(60):
        code_for(campus, person(campus.organisation, f"s{number:02}", "student", f"Student N{number:02}"))
    with CaptureQueriesContext(connection) as many:
        assert len(names_listed(admin)) == 50
    assert len(many) == len(few)


@pytest.mark.django_db(transaction=True)
def test_ticked_people_get_links_and_lead_back_to_the_list(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    chosen = {"person": [campus.amira.pk, campus.bilal.pk]}
    answer = admin.post("/people/activations/send/", chosen, follow=True)
    assert answer.redirect_chain == [("/people/activations/", 302)]
    assert "2 links are on their way." in text(answer)
    outgoing.submit(int).result()
    assert sorted(message.to[0] for message in mail.outbox) == sorted([campus.amira.email, campus.bilal.email])
    path = "/activate/" + str(mail.outbox[0].body).split("http://testserver/activate/")[1].split()[0]
    assert Client().get(path).status_code == 200
    assert text(admin.get("/people/activations/")).count("link sent") == 3  # Two rows, and the filter's option.


def test_one_person_leads_back_to_that_person(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    answer = admin.post("/people/activations/send/", {"person": campus.amira.pk}, follow=True)
    assert answer.redirect_chain == [(f"/people/{campus.amira.pk}/", 302)]
    assert "link on its way" in text(answer)
    admin.post(f"/people/{campus.amira.pk}/activation/revoke/")
    assert "link or code ended" in text(admin.get(f"/people/{campus.amira.pk}/"))


def test_everybody_means_those_the_filter_finds(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    User.objects.filter(pk=campus.outsider.pk).update(email="")
    answer = admin.post("/people/activations/send/", {"everybody": "on", "role": "student"}, follow=True)
    assert "2 links are on their way. 1 person has no e-mail address: print a code." in text(answer)
    assert {each.user.username for each in Activation.objects.select_related("user")} == {"amira", "bilal"}


def test_a_filter_that_is_not_understood_does_not_widen_the_choice(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    for wrong in ({"role": "king"}, {"department": "999999"}, {"progress": "lost"}, {"q": "x" * 101}):
        admin.post("/people/activations/send/", {"everybody": "on", **wrong})
    assert not Activation.objects.exists()


def test_nobody_ticked_is_said(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    for what in ("send", "print"):
        answer = admin.post(f"/people/activations/{what}/", {"person": "²"}, follow=True)
        assert "Nobody is ticked." in text(answer)
    assert not Activation.objects.exists()


@pytest.mark.parametrize("what", ["send", "print"])
def test_people_of_other_institutions_are_out_of_reach(campus: Campus, what: str) -> None:
    foreign = signed_in(campus.foreign_admin)
    assert foreign.post(f"/people/activations/{what}/", {"person": campus.amira.pk}).status_code == 404
    assert foreign.post(f"/people/activations/{what}/", {"person": 10**17}).status_code == 404
    foreign.post(f"/people/activations/{what}/", {"everybody": "on"})
    both = {"person": [campus.amira.pk, person(campus.foreign_admin.organisation, "ali", "student", "Ali Kaya").pk]}
    foreign.post(f"/people/activations/{what}/", both)
    assert not Activation.objects.filter(user__organisation=campus.organisation).exists()
    assert Activation.objects.filter(user__username="ali").exists()


def test_an_institution_below_is_looked_after_too(campus: Campus) -> None:
    part = Organisation.objects.create(slug="part", name="Aldermoor Business School", parent=campus.organisation)
    lee = person(part, "lee", "student", "Lee Chen")
    assert "lee" in names_listed(signed_in(campus.admin))
    assert "Lee Chen" in text(signed_in(campus.admin).post("/people/activations/print/", {"person": lee.pk}))


def test_one_who_has_a_password_is_refused_with_a_sentence(campus: Campus) -> None:
    with_password(campus.amira)
    admin = signed_in(campus.admin)
    for what in ("send", "print"):
        answer = admin.post(f"/people/activations/{what}/", {"person": campus.amira.pk}, follow=True)
        assert "Amira Haddad has a password already." in text(answer)


# --- The sheet --------------------------------------------------------------------------------------------------


def test_the_sheet_is_shown_once_and_kept_nowhere(campus: Campus) -> None:
    admin = signed_in(campus.admin)
    sheet = admin.post("/people/activations/print/", {"person": [campus.amira.pk, campus.bilal.pk]})
    assert sheet.status_code == 200
    assert "no-store" in sheet["Cache-Control"]
    codes = {slip.person.username: slip.code for slip in sheet.context["slips"]}
    for words in (*codes.values(), "Amira Haddad", "AMIRA", "http://testserver/activate/"):
        assert words in text(sheet)
    assert admin.get("/people/activations/print/").status_code == 405
    assert not any(code in text(admin.get("/people/activations/")) for code in codes.values())
    assert redeem(Client(), "amira", codes["amira"]).status_code == 302


# --- A code -----------------------------------------------------------------------------------------------------


def test_a_code_leads_to_a_password_and_in(client: Client, campus: Campus) -> None:
    answer = redeem(client, "AMIRA", code_for(campus, campus.amira).lower())
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    for words in ("Welcome to University of Aldermoor", "Amira Haddad", "At least 10 characters"):
        assert words in text(page)
    assert client.post(answer["Location"], {"new_password": PASSWORD})["Location"] == "/dashboard/"
    assert "Amira Haddad" in text(client.get("/me/"))
    assert log_in(Client(), "amira").status_code == 302


def test_a_wrong_code_and_nobody_get_the_same_sentence(client: Client, campus: Campus) -> None:
    code = code_for(campus, campus.amira)
    wrong = [redeem(client, "amira", "AAAAA-AAAAA"), redeem(client, "bilal", code), redeem(client, "nobody", code)]
    assert [each.status_code for each in wrong] == [422] * 3
    sentences = {each.context["form"].sentence_at("code") for each in wrong}
    assert sentences == {"That code does not match this number or e-mail. 4 tries are left."}


def test_guessing_is_limited_by_account_and_address(
    client: Client, campus: Campus, time_machine: TimeMachineFixture
) -> None:
    code = code_for(campus, campus.amira)
    assert [redeem(client, "amira", "wrong").status_code for _time in range(6)] == [422] * 5 + [429]
    refused = redeem(client, "amira@aldermoor.example", code)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 15 * 60
    assert [redeem(client, "nobody", "wrong").status_code for _time in range(6)] == [422] * 5 + [429]
    assert redeem(client, "bilal", "wrong").status_code == 422
    assert redeem(Client(REMOTE_ADDR="198.51.100.20"), "amira", code).status_code == 302
    wait(time_machine, timedelta(minutes=15))
    assert redeem(client, "amira", code).status_code == 302


@pytest.mark.parametrize(("name", "code"), [("", "AAAAA-AAAAA"), ("amira", ""), ("amira", "A" * 41)])
def test_an_incomplete_form_is_said_and_not_counted(client: Client, campus: Campus, name: str, code: str) -> None:
    assert redeem(client, name, code).status_code == 422
    assert redeem(client, "amira", "wrong").context["form"].sentence_at("code").endswith("4 tries are left.")


def test_a_code_that_ended_says_so_to_who_holds_it(
    client: Client, campus: Campus, time_machine: TimeMachineFixture
) -> None:
    code = code_for(campus, campus.amira)
    wait(time_machine, timedelta(days=30))
    dead = client.post(REDEEM, {"username": "amira", "code": code}, follow=True)
    assert dead.status_code == 410
    assert "This link or code has ended" in text(dead)


# --- A link -----------------------------------------------------------------------------------------------------


def test_looking_at_a_link_uses_nothing_up(client: Client, campus: Campus) -> None:
    path = link_to(campus, campus.amira)
    before = list(Activation.objects.values())
    assert [client.get(path).status_code for _time in range(3)] == [200] * 3
    assert list(Activation.objects.values()) == before
    assert not User.objects.get(pk=campus.amira.pk).has_usable_password()


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("short", "at least 10 characters"), ("amira@aldermoor", "too similar"), ("918273645546", "entirely numeric")],
)
def test_the_rules_for_passwords_hold(client: Client, campus: Campus, password: str, sentence: str) -> None:
    path = link_to(campus, campus.amira)
    answer = client.post(path, {"new_password": password})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert client.post(path, {"new_password": PASSWORD}).status_code == 302


def test_a_used_link_says_so(client: Client, campus: Campus) -> None:
    path = link_to(campus, campus.amira)
    client.post(path, {"new_password": PASSWORD})
    for answer in (Client().get(path), Client().post(path, {"new_password": "another quiet horse"})):
        assert answer.status_code == 410
        assert "This link or code was used" in text(answer)
    assert log_in(Client(), "amira").status_code == 302


def test_dead_links_say_why(client: Client, campus: Campus, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-11-02 09:00:00+00:00")
    older, latest = link_to(campus, campus.amira), link_to(campus, campus.amira)
    not_needed, closed = link_to(campus, campus.bilal), link_to(campus, campus.outsider)
    with_password(campus.bilal)
    User.objects.filter(pk=campus.outsider.pk).update(is_active=False)
    sentences = {older: "was taken back", not_needed: "You have a password already", closed: "This account is closed"}
    for path, sentence in sentences.items():
        for answer in (client.get(path), client.post(path, {"new_password": PASSWORD})):
            assert answer.status_code == 410
            assert sentence in text(answer)
    wait(time_machine, timedelta(days=7))
    assert "It worked until 9 November." in text(client.get(latest))
    unknown = client.get("/activate/nothing-like-a-token/")
    assert unknown.status_code == 404
    assert "There is no such link" in text(unknown)


def test_one_who_is_logged_in_becomes_the_new_person(campus: Campus) -> None:
    browser = signed_in(campus.admin)
    browser.post(link_to(campus, campus.amira), {"new_password": PASSWORD})
    assert "Amira Haddad" in text(browser.get("/me/"))
