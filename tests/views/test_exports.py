"""Downloading what an institution put in."""

import io
from zipfile import ZipFile

import pytest
from django.urls import reverse

from attendance import clock
from attendance.models import Organisation, Room
from tests.cast import Campus, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_administrator_gets_a_zip_of_the_own_institution(campus: Campus) -> None:
    response = signed_in(campus.admin).get(reverse("export_download"))
    content = response.getvalue()
    day = clock.today(campus.organisation.zone)

    assert response.streaming
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == f'attachment; filename="aldermoor-{day}.zip"'
    assert "no-store" in response["Cache-Control"]
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert b"Hall B-12,240,no" in archive.read("rooms.csv")
        assert b"Brackley" not in archive.read("institution.csv")


def test_an_administrator_of_a_group_gets_the_groups_own(campus: Campus) -> None:
    Organisation.objects.filter(pk=campus.organisation.pk).update(parent=campus.foreign_admin.organisation)
    content = signed_in(campus.foreign_admin).get(reverse("export_download")).getvalue()

    with ZipFile(io.BytesIO(content)) as archive:
        assert b"Brackley College" in archive.read("institution.csv")
        assert b"Hall B-12" not in archive.read("rooms.csv")


def test_the_browser_may_stop_and_ask_again(campus: Campus) -> None:
    browser = signed_in(campus.admin)
    response = browser.get(reverse("export_download"))
    next(iter(response.streaming_content))
    response.close()
    Room.objects.create(organisation=campus.organisation, name="Cellar")

    with ZipFile(io.BytesIO(browser.get(reverse("export_download")).getvalue())) as archive:
        assert b"Cellar,,no" in archive.read("rooms.csv")


def test_the_page_of_imports_leads_to_it(campus: Campus) -> None:
    page = signed_in(campus.admin).get(reverse("import_list")).content.decode()

    assert f'href="{reverse("export_download")}"' in page
