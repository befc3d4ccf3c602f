"""Getting in, and the people an administrator looks after."""

from datetime import timedelta
from typing import Any

from attendance import clock
from attendance.models import Activation, Invitation, LinkedIdentity, User
from tests.cast import Campus

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    home                     GET     200     go      go      go      go      go      go      go      go
    login                    GET     200     go      go      go      go      go      go      go      go
    openid_start             GET     404     404     404     404     404     404     404     404     404
    openid_callback          GET     404     404     404     404     404     404     404     404     404
    openid_failed            GET     403     403     403     403     403     403     403     403     403
    logout                   POST    go      go      go      go      go      go      go      go      go
    language_choose          POST    go      go      go      go      go      go      go      go      go
    theme_choose             POST    go      go      go      go      go      go      go      go      go
    password_reset           GET     200     200     200     200     200     200     200     200     200
    password_reset_sent      GET     200     200     200     200     200     200     200     200     200
    password_reset_confirm   GET     410     410     410     410     410     410     410     410     410
    password_change          GET     login   200     200     200     200     200     200     200     200
    invitation_accept        GET     404     404     404     404     404     404     404     404     404
    activation_redeem        GET     200     200     200     200     200     200     200     200     200
    activation_accept        GET     404     404     404     404     404     404     404     404     404
    profile_show             GET     login   200     200     200     200     200     200     200     200
    data_show                GET     login   200     200     200     200     200     200     200     200
    data_download            GET     login   200     200     200     200     200     200     200     200
    sessions_end_others      POST    login   go      go      go      go      go      go      go      go

    people_list              GET     login   404     404     404     404     404     404     200     200
    invitation_list          GET     login   404     404     404     404     404     404     200     200
    invitation_create        GET     login   404     404     404     404     404     404     200     200
    invitation_revoke        POST    login   404     404     404     404     404     404     go      404
    activation_list          GET     login   404     404     404     404     404     404     200     200
    activation_send          POST    login   404     404     404     404     404     404     go      404
    activation_print         POST    login   404     404     404     404     404     404     200     404
    activation_revoke        POST    login   404     404     404     404     404     404     go      404
    person_show              GET     login   404     404     404     404     404     404     200     404
    person_data_download     GET     login   404     404     404     404     404     404     200     404
    person_edit              GET     login   404     404     404     404     404     404     200     404
    person_edit              POST    login   404     404     404     404     404     404     go      404
    person_change            POST    login   404     404     404     404     404     404     go      404
    person_erase             GET     login   404     404     404     404     404     404     200     404
    person_erase             POST    login   404     404     404     404     404     404     go      404
    person_activate          POST    login   404     404     404     404     404     404     go      404
    person_deactivate        POST    login   404     404     404     404     404     404     go      404
    identity_unlink          POST    login   404     404     404     404     404     404     go      404
    person_sessions_end      POST    login   404     404     404     404     404     404     go      404
"""

PAGES = {
    "visitor": [
        "home",
        "login",
        "password_reset",
        "password_reset_sent",
        "activation_redeem",
        "activation_accept",
        "openid_failed",
        "missing",
    ],
    "amira": ["profile_show", "data_show", "password_change", "missing"],
    "ines": ["profile_show"],
    "auditor": ["profile_show"],
    "admin": [
        "profile_show",
        "people_list",
        "person_show",
        "person_edit",
        "person_erase",
        "invitation_list",
        "invitation_create",
        "activation_list",
    ],
}


def stage(campus: Campus) -> dict[str, Any]:
    """An invitation waits, and so does a link for a first password; a login elsewhere is linked."""
    invitation = Invitation.objects.create(
        organisation=campus.organisation,
        email="new@aldermoor.example",
        role=User.Role.TEACHER,
        token_hash="0" * 64,
        invited_by=campus.admin,
        expires_at=clock.now() + timedelta(days=7),
    )
    Activation.objects.create(
        user=campus.bilal,
        kind=Activation.Kind.LINK,
        secret_hash="1" * 64,
        created_by=campus.admin,
        expires_at=clock.now() + timedelta(days=7),
        sent_at=clock.now(),
    )
    LinkedIdentity.objects.create(user=campus.bilal, issuer="https://id.aldermoor.example", subject="7f3a")
    return {
        "person_id": campus.bilal.pk,
        "invitation_id": invitation.pk,
        "token": "no-such-token",
        "uidb64": "MQ",
        "why": "unknown",
    }


def body_for(campus: Campus, name: str) -> dict[str, str]:
    """What is posted."""
    return {
        "person_change": {"role": "student"},
        "activation_send": {"person": str(campus.bilal.pk)},
        "activation_print": {"person": str(campus.bilal.pk)},
        "person_edit": {"family_name": "Adeyemi", "number": "BILAL"},
        "person_erase": {"username": campus.bilal.username},
        "theme_choose": {"theme": "dark"},
        "language_choose": {"language": "en"},
    }.get(name, {})
