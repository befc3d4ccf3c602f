"""The made-up university in small: the same code makes the one of full size."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from pytest_django import DjangoDbBlocker, Settings

from attendance import clock
from attendance.ledger.commitment import canonical_text, commitment
from attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    Enrolment,
    Lecture,
    Organisation,
    Request,
    Term,
    TimeSlot,
    User,
)
from attendance.queries.rosters import roster_of
from attendance.services.demo import PASSWORD
from attendance.services.demo_university import UniversityResult, make_university
from attendance.services.refusals import Refusal
from attendance.timetable.made_up_university import Size

TUESDAY_MORNING = datetime(2026, 11, 17, 10, 20, tzinfo=UTC)
SMALL = Size(departments=5, rooms=60, courses=24, teachers=8, students=90, large_class=30)
MARKED = AttendanceEvent.Kind.MARKED

pytestmark = pytest.mark.django_db

Said = list[tuple[str, int, int]]


def made(said: Said | None = None) -> UniversityResult:
    heard: Said = [] if said is None else said
    return make_university(size=SMALL, report=lambda *all_: heard.append(all_))


def facts() -> dict[str, list[Any]]:
    """Everything that is the same each time: no ids, no salts, and nothing that is made of them."""
    lecture = ("lecture__offering__course__code", "lecture__starts_at", "lecture__room__name")
    people = ("actor__number", "student__number")
    events = AttendanceEvent.objects.order_by("pk")
    marks = Attendance.objects.order_by(*lecture, "student__number")
    return {
        "people": list(User.objects.order_by("username").values_list("username", "number", "family_name", "email")),
        "enrolments": list(Enrolment.objects.values_list("offering__course__code", "student__number", "roll_number")),
        "lectures": list(Lecture.objects.values_list(*(name.removeprefix("lecture__") for name in lecture), "topic")),
        "events": list(events.values_list(*lecture, *people, "kind", "from_status", "to_status", "received_at")),
        "marks": list(marks.values_list(*lecture, "student__number", "status", "version", "recorded_at")),
    }


@pytest.fixture(scope="module")
def twice(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[dict[str, list[Any]]]]:
    """The facts of the university as made twice on a Tuesday morning, the second of which is still there."""
    with django_db_blocker.unblock():
        found = []
        for _time in range(2):
            call_command("flush", interactive=False, verbosity=0)
            with time_machine.travel(TUESDAY_MORNING, tick=False):
                made()
            found.append(facts())
        yield found
        call_command("flush", interactive=False, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # What was counted is gone.


@pytest.fixture(autouse=True)
def at_that_time(twice: object) -> Iterator[None]:
    with time_machine.travel(TUESDAY_MORNING, tick=False):
        yield


def test_two_runs_differ_in_ids_and_salts_only(twice: list[dict[str, list[Any]]]) -> None:
    first, second = twice
    assert first == second
    assert all(second.values())


def test_it_is_as_large_as_asked_for() -> None:
    counts = made().counts
    assert {name: counts[name] for name in ("departments", "rooms", "courses", "teachers", "students")} == {
        "departments": 5,
        "rooms": 60,
        "courses": 24,
        "teachers": 8,
        "students": 90,
    }
    assert counts["time slots"] == TimeSlot.objects.count() == 5 * 6 * 8


def test_every_event_is_bound_to_its_text() -> None:
    for event in AttendanceEvent.objects.all():
        assert event.body is not None
        assert event.salt is not None
        assert bytes(event.commitment) == commitment(event.body, bytes(event.salt))


def test_every_text_says_what_the_columns_say() -> None:
    for event in AttendanceEvent.objects.all():
        assert event.body is not None
        body = json.loads(event.body)
        assert canonical_text(body) == event.body
        assert (body["event"], body["organisation"]) == (str(event.event_id), str(event.organisation_id))
        assert (body["kind"], body["student"], body["actor"]) == (event.kind, event.student_id, event.actor_id)
        # An act beside lectures, such as a decision, says in words of its own what it was.
        assert (body.get("how", ""), body.get("from", ""), body.get("to", "")) == (
            event.method,
            event.from_status,
            event.to_status,
        )
        assert event.lecture_id is None or body["lecture"] == event.lecture_id
        assert datetime.fromisoformat(body["received_at"]) == event.received_at


def test_the_current_marks_follow_from_the_events() -> None:
    expected: dict[tuple[int, int | None], tuple[str, int, int, datetime]] = {}
    for event in AttendanceEvent.objects.filter(kind=MARKED).order_by("pk"):
        key = event.lecture_id, event.student_id
        before = expected.get(key, ("", 0, 0, None))
        assert event.from_status == before[0]
        expected[key] = event.to_status, before[1] + 1, event.pk, event.received_at
    rows = Attendance.objects.all()
    assert {
        (row.lecture_id, row.student_id): (row.status, row.version, row.event_id, row.recorded_at) for row in rows
    } == expected


def test_events_are_in_the_order_in_which_they_happened() -> None:
    moments = list(AttendanceEvent.objects.order_by("pk").values_list("received_at", flat=True))
    assert moments == sorted(moments)
    assert moments[-1] <= TUESDAY_MORNING


def test_every_lecture_that_is_over_was_taken_but_for_a_few() -> None:
    over = Lecture.objects.filter(ends_at__lte=TUESDAY_MORNING)
    taken = over.filter(sessions__closed_at__isnull=False)
    assert 0.9 < taken.count() / over.count() < 1
    assert not AttendanceSession.objects.filter(lecture__ends_at__gt=TUESDAY_MORNING).exists()
    for lecture in taken.select_related("organisation")[:40]:
        expected = set(roster_of(lecture).values_list("student", flat=True))
        assert set(Attendance.objects.filter(lecture=lecture).values_list("student", flat=True)) == expected


def test_people_have_habits() -> None:
    marks = Counter(Attendance.objects.values_list("status", flat=True))
    assert 0.65 < marks["present"] / marks.total() < 0.95
    assert {"late", "absent", "excused"} <= set(marks)


def test_no_room_holds_two_lectures_at_once() -> None:
    lectures = Lecture.objects.exclude(meeting=None).exclude(room=None)
    double = lectures.values("room", "starts_at").annotate(number=Count("pk")).filter(number__gt=1)
    assert not double.exists()


def test_the_term_holds_today_and_half_of_it_is_over() -> None:
    term = Term.objects.get()
    share = (clock.today(term.organisation.zone) - term.first_day) / (term.last_day - term.first_day)
    assert 0.4 < share < 0.6


def test_there_is_an_account_for_each_role_and_no_operator() -> None:
    logins = made().logins
    assert [(login.username, login.role, login.is_superuser) for login in logins] == [
        ("u-admin", "admin", False),
        ("u-teacher", "teacher", False),
        ("u-student", "student", False),
        ("u-auditor", "auditor", False),
    ]
    assert all(login.check_password(PASSWORD) for login in logins)
    others = User.objects.exclude(pk__in=[login.pk for login in logins])
    assert not [person for person in others if person.has_usable_password()]


def test_a_lecture_of_the_logins_is_on_now_and_one_comes_today() -> None:
    shared = Lecture.objects.filter(offering__staff__user__username="u-teacher")
    shared = shared.filter(offering__enrolments__student__username="u-student")
    assert shared.filter(starts_at__lte=TUESDAY_MORNING, ends_at__gt=TUESDAY_MORNING).exists()
    assert shared.filter(starts_at__gt=TUESDAY_MORNING, starts_at__date=TUESDAY_MORNING.date()).exists()
    assert Request.objects.exists()


def test_making_it_again_doubles_nothing_and_needs_no_word(twice: list[dict[str, list[Any]]]) -> None:
    said: Said = []
    assert made(said).holds_today
    assert said == []
    assert facts() == twice[1]


def test_once_its_term_is_over_it_says_so(twice: list[dict[str, list[Any]]]) -> None:
    with time_machine.travel(TUESDAY_MORNING + timedelta(weeks=20), tick=False):
        assert not made().holds_today
    assert facts() == twice[1]


def test_production_is_refused(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Refusal, match="not made in production"):
        made()
    assert Organisation.objects.count() == 1
