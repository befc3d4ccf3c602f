"""Tokens of mailed links stay out of the logs."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from attendance.models import User
from attendance.services.invitations import invite
from attendance.sign_in.hidden_tokens import HideTokens
from tests.cast import Campus


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that Django logs while the test runs, as the filter lets it through."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.addFilter(HideTokens())
    logger = logging.getLogger("django")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def test_a_refused_form_does_not_log_the_token_of_an_open_invitation(campus: Campus, log: io.StringIO) -> None:
    _invitation, token = invite(
        organisation=campus.organisation, email="noor@x.example", role=User.Role.STUDENT, invited_by=campus.admin
    )
    assert Client().post(f"/invitations/{token}/", {"username": "noor"}).status_code == 422
    assert Client(enforce_csrf_checks=True).post(f"/invitations/{token}/").status_code == 403
    lines = log.getvalue().splitlines()
    assert len(lines) == 2
    assert all("/invitations/…/" in line and token not in line for line in lines)


def test_the_token_of_a_first_password_is_hidden(client: Client, db: None, log: io.StringIO) -> None:
    client.get("/activate/c0ffee-0123456789abcdef/")
    client.get("/people/5/activate/")
    assert log.getvalue().splitlines() == ["Not Found: /activate/…/", "Method Not Allowed (GET): /people/5/activate/"]


def test_the_token_of_a_password_reset_is_hidden_and_other_paths_are_not(
    client: Client, db: None, log: io.StringIO
) -> None:
    client.get("/password/reset/MQ/c0ffee-0123456789abcdef/")
    client.get("/nowhere/at-all/")
    assert log.getvalue().splitlines() == ["Gone: /password/reset/MQ/…/", "Not Found: /nowhere/at-all/"]
