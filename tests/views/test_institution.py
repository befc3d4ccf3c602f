"""Setting up an institution: what is taken, what is refused at its field, and what a change does not break."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance import clock
from attendance.models import Department, Holiday, Import, Lecture, Organisation, Room, Term
from attendance.queries.holidays import days_free
from attendance.services.attendance_sessions import open_session
from tests.cast import Campus, signed_in


@pytest.fixture
def admin(campus: Campus) -> Client:
    return signed_in(campus.admin)


def institution_form(**changes: object) -> dict[str, object]:
    return {
        "name": "University of Aldermoor",
        "time_zone": "Europe/London",
        "at_risk_percent": 80,
        "warning_percent": 70,
        "late_after_minutes": 5,
        "session_minutes": 20,
        "school_year_month": 10,
        "school_year_day": 1,
    } | changes


def errors_of(response) -> dict[str, str]:
    return {name: " ".join(sentences) for name, sentences in response.context["form"].errors.items()}


def test_thresholds_are_taken_and_used(campus: Campus, admin: Client) -> None:
    admin.post(reverse("institution_edit"), institution_form())
    changed = Organisation.objects.get(pk=campus.organisation.pk)
    assert (changed.at_risk_percent, changed.session_minutes, changed.school_year_month) == (80, 20, 10)
    page = admin.get(reverse("lecture_live", args=[campus.lecture.pk]))
    assert page.context["open_form"].initial == {"minutes": 20}


def test_networks_are_taken_one_a_line_and_shown_again(campus: Campus, admin: Client) -> None:
    written = "192.0.2.0/24,\r\n2001:DB8:0::/32\n198.51.100.7 192.0.2.0/24"
    admin.post(reverse("institution_edit"), institution_form(campus_networks=written))
    stored = Organisation.objects.get(pk=campus.organisation.pk).campus_networks
    assert stored == ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"]
    assert ">\n192.0.2.0/24\n2001:db8::/32\n198.51.100.7/32</textarea>" in admin.get("/institution/").content.decode()
    admin.post(reverse("institution_edit"), institution_form(campus_networks=""))
    assert Organisation.objects.get(pk=campus.organisation.pk).campus_networks == []


def test_records_are_kept_for_some_years_or_until_somebody_erases(campus: Campus, admin: Client) -> None:
    for typed, years in (("5", 5), ("", None)):
        admin.post(reverse("institution_edit"), institution_form(record_years=typed))
        assert Organisation.objects.get(pk=campus.organisation.pk).record_years == years


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone", "is not a time zone"),
        ({"time_zone": "x" * 61}, "time_zone", "at most 60"),
        ({"at_risk_percent": 101}, "at_risk_percent", "Choose 0 to 100."),
        ({"warning_percent": 81}, "warning_percent", "at the line of risk or below"),
        ({"record_years": "0"}, "record_years", "Choose 1 to 50."),
        ({"record_years": "51"}, "record_years", "Choose 1 to 50."),
        ({"session_minutes": 0}, "session_minutes", "Choose 1 to 120."),
        ({"session_minutes": "ten"}, "session_minutes", "Choose 1 to 120."),
        ({"school_year_day": 32}, "school_year_day", "Choose 1 to 31."),
        ({"name": ""}, "name", "required"),
        ({"campus_networks": "192.0.2.0/24, here"}, "campus_networks", "here is not a network. Write one such as"),
        ({"campus_networks": "192.0.2.7/24"}, "campus_networks", "192.0.2.7/24 is not a network."),
        ({"campus_networks": "0.0.0.0/0"}, "campus_networks", "is the whole internet."),
        ({"campus_networks": " ".join(f"10.0.{n}.0/24" for n in range(101))}, "campus_networks", "Write 100 at most."),
    ],
)
def test_what_does_not_do_is_refused_at_its_field(
    campus: Campus, admin: Client, changes: dict[str, object], field: str, words: str
) -> None:
    before = Organisation.objects.filter(pk=campus.organisation.pk).values().get()
    response = admin.post(reverse("institution_edit"), institution_form(**changes))
    assert response.status_code == 422
    assert words in errors_of(response)[field]
    assert Organisation.objects.filter(pk=campus.organisation.pk).values().get() == before


@pytest.mark.parametrize(
    ("place", "form", "model"),
    [
        ("department_create", {"name": "Computer Science"}, Department),
        ("room_create", {"name": "Hall B-12"}, Room),
        ("term_create", {"name": "Autumn", "first_day": "2027-01-01", "last_day": "2027-05-01"}, Term),
    ],
)
def test_a_name_that_is_there_already_is_refused(
    campus: Campus, admin: Client, place: str, form: dict[str, str], model: type
) -> None:
    response = admin.post(reverse(place), form)
    assert response.status_code == 422
    assert "is there already" in errors_of(response)["__all__"]
    assert model._default_manager.filter(organisation=campus.organisation).count() == 1


def test_the_same_name_may_stand_in_another_organisation(campus: Campus) -> None:
    answer = signed_in(campus.foreign_admin).post(reverse("room_create"), {"name": "Hall B-12"})
    assert answer.status_code == 302
    assert Room.objects.count() == 2


@pytest.mark.parametrize("place", ["term_create", "holiday_create"])
def test_days_out_of_order_are_refused(campus: Campus, admin: Client, place: str) -> None:
    response = admin.post(reverse(place), {"name": "Easter", "first_day": "2027-04-05", "last_day": "2027-04-04"})
    assert response.status_code == 422
    assert "Choose a later last day." in errors_of(response)["__all__"]
    assert not Term.objects.filter(name="Easter").exists() and not Holiday.objects.exists()


def test_a_term_does_not_leave_its_lectures_outside(campus: Campus, admin: Client) -> None:
    tomorrow = clock.today(campus.organisation.zone) + timedelta(days=1)
    form = {"name": "Autumn", "first_day": f"{tomorrow}", "last_day": f"{campus.term.last_day}"}
    response = admin.post(reverse("term_edit", args=[campus.term.pk]), form)
    assert "lie outside these days" in errors_of(response)["__all__"]
    Lecture.objects.update(cancelled_at=clock.now())
    assert admin.post(reverse("term_edit", args=[campus.term.pk]), form).status_code == 302


def test_a_room_that_is_put_away_keeps_its_lectures_and_comes_back(campus: Campus, admin: Client) -> None:
    admin.post(reverse("room_archive", args=[campus.room.pk]))
    assert list(admin.get(reverse("room_list")).context["page"]) == []
    assert list(admin.get(reverse("room_list"), {"status": "archived"}).context["page"]) == [campus.room]
    assert Lecture.objects.get().room == campus.room
    admin.post(reverse("room_restore", args=[campus.room.pk]))
    assert list(admin.get(reverse("room_list"), {"q": "b-12"}).context["page"]) == [campus.room]


def test_a_holiday_shows_what_is_planned_and_cancels_it_but_for_open_check_in(campus: Campus, admin: Client) -> None:
    other = campus.lecture_at(clock.now())
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    today = clock.today(campus.organisation.zone)
    days = {"first_day": f"{today - timedelta(days=1)}", "last_day": f"{today + timedelta(days=1)}"}
    admin.post(reverse("holiday_create"), {"name": "Founders' day", **days})
    holiday = Holiday.objects.get()
    assert len(admin.get(reverse("holiday_show", args=[holiday.pk])).context["page"]) == 2
    page = admin.post(reverse("holiday_clear", args=[holiday.pk]), follow=True).content.decode()
    assert "Cancelled 1 lecture." in page
    assert Lecture.objects.get(cancelled_at__isnull=False) == other
    admin.post(reverse("holiday_delete", args=[holiday.pk]))
    assert not Holiday.objects.exists()


def test_every_day_of_a_holiday_is_free(campus: Campus) -> None:
    Holiday.objects.create(
        organisation=campus.organisation, name="Easter", first_day=date(2027, 3, 27), last_day=date(2027, 3, 29)
    )
    assert days_free(campus.organisation) == {date(2027, 3, day) for day in (27, 28, 29)}
    assert days_free(campus.foreign_admin.organisation) == set()


@pytest.mark.parametrize("place", ["department_list", "room_list", "term_list", "holiday_list", "import_list"])
def test_the_number_of_queries_stays_when_the_rows_double(campus: Campus, admin: Client, place: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert admin.get(reverse(place)).status_code == 200
        return len(found)

    own, day = {"organisation": campus.organisation}, date(2027, 3, 27)
    Holiday.objects.create(name="Easter", first_day=day, last_day=day, **own)
    Import.objects.create(source="itc2019", file_name="first.xml", **own)
    before = queries()
    for number in range(20):
        Department.objects.create(name=f"D{number}", **own)
        Room.objects.create(name=f"R{number}", **own)
        Term.objects.create(name=f"T{number}", first_day=day, last_day=day, **own)
        Holiday.objects.create(name=f"H{number}", first_day=day, last_day=day, **own)
        Import.objects.create(source="itc2019", file_name=f"{number}.xml", **own)
    assert queries() == before <= 15
