"""The choice between the light and the dark look."""

import pytest
from django.test import Client

from attendance.views.errors import server_error
from tests.cast import Campus, signed_in


@pytest.mark.parametrize(("theme", "attribute"), [("dark", True), ("light", True), ("auto", False)])
def test_the_choice_is_in_the_next_page(client: Client, db: None, theme: str, attribute: bool) -> None:
    response = client.post("/theme/", {"theme": theme, "next": "/login/"})
    assert response["Location"] == "/login/"
    page = client.get("/login/").content.decode()
    assert (f'data-theme="{theme}"' in page) is attribute
    assert f'value="{theme}" checked' in page


def test_the_choice_is_kept_for_a_year(client: Client, db: None) -> None:
    client.post("/theme/", {"theme": "dark"})
    cookie = client.cookies["theme"]
    assert (cookie["max-age"], cookie["samesite"], cookie["httponly"]) == (365 * 24 * 3600, "Lax", True)


def test_it_works_for_readers_who_are_logged_in(campus: Campus) -> None:
    assert signed_in(campus.amira).post("/theme/", {"theme": "dark", "next": "/me/"})["Location"] == "/me/"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/x"])
def test_it_leads_to_no_other_site(client: Client, db: None, address: str) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": address})["Location"] == "/"


def test_there_are_three_themes_and_no_link_to_them(client: Client, db: None) -> None:
    assert client.post("/theme/", {"theme": "pink"}).status_code == 400
    assert "theme" not in client.cookies
    assert client.get("/theme/").status_code == 405


def test_the_page_for_a_broken_server_needs_no_reader(rf) -> None:
    answer = server_error(rf.get("/"))
    assert answer.status_code == 500 and b"<html" in answer.content
