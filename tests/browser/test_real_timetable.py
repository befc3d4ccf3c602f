"""A lecture out of a real university's timetable, taken in the browser."""

import re

from django.core.management import call_command
from django.db.models import Count
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from attendance import clock
from attendance.models import Attendance, CourseStaff, Lecture, User
from attendance.queries.rosters import roster_of
from tests.browser import choose, enter
from tests.timetable.real_input import real_problem


def test_a_lecture_of_the_faculty_of_sports_studies(page: Page, live_server: LiveServer) -> None:
    call_command("import_itc2019", str(real_problem("muni-fsps-spr17")), verbosity=0)
    past = Lecture.objects.filter(starts_at__lt=clock.now()).annotate(class_size=Count("section__enrolments"))
    lecture = past.filter(class_size__range=(10, 60)).latest("starts_at", "pk")
    teacher = User.objects.get(pk=CourseStaff.objects.get(offering=lecture.offering, duty="owner").user_id)
    expected = roster_of(lecture).count()
    assert expected >= 10

    enter(page.context, live_server, teacher)
    page.goto(f"{live_server.url}/lectures/{lecture.pk}/")
    local = lecture.starts_at.astimezone(lecture.organisation.zone)
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{local:%H:%M}")
    page.get_by_role("button", name="Open check-in").click()
    expect(page.locator(".register tbody tr")).to_have_count(expected)
    choose(page.locator(".register tbody tr").first, "Present")
    page.get_by_role("button", name="Save the register").click()
    expect(page.locator("form.undo").get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Close check-in").click()
    page.get_by_role("button", name=re.compile("Close and mark")).click()
    expect(page.get_by_text("Check-in is closed.")).to_be_visible()
    statuses = list(Attendance.objects.filter(lecture=lecture).values_list("status", flat=True))
    assert sorted(statuses) == sorted(["present", *["absent"] * (expected - 1)])
