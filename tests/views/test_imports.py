"""Importing in the browser: what is shown before anything changes, and what a press of a button answers."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from attendance import clock
from attendance.models import Course, Import, ImportRow, Room
from attendance.views.import_words import ShownField, shown, value_words
from tests.areas.institution import prepared_import
from tests.cast import Campus, signed_in

State = Import.State


@pytest.fixture
def admin(campus: Campus) -> Client:
    return signed_in(campus.admin)


@pytest.fixture
def prepared(campus: Campus) -> Import:
    """A room is new, a title changes, two rows are refused."""
    return prepared_import(campus)


def stored(campus: Campus, state: str, **fields: object) -> Import:
    """Store an import without rows."""
    applied = {"applied_at": clock.now(), "applied_by": campus.admin} if state in ("applied", "undone") else {}
    values = {"source": "csv", "file_name": "rooms.csv", "file_hash": "cd" * 32, "prepared_by": campus.admin}
    return Import.objects.create(organisation=campus.organisation, state=state, **(values | applied | fields))


def page_of(browser: Client, held: Import, **query: str) -> str:
    """Return the text of an import's page with white space as people see it."""
    response = browser.get(reverse("import_show", args=[held.pk]), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- The list ---------------------------------------------------------------------------------------------------------


def test_without_imports_the_list_says_what_can_come(admin: Client) -> None:
    page = admin.get(reverse("import_list")).content.decode()
    assert "Nothing was imported yet" in page
    assert reverse("import_formats") in page
    assert reverse("import_create") in page


def test_the_list_counts_in_words_and_names_who(campus: Campus, admin: Client, prepared: Import) -> None:
    stored(campus, "preparing", file_name="slow.csv", touched_at=clock.now() - timedelta(seconds=31))
    stored(campus, "preparing", file_name="quick.csv")
    stored(campus, "prepared", file_name="same.csv", counts={"room": {"same": 1234}})
    stored(campus, "applied", file_name="command.csv", prepared_by=None)
    rows = {str(held): (words, cut) for held, _tally, words, cut in admin.get(reverse("import_list")).context["rows"]}
    assert rows["autumn.zip"] == ("1 new, 1 changed, 44 there already, 2 refused", False)
    assert rows["same.csv"] == ("1,234 there already", False)
    assert (rows["slow.csv"], rows["quick.csv"]) == (("", True), ("", False))
    page = admin.get(reverse("import_list")).content.decode()
    for words in ("Tomas Lindqvist", "by command", "interrupted", "Being compared", "nothing to apply"):
        assert words in page


# --- One import -------------------------------------------------------------------------------------------------------


def test_while_it_is_compared_the_page_says_how_far_it_is(campus: Campus, admin: Client) -> None:
    reading = page_of(admin, stored(campus, "preparing"))
    assert "The file is being read." in reading
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in reading
    page = page_of(admin, stored(campus, "preparing", records=5342, compared=1820))
    assert "1,820 of 5,342 rows are compared" in page
    assert 'width="34.1%"' in page


def test_an_interrupted_one_says_so_and_waits_no_longer(campus: Campus, admin: Client) -> None:
    held = stored(campus, "preparing", touched_at=clock.now() - timedelta(seconds=31))
    page = page_of(admin, held)
    assert "The comparison stands still since" in page
    assert "refresh" not in page and "imports.js" not in page
    assert reverse("import_create") in page


def test_refused_rows_come_first_with_line_field_and_reason(admin: Client, prepared: Import) -> None:
    page = page_of(admin, prepared)
    assert "Apply 2 changes" in page
    assert "2 rows are left out" in page
    assert "people.csv" in page and ">14<" in page and "“amira” is no e-mail address." in page
    assert "<bdi>email</bdi>" in page, "a column is named as the file names it"


def test_rows_are_chosen_by_what_becomes_of_them_and_by_kind(admin: Client, prepared: Import) -> None:
    changed = page_of(admin, prepared, action="changed")
    assert "<del><bdi>Databases</bdi></del>" in changed
    assert "<ins><bdi>Databases and Information Systems</bdi></ins>" in changed
    address = reverse("import_show", args=[prepared.pk])
    new = admin.get(address, {"action": "new", "kind": "room"})
    assert [(row.key, row.fields[0].label, row.fields[0].after) for row in new.context["rows"]] == [
        (("Hall C-1",), "Seats", "80")
    ]
    for query in ({"action": "same"}, {"action": "gone"}, {"kind": "room"}, {"page": "99"}):
        assert admin.get(address, query).context["action"] == "refused", "what is not there shows what comes first"


def test_a_page_has_50_rows_and_the_number_of_queries_stays(admin: Client, prepared: Import) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page_of(admin, prepared, action="new")
        return len(found)

    before = queries()
    ImportRow.objects.bulk_create(
        [ImportRow(of=prepared, kind="room", action="new", key=[f"R{each}"], after={}) for each in range(80)]
    )
    assert queries() == before <= 12
    response = admin.get(reverse("import_show", args=[prepared.pk]), {"action": "new"})
    assert len(response.context["rows"]) == 50
    assert len(admin.get(response.request["PATH_INFO"], {"action": "new", "page": 2}).context["rows"]) == 31


def test_nothing_to_change_has_nothing_to_apply(campus: Campus, admin: Client) -> None:
    page = page_of(admin, stored(campus, "prepared", counts={"room": {"same": 1167}}))
    assert "Everything is there already." in page
    assert "import_apply" not in page and "/apply/" not in page
    only_refused = page_of(admin, stored(campus, "prepared", counts={"room": {"same": 1, "refused": 1}}))
    assert "There is nothing to apply: every row that could be taken is there already." in only_refused


def test_what_cannot_be_read_says_why_and_what_to_do(campus: Campus, admin: Client) -> None:
    page = page_of(admin, stored(campus, "failed", problem="users.csv is not UTF-8."))
    assert "users.csv is not UTF-8." in page
    assert "Nothing was changed." in page
    assert "Upload it again" in page


def test_the_first_imports_have_counts_and_nothing_to_undo(campus: Campus, admin: Client) -> None:
    counts = {"rooms": {"new": 44, "same": 1}, "students": {"new": 865, "same": 0}}
    held = stored(campus, "applied", source="itc2019", prepared_by=None, applied_by=None, counts=counts)
    page = page_of(admin, held)
    for words in ("Rooms", "Students", "865", "Applied by command on"):
        assert words in page
    assert reverse("import_undo", args=[held.pk]) not in page
    assert admin.get(reverse("import_undo", args=[held.pk])).status_code == 302


@pytest.mark.parametrize("state", ["discarded", "undone"])
def test_what_is_over_has_no_buttons(campus: Campus, admin: Client, state: str) -> None:
    undone = {"undone_at": clock.now(), "undone_by": campus.admin} if state == "undone" else {}
    page = page_of(admin, stored(campus, state, counts={"room": {"new": 2}}, **undone))
    assert (
        "Put aside. Nothing was changed." if state == "discarded" else "What this import did is taken back."
    ) in page
    assert "/apply/" not in page and "/undo/" not in page


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("archived", True, "yes"),
        ("active", False, "no"),
        ("capacity", 0, "0"),
        ("room", None, "–"),
        ("topic", "", "–"),
        ("sections", [], "–"),
        ("sections", ["Seminar 1", "Lab 2"], "Seminar 1, Lab 2"),
        ("role", "teacher", "Teacher"),
        ("role", "proctor", "proctor"),
        ("duty", "owner", "Owner"),
        ("status", "left_early", "Left early"),
        ("mode", "hybrid", "On site and online"),
        ("weekday", "0", "Monday"),
        ("weekday", "someday", "someday"),
        ("weeks", "1101", "1–2, 4"),
        ("first_day", "2026-09-14", "14 September 2026"),
        ("first_day", "soon", "soon"),
        ("starts_at", "09:00", "09:00"),
        ("starts_at", "2026-09-14T09:00", "14 Sep 2026, 09:00"),
        ("planned_for", "2026-09-14T09:00+00:00", "14 Sep 2026, 10:00"),
        ("planned_for", "2026-09-14", "14 September 2026"),
        ("at", "T", "T"),
        ("note", "2026-09-14", "2026-09-14"),
    ],
)
def test_values_are_written_as_people_read_them(campus: Campus, field: str, value: object, words: str) -> None:

    with timezone.override(campus.organisation.zone):
        assert value_words(field, value) == words  # type: ignore[arg-type]


