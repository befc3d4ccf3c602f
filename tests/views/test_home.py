"""The page for visitors."""

import pytest
from django.test import Client

from tests.cast import Campus, signed_in


def test_visitors_learn_what_it_is_and_where_to_log_in(client: Client, db: None) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "Attendance for universities, in the browser" in page.content.decode()
    assert 'href="/login/"' in page.content.decode()


@pytest.mark.parametrize("who", ["admin", "ines", "amira", "auditor"])
def test_everybody_else_goes_on_to_the_own_day(campus: Campus, who: str) -> None:
    assert signed_in(getattr(campus, who)).get("/")["Location"] == "/dashboard/"
