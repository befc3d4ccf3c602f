"""Uploading a file: what is taken, what is refused and leaves nothing, and what the background makes of it."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from attendance.importers.bundle import MAX_UPLOAD
from attendance.models import Enrolment, Import, ImportRow, Room, Term, User
from attendance.services.importing.preparing import comparing
from tests.cast import Campus, signed_in
from tests.importers.files import zip_of
from tests.timetable.small_problem import small_problem

ROOMS = "name,capacity\nHall C-1,80\nHall B-12,many\n"


@pytest.fixture
def admin(campus: Campus) -> Client:
    return signed_in(campus.admin)


@pytest.fixture
def committed(transactional_db: None, campus: Campus) -> Campus:
    """The campus as other connections see it, which the background needs."""
    return campus


def upload(browser: Client, name: str, content: bytes | str, **fields: Any) -> Any:
    """Send the form and wait until the background has nothing to do."""
    content = content.encode() if isinstance(content, str) else content
    response = browser.post(reverse("import_create"), {"file": SimpleUploadedFile(name, content), **fields})
    comparing.submit(lambda: None).result()
    return response


def refused_at(response: Any) -> dict[str, str]:
    """Return the sentences of a refused form by field, once nothing of the upload is left."""
    assert response.status_code in (413, 422)
    assert not Import.objects.exists()
    return {name: " ".join(map(str, sentences)) for name, sentences in response.context["form"].errors.items()}


# --- What is taken ----------------------------------------------------------------------------------------------------


def test_a_file_is_compared_and_nothing_changes(committed: Campus) -> None:
    response = upload(signed_in(committed.admin), "rooms.csv", ROOMS)
    held = Import.objects.get()
    assert response.url == reverse("import_show", args=[held.pk])
    assert (held.state, held.source, held.file_name) == (Import.State.PREPARED, "csv", "rooms.csv")
    assert (held.prepared_by, held.organisation) == (committed.admin, committed.organisation)
    assert held.counts["room"]["new"] == 1
    refused = ImportRow.objects.get(action="refused")
    assert (refused.file, refused.line, refused.field) == ("rooms.csv", 3, "capacity")
    assert not Room.objects.filter(name="Hall C-1").exists()


def test_a_zip_of_csv_files_is_one_import(committed: Campus) -> None:
    people = "number,role,family_name\nS9,student,Osei\n"
    upload(signed_in(committed.admin), "autumn.zip", zip_of({"rooms.csv": ROOMS, "people.csv": people}))
    held = Import.objects.get()
    assert (held.counts["room"]["new"], held.counts["person"]["new"]) == (1, 1)


def test_rows_without_a_term_are_in_the_one_that_was_chosen(committed: Campus) -> None:
    sections = "course,name\nCS 204,Seminar 1\n"
    upload(signed_in(committed.admin), "sections.csv", sections, default_term=committed.term.pk)
    assert ImportRow.objects.get().key == ["CS 204", "Autumn", "Seminar 1"]


def test_a_complete_file_ends_what_it_leaves_out(committed: Campus) -> None:
    enrolments = "course,term,number\nCS 204,Autumn,AMIRA\n"
    browser = signed_in(committed.admin)
    upload(browser, "enrolments.csv", enrolments)
    assert not ImportRow.objects.filter(action="gone").exists()
    upload(browser, "enrolments.csv", enrolments, complete="on")
    assert ImportRow.objects.get(action="gone").key == ["CS 204", "Autumn", "BILAL"]
    assert Enrolment.objects.count() == 2


def test_a_timetable_of_itc2019_lies_in_the_term_that_is_named(committed: Campus) -> None:
    browser = signed_in(committed.admin)
    upload(browser, "small.xml", small_problem(), term_name="Spring", first_day="2027-02-15")
    held = Import.objects.get()
    assert (held.state, held.source) == (Import.State.PREPARED, "itc2019")
    term = held.rows.get(kind="term")
    assert (term.key, term.after) == (["Spring"], {"first_day": "2027-02-15", "last_day": "2027-03-14"})


def test_a_term_that_is_there_needs_no_first_day(committed: Campus) -> None:
    response = upload(signed_in(committed.admin), "small.xml", small_problem(), term_name="Autumn")
    assert response.status_code == 302
    assert not ImportRow.objects.filter(kind="term").exists()
    assert Term.objects.get().first_day == committed.term.first_day


def test_what_cannot_be_read_is_said_in_the_readers_language(committed: Campus) -> None:
    User.objects.filter(pk=committed.admin.pk).update(language="ar")
    browser = signed_in(committed.admin)
    response = upload(browser, "rooms.csv", b"name\n\xff\xfe\xfd\n")
    held = Import.objects.get()
    assert held.state == Import.State.FAILED
    assert "rooms.csv" in held.problem
    assert any("\u0600" <= letter <= "\u06ff" for letter in held.problem)
    assert held.problem in browser.get(response.url).content.decode()


# --- What is refused --------------------------------------------------------------------------------------------------


def test_a_file_over_the_limit_is_refused_and_not_kept(
    admin: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    response = upload(admin, "large.csv", b"x" * (MAX_UPLOAD + 1), term_name="Spring")
    assert response.status_code == 413
    assert refused_at(response)["file"] == "This file is larger than 20 MB. Pack it as a zip file, or split it."
    assert response.context["form"]["term_name"].value() == "Spring", "what was typed stays"
    assert list(tmp_path.iterdir()) == []


def test_several_files_have_one_limit_together(admin: Client) -> None:
    half = b"x" * (MAX_UPLOAD // 2 + 1)
    files = {name: SimpleUploadedFile(f"{name}.csv", half) for name in ("file", "other")}
    assert admin.post(reverse("import_create"), files).status_code == 413


def test_a_file_of_just_the_limit_is_taken(committed: Campus) -> None:
    assert upload(signed_in(committed.admin), "rooms.csv", b"\xff" * MAX_UPLOAD).status_code == 302
    assert Import.objects.get().state == Import.State.FAILED, "it is no text, but that is for the reader to say"


@pytest.mark.parametrize(
    ("name", "content", "fields", "field", "words"),
    [
        ("rooms.csv", b"", {}, "file", "This file is empty."),
        ("rooms.zip", b"PK\x03\x04 torn", {}, "file", "rooms.zip"),
        ("up.zip", zip_of({"../rooms.csv": ROOMS}), {}, "file", "plain names"),
        ("rooms.csv", ROOMS, {"source": "excel"}, "source", "excel"),
        ("rooms.csv", ROOMS, {"default_term": "0"}, "default_term", "valid choice"),
        ("small.xml", small_problem(), {}, "term_name", "names no term"),
        ("small.xml", small_problem(), {"term_name": "Spring"}, "first_day", "holds no dates"),
        ("rooms.csv", ROOMS, {"source": "itc2019"}, "term_name", "names no term"),
        ("small.xml", small_problem(), {"term_name": "Spring", "first_day": "9999-12-31"}, "first_day", "to 2099"),
        ("small.xml", small_problem(), {"term_name": "Spring", "first_day": "soon"}, "first_day", "date"),
        ("small.xml", small_problem(), {"term_name": "x" * 101}, "term_name", "at most 100"),
    ],
)
def test_what_does_not_do_is_refused_at_its_field(
    admin: Client, name: str, content: bytes | str, fields: dict[str, str], field: str, words: str
) -> None:
    assert words in refused_at(upload(admin, name, content, **fields))[field]


def test_without_a_file_there_is_nothing_to_compare(admin: Client) -> None:
    assert refused_at(admin.post(reverse("import_create"), {}))["file"] == "Choose a file."
    assert refused_at(admin.post(reverse("import_create"), {"file": "rooms.csv"}))["file"] == "Choose a file."


def test_a_term_of_another_institution_is_none_of_ours(campus: Campus, admin: Client) -> None:
    elsewhere = campus.foreign_admin.organisation
    days = {"first_day": date(2026, 9, 14), "last_day": date(2026, 12, 18)}
    foreign = Term.objects.create(organisation=elsewhere, name="Foreign", **days)
    assert "default_term" in refused_at(upload(admin, "rooms.csv", ROOMS, default_term=foreign.pk))
    assert "Foreign" not in admin.get(reverse("import_create")).content.decode()


def test_a_form_of_another_site_is_refused(campus: Campus) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(campus.admin)
    assert upload(browser, "rooms.csv", ROOMS).status_code == 403
    assert not Import.objects.exists()
    page = browser.get(reverse("import_create"))
    token = str(page.context["csrf_token"])
    answer = browser.post(reverse("import_create"), {"csrfmiddlewaretoken": token, "file": io.BytesIO(b"")})
    assert answer.status_code == 422, "with its own token the form is looked at"


@pytest.mark.parametrize("who", ["ines", "amira", "auditor"])
def test_a_body_of_strangers_is_not_read(campus: Campus, who: str) -> None:
    response = upload(signed_in(getattr(campus, who)), "rooms.csv", ROOMS)
    assert response.status_code == 404
    assert not hasattr(response.wsgi_request, "_files")