# --- Acting -----------------------------------------------------------------------------------------------------------


def post(browser: Client, name: str, held: Import, **body: str) -> tuple[int, str]:
    """Press a button of an import; return the status and the text of the page one lands on."""
    response = browser.post(reverse(name, args=[held.pk]), body)
    if response.status_code != 302:
        return response.status_code, response.content.decode()
    return 302, browser.get(response.url).content.decode()


def test_applying_does_what_was_shown_and_undoing_takes_it_back(
    campus: Campus, admin: Client, prepared: Import
) -> None:
    status, page = post(admin, "import_apply", prepared, file_hash=prepared.file_hash)
    assert (status, "Applied 2 changes." in page) == (302, True)
    assert "Applied by <bdi>Tomas Lindqvist</bdi> on" in page
    assert Room.objects.get(name="Hall C-1").capacity == 80
    assert Course.objects.get(code="CS 204").title == "Databases and Information Systems"

    question = admin.get(reverse("import_undo", args=[prepared.pk])).content.decode()
    for words in ("1 row that it made is taken out again.", "1 row gets back the fields", "Undo 2 changes"):
        assert words in question
    status, page = post(admin, "import_undo", prepared)
    assert (status, "Undone. Everything is as it was before this import." in page) == (302, True)
    assert "Undone by <bdi>Tomas Lindqvist</bdi> on" in page
    assert not Room.objects.filter(name="Hall C-1").exists()
    assert Course.objects.get(code="CS 204").title == "Databases"


