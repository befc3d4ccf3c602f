"""Invitations: one open per address, one account per invitation."""

import hashlib
from datetime import timedelta

import pytest
from django.core import mail
from pytest_django import Settings
from time_machine import TimeMachineFixture

from attendance.models import Invitation, User
from attendance.queries.invitations import InvitationState, invitation_of, state_of
from attendance.services.invitations import NewAccount, accept, invite, invite_by_mail, revoke
from attendance.services.refusals import Refusal
from tests.cast import PASSWORD, Campus
from tests.servers.processes import free_port
from tests.sign_in.acts import at_once, wait

NOOR = "noor@aldermoor.example"
NEW = NewAccount("Noor", "Rahimi", "noor")


def invited(campus: Campus, email: str = NOOR) -> tuple[Invitation, str]:
    return invite(organisation=campus.organisation, email=email, role=User.Role.TEACHER, invited_by=campus.admin)


def test_only_the_hash_of_the_token_is_stored(campus: Campus) -> None:
    invitation, token = invited(campus)
    assert len(token) == 43
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert token not in map(str, row.values())
    assert row["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert invitation_of(token) == invitation
    assert invitation_of(token[:-1]) is None


def test_accepting_makes_the_account_that_was_meant(campus: Campus) -> None:
    invitation, _token = invited(campus)
    noor = accept(invitation=invitation, account=NewAccount("Noor", "Rahimi", "Noor"), password=PASSWORD)
    assert (noor.role, noor.organisation, noor.email, noor.username) == ("teacher", campus.organisation, NOOR, "noor")
    assert noor.check_password(PASSWORD)
    assert not noor.is_superuser
    invitation.refresh_from_db()
    assert invitation.accepted_by == noor
    assert state_of(invitation) is InvitationState.ACCEPTED


def test_an_invitation_is_accepted_once(campus: Campus) -> None:
    invitation, _token = invited(campus)
    accept(invitation=invitation, account=NEW, password=PASSWORD)
    with pytest.raises(Refusal, match="not open any more"):
        accept(invitation=invitation, account=NewAccount("", "Another", "another"), password=PASSWORD)
    assert User.objects.filter(email=NOOR).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_account(campus: Campus) -> None:
    invitation, _token = invited(campus)

    def answer(each: int) -> str:
        try:
            accept(invitation=invitation, account=NewAccount("Noor", "Rahimi", f"noor{each}"), password=PASSWORD)
        except Refusal as refusal:
            return str(refusal)
        return "accepted"

    assert sorted(at_once(4, answer)) == ["This invitation is not open any more."] * 3 + ["accepted"]
    assert User.objects.filter(email=NOOR).count() == 1


def test_an_invitation_ends_after_seven_days(campus: Campus, time_machine: TimeMachineFixture) -> None:
    invitation, _token = invited(campus)
    wait(time_machine, timedelta(days=6, hours=23))
    assert state_of(invitation) is InvitationState.OPEN
    wait(time_machine, timedelta(hours=1))
    assert state_of(invitation) is InvitationState.EXPIRED
    with pytest.raises(Refusal, match="not open any more"):
        accept(invitation=invitation, account=NEW, password=PASSWORD)


def test_a_revoked_invitation_is_worth_nothing(campus: Campus) -> None:
    invitation, _token = invited(campus)
    assert revoke(invitation=invitation)
    assert not revoke(invitation=invitation)
    with pytest.raises(Refusal, match="not open any more"):
        accept(invitation=invitation, account=NEW, password=PASSWORD)


def test_an_accepted_invitation_cannot_be_revoked(campus: Campus) -> None:
    invitation, _token = invited(campus)
    accept(invitation=invitation, account=NEW, password=PASSWORD)
    assert not revoke(invitation=invitation)


def test_inviting_again_ends_the_earlier_invitation(campus: Campus) -> None:
    first, _token = invited(campus)
    second, _token = invited(campus, NOOR.upper())
    elsewhere, _token = invite(
        organisation=campus.foreign_admin.organisation,
        email=NOOR,
        role=User.Role.STUDENT,
        invited_by=campus.foreign_admin,
    )
    third, _token = invited(campus)
    states = [state_of(Invitation.objects.get(pk=each.pk)).name for each in (first, second, elsewhere, third)]
    assert states == ["REVOKED", "REVOKED", "OPEN", "OPEN"]


def test_one_who_let_an_invitation_end_can_be_invited_again(campus: Campus, time_machine: TimeMachineFixture) -> None:
    invited(campus)
    wait(time_machine, timedelta(days=8))
    again, _token = invited(campus)
    assert state_of(again) is InvitationState.OPEN


@pytest.mark.django_db(transaction=True)
def test_of_several_invitations_at_once_one_stays_open(campus: Campus) -> None:
    def ask(_each: int) -> bool:
        try:
            invited(campus)
        except Refusal:
            return False
        return True

    assert any(at_once(4, ask))
    assert Invitation.objects.filter(email=NOOR, revoked_at=None, accepted_by=None).count() == 1


def test_an_address_with_an_account_is_not_invited(campus: Campus) -> None:
    with pytest.raises(Refusal, match="has an account at University of Aldermoor already"):
        invited(campus, campus.amira.email.upper())
    assert not Invitation.objects.exists()


def test_an_account_made_meanwhile_is_not_doubled(campus: Campus) -> None:
    invitation, _token = invited(campus)
    User.objects.filter(pk=campus.bilal.pk).update(email=NOOR)
    with pytest.raises(Refusal, match="Log in instead"):
        accept(invitation=invitation, account=NEW, password=PASSWORD)
    assert state_of(Invitation.objects.get(pk=invitation.pk)) is InvitationState.OPEN


@pytest.mark.parametrize("name", ["amira", "AMIRA", "amira@aldermoor.example", "A2641873"])
def test_nobody_takes_a_name_that_somebody_else_logs_in_with(campus: Campus, name: str) -> None:
    campus.amira.number = "a2641873"
    campus.amira.save()
    invitation, _token = invited(campus)
    with pytest.raises(Refusal, match="is taken"):
        accept(invitation=invitation, account=NewAccount("", "Mallory", name), password=PASSWORD)


def test_the_own_address_can_be_the_user_name(campus: Campus) -> None:
    invitation, _token = invited(campus)
    assert accept(invitation=invitation, account=NewAccount("", "Rahimi", NOOR), password=PASSWORD).username == NOOR


def by_mail(campus: Campus) -> Invitation:
    return invite_by_mail(
        organisation=campus.organisation,
        email=NOOR,
        role=User.Role.TEACHER,
        invited_by=campus.admin,
        link_to=lambda token: f"https://attendance.example/invitations/{token}/",
    )


def test_the_mail_has_the_link_in_text_and_html(campus: Campus) -> None:
    campus.organisation.name = "Arts & Crafts"
    invitation = by_mail(campus)
    [message] = mail.outbox
    assert message.to == [NOOR]
    assert message.subject == "Your LuminaLearn account at Arts & Crafts"
    [html] = message.alternatives
    for text in (str(message.body), html.content):
        token = text.split("https://attendance.example/invitations/")[1].split("/")[0]
        assert invitation_of(token) == invitation
    assert "Tomas Lindqvist invites you to LuminaLearn at Arts & Crafts." in message.body
    assert "at Arts &amp; Crafts." in html.content


def test_an_invitation_whose_mail_could_not_be_sent_is_revoked(campus: Campus, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with pytest.raises(Refusal, match="could not be sent"):
        by_mail(campus)
    assert state_of(Invitation.objects.get()) is InvitationState.REVOKED
