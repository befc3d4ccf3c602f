"""Inviting, and being invited."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from time_machine import TimeMachineFixture

from attendance.models import Invitation, Organisation, User
from tests.cast import PASSWORD, Campus, signed_in
from tests.sign_in.acts import log_in, wait

NOOR = "noor@aldermoor.example"
FORM = {"given_name": "Noor", "family_name": "Rahimi", "username": "noor", "new_password": PASSWORD}


def invite(campus: Campus, email: str = NOOR, role: str = "teacher", **more: str) -> int:
    """Send the form as the administrator and return the status of the answer."""
    admin = signed_in(campus.admin)
    status: int = admin.post("/people/invite/", {"email": email, "role": role, **more}).status_code
    return status


def mailed_path() -> str:
    words = str(mail.outbox[-1].body).split()
    [link] = [word for word in words if word.startswith("http://testserver/")]
    return link.removeprefix("http://testserver")


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_an_invited_person_makes_an_account_and_is_logged_in(client: Client, campus: Campus) -> None:
    assert invite(campus) == 302
    assert mail.outbox[0].to == [NOOR]
    page = client.get(mailed_path())
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    for words in ("Welcome to University of Aldermoor", "Teacher", NOOR, "At least 10 characters"):
        assert words in page.content.decode()

    assert client.post(mailed_path(), FORM)["Location"] == "/dashboard/"
    assert "Noor Rahimi" in text(client, "/me/")
    noor = User.objects.get(username="noor")
    assert (noor.role, noor.organisation, noor.email) == ("teacher", campus.organisation, NOOR)
    assert log_in(Client(), NOOR).status_code == 302


def test_looking_at_an_invitation_uses_nothing_up(client: Client, campus: Campus) -> None:
    invite(campus)
    assert [client.get(mailed_path()).status_code for _time in range(3)] == [200] * 3
    assert not User.objects.filter(email=NOOR).exists()


def test_the_role_and_the_address_are_not_for_the_invited_to_choose(client: Client, campus: Campus) -> None:
    invite(campus, role="student")
    client.post(mailed_path(), {**FORM, "role": "admin", "email": "boss@aldermoor.example", "is_superuser": "on"})
    noor = User.objects.get(username="noor")
    assert (noor.role, noor.email, noor.is_superuser) == ("student", NOOR, False)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "amira", "This user name is taken."),
        ("username", "AMIRA@aldermoor.example", "This user name is taken."),
        ("username", "no spaces", "Use letters, digits and @ . + - _ only."),
        ("username", "", "Choose a user name."),
        ("family_name", "", "Type your family name"),
        ("new_password", "short", "at least 10 characters"),
        ("new_password", "noor.rahimi", "too similar"),
    ],
)
def test_mistakes_are_said_at_their_fields(
    client: Client, campus: Campus, field: str, value: str, sentence: str
) -> None:
    invite(campus)
    form = {**FORM, field: value} if value != "noor.rahimi" else {**FORM, "username": "noor.rahimi", field: value}
    response = client.post(mailed_path(), form)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not User.objects.filter(email=NOOR).exists()


def test_a_used_invitation_says_so(client: Client, campus: Campus) -> None:
    invite(campus)
    client.post(mailed_path(), FORM)
    again = Client().post(mailed_path(), {**FORM, "username": "another"})
    assert again.status_code == 410
    assert "This invitation was used" in again.content.decode()
    assert User.objects.filter(email=NOOR).count() == 1


def test_an_ended_invitation_says_so(client: Client, campus: Campus, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-11-02 09:00:00+00:00")
    invite(campus)
    wait(time_machine, timedelta(days=7))
    dead = client.get(mailed_path())
    assert dead.status_code == 410
    assert "until 9 November" in dead.content.decode()
    assert "ended" in text(signed_in(campus.admin), "/people/invitations/")


def test_an_invitation_that_was_taken_back_says_so(client: Client, campus: Campus) -> None:
    invite(campus)
    admin = signed_in(campus.admin)
    path = f"/people/invitations/{Invitation.objects.get().pk}/revoke/"
    assert admin.get(path).status_code == 405
    assert admin.post(path).status_code == 302
    dead = client.get(mailed_path())
    assert dead.status_code == 410
    assert "This invitation was taken back" in dead.content.decode()
    assert admin.post(path).status_code == 404


def test_an_unknown_invitation_is_not_found(client: Client, campus: Campus) -> None:
    response = client.get("/invitations/nothing-like-a-token/")
    assert response.status_code == 404
    assert "There is no such invitation" in response.content.decode()


def test_open_invitations_are_listed_and_accepted_ones_are_not(client: Client, campus: Campus) -> None:
    invite(campus)
    invite(campus, "sam@aldermoor.example")
    admin = signed_in(campus.admin)
    assert NOOR in text(admin, "/people/invitations/")
    client.post(mailed_path(), FORM)
    page = text(admin, "/people/invitations/")
    assert "sam@aldermoor.example" not in page
    assert NOOR in page


def test_an_address_with_an_account_is_refused_at_the_field(campus: Campus) -> None:
    assert invite(campus, "AMIRA@aldermoor.example") == 422
    assert not Invitation.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize(("email", "role"), [("", "student"), ("noor", "student"), (NOOR, "emperor")])
def test_other_mistakes_are_refused_as_well(campus: Campus, email: str, role: str) -> None:
    assert invite(campus, email, role) == 422
    assert not Invitation.objects.exists()


def test_an_administrator_invites_only_where_he_administers(campus: Campus) -> None:
    elsewhere = campus.foreign_admin.organisation
    invite(campus, organisation=str(elsewhere.pk))
    assert [each.organisation for each in Invitation.objects.all()] == [campus.organisation]

    part = Organisation.objects.create(slug="part", name="Aldermoor Business School", parent=campus.organisation)
    assert invite(campus, "kim@aldermoor.example", organisation=str(part.pk)) == 302
    assert Invitation.objects.filter(organisation=part).count() == 1
    assert invite(campus, "lee@aldermoor.example", organisation=str(elsewhere.pk)) == 422
    assert Invitation.objects.count() == 2


def test_invitations_of_another_institution_are_out_of_reach(campus: Campus) -> None:
    invite(campus)
    stranger = signed_in(campus.foreign_admin)
    assert NOOR not in text(stranger, "/people/invitations/")
    assert stranger.post(f"/people/invitations/{Invitation.objects.get().pk}/revoke/").status_code == 404
    assert Invitation.objects.get().revoked_at is None


@pytest.mark.parametrize("path", ["/people/invitations/", "/people/invite/", "/people/invitations/1/revoke/"])
@pytest.mark.parametrize("who", ["ines", "amira", "auditor"])
def test_only_administrators_invite(campus: Campus, path: str, who: str) -> None:
    browser = signed_in(getattr(campus, who))
    response = browser.post(path) if "revoke" in path else browser.get(path)
    assert response.status_code == 404


def test_one_who_is_logged_in_and_accepts_becomes_the_new_person(campus: Campus) -> None:
    invite(campus)
    browser = signed_in(campus.admin)
    browser.post(mailed_path(), FORM)
    assert "Noor Rahimi" in text(browser, "/me/")