def test_a_second_press_gets_a_sentence(admin: Client, prepared: Import) -> None:
    post(admin, "import_apply", prepared, file_hash=prepared.file_hash)
    status, page = post(admin, "import_apply", prepared, file_hash=prepared.file_hash)
    assert (status, "This import cannot be applied: it is “Applied”." in page) == (409, True)
    assert Room.objects.filter(name="Hall C-1").count() == 1
    status, page = post(admin, "import_discard", prepared)
    assert (status, "it cannot be put aside. Undo it instead." in page) == (409, True)
    post(admin, "import_undo", prepared)
    status, page = post(admin, "import_undo", prepared)
    assert (status, "This import cannot be undone: it is “Undone”." in page) == (409, True)


@pytest.mark.parametrize("file_hash", ["", "cd" * 32, "ab" * 5000])
def test_only_the_file_that_was_shown_is_applied(admin: Client, prepared: Import, file_hash: str) -> None:
    status, page = post(admin, "import_apply", prepared, file_hash=file_hash)
    assert (status, "This is not the file that was compared." in page) == (409, True)
    assert Import.objects.get(pk=prepared.pk).state == State.PREPARED
    assert not Room.objects.filter(name="Hall C-1").exists()


def test_what_changed_meanwhile_is_not_written_over(admin: Client, prepared: Import) -> None:
    Course.objects.update(title="Databases I")
    status, page = post(admin, "import_apply", prepared, file_hash=prepared.file_hash)
    assert (status, "“CS 204” was changed since this file was compared." in page) == (409, True)
    assert Course.objects.get(code="CS 204").title == "Databases I"
    assert not Room.objects.filter(name="Hall C-1").exists(), "all or nothing"
    assert "Apply 2 changes" in page, "the import is still there to look at"


def test_what_stands_in_the_way_of_undoing_is_said(campus: Campus, admin: Client, prepared: Import) -> None:
    post(admin, "import_apply", prepared, file_hash=prepared.file_hash)
    Room.objects.filter(name="Hall C-1").update(capacity=81)
    status, page = post(admin, "import_undo", prepared)
    assert (status, "“Hall C-1” was changed since the import" in page) == (409, True)
    assert Course.objects.get(code="CS 204").title == "Databases and Information Systems"


def test_putting_aside_changes_nothing(admin: Client, prepared: Import) -> None:
    status, page = post(admin, "import_discard", prepared)
    assert (status, "Put aside. Nothing was changed." in page) == (302, True)
    assert not Room.objects.filter(name="Hall C-1").exists()
    assert post(admin, "import_apply", prepared, file_hash=prepared.file_hash)[0] == 409


def test_a_comparison_that_is_not_wanted_is_put_aside(campus: Campus, admin: Client) -> None:
    held = stored(campus, "preparing")
    assert reverse("import_discard", args=[held.pk]) in page_of(admin, held)
    assert post(admin, "import_discard", held)[0] == 302
    assert Import.objects.get(pk=held.pk).state == State.DISCARDED


# --- Refused rows as a file -------------------------------------------------------------------------------------------


def test_refused_rows_can_be_saved_and_are_no_formulas(admin: Client, prepared: Import) -> None:
    for number, text in enumerate(("+1", "-1", "@x", "\tx", "\rx", "plain, with a comma")):
        ImportRow.objects.create(of=prepared, action="refused", file=text, line=number, field=text, reason=text)
    response = admin.get(reverse("import_rows_csv", args=[prepared.pk]))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="refused-{prepared.pk}.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert rows[:3] == [
        ["file", "line", "field", "reason"],
        ["people.csv", "14", "email", "“amira” is no e-mail address."],
        ["people.csv", "3", "rank", "'=1+1 is a formula."],
    ]
    assert [row[0] for row in rows[3:]] == ["'+1", "'-1", "'@x", "'\tx", "'\rx", "plain, with a comma"]
    assert all(row[0] == row[2] == row[3] for row in rows[3:])
    assert [row[1] for row in rows[3:]] == ["", "1", "2", "3", "4", "5"], "0 is no line"


def test_of_a_row_only_what_says_something_is_shown() -> None:
    before, after = {"capacity": 240, "archived": False}, {"capacity": None, "archived": False}
    changed = shown(ImportRow(kind="room", action="changed", key=["Hall A-1"], before=before, after=after))
    assert (changed.kind, changed.key) == ("Room", ("Hall A-1",))
    assert changed.fields == (ShownField("Seats", "240", "–"),)
    partly = shown(ImportRow(kind="room", action="changed", before=before, after={"capacity": 250}))
    assert partly.fields == (ShownField("Seats", "240", "250"),), "what is not named stays as it is"
    new = shown(ImportRow(kind="room", action="new", key=["Attic"], after={**after, "unheard_of": "x"}))
    assert new.fields == (ShownField("Archived", "", "no"), ShownField("unheard_of", "", "x"))
    gone = shown(ImportRow(kind="room", action="gone", key=["Attic"], before=before))
    assert gone.fields == (ShownField("Seats", "240", ""), ShownField("Archived", "no", ""))


def test_a_key_is_written_part_by_part() -> None:
    meeting = ImportRow(kind="meeting", action="new", key=["CS 204", "Autumn", "", "0", "09:00"], after={})
    assert shown(meeting).key == ("CS 204", "Autumn", "Monday", "09:00")
