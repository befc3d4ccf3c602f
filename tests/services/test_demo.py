from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Count
from pytest_django import DjangoDbBlocker, Settings

from attendance import clock
from attendance.access import requests_seen_by
from attendance.ledger.commitment import commitment
from attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    Course,
    CourseStaff,
    Department,
    Enrolment,
    Holiday,
    Lecture,
    Offering,
    Request,
    Room,
    Status,
    Term,
    User,
)
from attendance.queries.percentage import Standing
from attendance.queries.standings import standings_of_offering
from attendance.services.demo import PASSWORD, DemoResult, make_demo
from attendance.services.demo_history import NOT_TAKEN, RELIABLE, STRUGGLING, habit_of, status_of
from attendance.services.demo_plan import SELDOM_HERE, SUBJECTS, demo_plan, term_name
from attendance.services.demo_today import EXTRA_TOPIC, add_lectures_around
from attendance.services.refusals import Refusal
from attendance.timetable.expansion import monday_of
from tests.services.stored_rows import everything

TUESDAY_MORNING = datetime(2026, 11, 17, 10, 20, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[DemoResult]:
    """The demo as made on a Tuesday morning, once for all tests here; each sees the clock of its own."""
    with django_db_blocker.unblock():
        with time_machine.travel(TUESDAY_MORNING, tick=False):
            made = make_demo()
        yield made
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def at_that_time(demo: DemoResult) -> Iterator[None]:
    with time_machine.travel(TUESDAY_MORNING, tick=False):
        yield


def person(username: str) -> User:
    return User.objects.get(username=username)


def common_lectures() -> list[Lecture]:
    """Return the lectures that the teacher's and the student's logins share, in order of time."""
    mine = Offering.objects.filter(staff__user=person("teacher"), staff__duty=CourseStaff.Duty.OWNER)
    shared = mine.filter(enrolments__student=person("student"))
    return list(Lecture.objects.filter(offering__in=shared, section=None).order_by("starts_at"))


def lectures_around(moment: datetime) -> list[Lecture]:
    return add_lectures_around(
        term=Term.objects.get(), now=moment, teacher=person("teacher"), student=person("student")
    )


def standing(code: str, number: str) -> Standing:
    rows = standings_of_offering(Offering.objects.get(course__code=code))
    return next(row.standing for row in rows if row.enrolment.student.number == number)


def test_a_small_institution_is_there() -> None:
    models = (Department, Room, Course, Term)
    assert [model._default_manager.count() for model in models] == [6, 12, 12, 1]
    roles = Counter(User.objects.values_list("role", flat=True))
    assert roles == {"teacher": 8, "student": 120, "admin": 1, "auditor": 1}
    term = Term.objects.get()
    assert (term.name, term.last_day - term.first_day) == ("Autumn 2026", timedelta(weeks=14, days=-1))
    assert term.first_day == monday_of(TUESDAY_MORNING.date()) - timedelta(weeks=9)


def test_students_take_three_to_six_courses_by_roll_numbers_in_order() -> None:
    courses = User.objects.filter(role="student").annotate(number_of=Count("enrolments"))
    assert {student.number_of for student in courses} == {3, 4, 5, 6}
    rows = Enrolment.objects.order_by("offering", "roll_number").values_list(
        "offering", "student__family_name", "student__given_name"
    )
    for _offering, people in groupby(rows, key=lambda row: row[0]):
        names = list(people)
        assert names == sorted(names)


def test_nobody_has_two_lectures_of_the_weekly_pattern_at_once() -> None:
    for student in User.objects.filter(role="student"):
        enrolled = Enrolment.objects.filter(student=student)
        lectures = Lecture.objects.filter(offering__enrolments__in=enrolled, meeting__isnull=False)
        own = lectures.filter(section=None) | lectures.filter(section__enrolments__in=enrolled)
        hours = sorted(set(own.values_list("starts_at", "ends_at", "id")))
        assert all(first[1] <= second[0] for first, second in pairwise(hours))


def test_five_logins_share_the_password_and_only_one_is_the_operator(demo: DemoResult) -> None:
    names = {login.username: login.full_name for login in demo.logins}
    assert names == {
        "admin": "Ruth Abernathy",
        "teacher": "Ines Ferreira",
        "student": "Amira Haddad",
        "auditor": "Viktor Sandoval",
        "assistant": "Kwame Osei",
    }
    assert all(person(username).check_password(PASSWORD) for username in names)
    assert [user.username for user in User.objects.filter(is_superuser=True)] == ["admin"]
    assert not any(user.has_usable_password() for user in User.objects.exclude(username__in=names))
    duty = CourseStaff.objects.get(user=person("assistant"), offering__course__code="CS 204")
    assert duty.duty == CourseStaff.Duty.ASSISTANT


def test_all_past_lectures_were_taken_but_for_those_forgotten() -> None:
    over = Lecture.objects.filter(ends_at__lte=clock.now())
    assert over.filter(sessions=None).count() == len(NOT_TAKEN)
    assert over.filter(sessions=None, attendances__isnull=False).count() == 0
    coming = Lecture.objects.filter(ends_at__gt=clock.now())
    assert coming.filter(events__isnull=False).count() == 0
    assert not AttendanceSession.objects.filter(closed_at=None).exists()


def test_everybody_expected_in_a_lecture_that_was_taken_has_a_mark() -> None:
    blank = [row.standing.blanks for offering in Offering.objects.all() for row in standings_of_offering(offering)]
    assert set(blank) == {0}


def test_marks_follow_from_events_and_events_from_their_text() -> None:
    marks: dict[tuple[int | None, int], list[AttendanceEvent]] = {}
    for event in AttendanceEvent.objects.order_by("id"):
        assert event.body is not None
        assert event.salt is not None
        assert bytes(event.commitment) == commitment(event.body, bytes(event.salt))
        if event.kind == AttendanceEvent.Kind.MARKED and event.student_id is not None:
            history = marks.setdefault((event.lecture_id, event.student_id), [])
            assert event.from_status == (history[-1].to_status if history else "")
            history.append(event)
    for row in Attendance.objects.all():
        history = marks.pop((row.lecture_id, row.student_id))
        assert (row.status, row.event_id, row.version) == (history[-1].to_status, history[-1].pk, len(history))
    assert not marks


def test_events_stand_in_the_order_in_which_they_happened_and_none_is_in_the_future() -> None:
    moments = list(AttendanceEvent.objects.order_by("id").values_list("received_at", flat=True))
    assert moments == sorted(moments)
    assert moments[-1] <= clock.now()


def test_habits_show_in_the_standings() -> None:
    statuses = set(Attendance.objects.values_list("status", flat=True))
    assert statuses == set(Status.values) - {Status.EXEMPT}
    reach = [
        row.standing.reach(75)
        for offering in Offering.objects.all()
        for row in standings_of_offering(offering)
        if row.standing.share is not None and row.standing.share * 100 < 75
    ]
    assert len(reach) in range(15, 70)
    assert sum(each.possible for each in reach) > 10
    assert not standing("CS 204", SELDOM_HERE).reach(75).possible


def test_one_lecture_is_on_and_one_is_next() -> None:
    on = [lecture for lecture in common_lectures() if lecture.starts_at <= clock.now() < lecture.ends_at]
    assert [lecture.offering.course.code for lecture in on] == ["CS 204"]
    following = next(lecture for lecture in common_lectures() if lecture.starts_at > clock.now())
    assert following.starts_at.date() == clock.now().date()
    assert Lecture.objects.filter(meeting=None).count() == 1


def test_a_second_run_changes_nothing() -> None:
    before = everything()
    result = make_demo()
    assert (result.timetable.made, result.lectures_today, result.history.events) == (0, [], 0)
    assert everything() == before


def test_a_run_on_a_later_day_goes_on_from_there() -> None:
    before = everything()
    with time_machine.travel(TUESDAY_MORNING + timedelta(days=2, hours=2), tick=False):
        result = make_demo()
        assert result.timetable.made == 0
        assert result.history.lectures > 5
        test_all_past_lectures_were_taken_but_for_those_forgotten()
        test_marks_follow_from_events_and_events_from_their_text()
        assert make_demo().history.events == 0
    assert AttendanceEvent.objects.count() == len(before["AttendanceEvent"]) + result.history.events


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 21, 3, 7, tzinfo=UTC),
        datetime(2026, 11, 22, 0, 0, tzinfo=UTC),
        datetime(2026, 11, 22, 23, 40, tzinfo=UTC),
        datetime(2026, 11, 18, 23, 57, 30, tzinfo=UTC),
        datetime(2026, 11, 19, 8, 50, tzinfo=UTC),
        datetime(2026, 11, 19, 9, 30, tzinfo=UTC),
        datetime(2026, 11, 20, 14, 30, tzinfo=UTC),
    ],
    ids=["night", "midnight", "late", "very late", "just before", "during", "at the end"],
)
def test_at_any_hour_one_lecture_is_on_and_one_is_next_and_they_do_not_overlap(moment: datetime) -> None:
    lectures_around(moment)
    assert lectures_around(moment) == []
    [current] = [lecture for lecture in common_lectures() if lecture.starts_at <= moment < lecture.ends_at]
    following = next(lecture for lecture in common_lectures() if lecture.starts_at > moment)
    assert current.starts_at.date() == moment.date() == following.starts_at.date()
    assert current.ends_at <= following.starts_at


def test_in_the_last_minute_of_a_day_the_next_lecture_begins_at_midnight() -> None:
    last_minute = datetime(2026, 11, 18, 23, 59, 30, tzinfo=UTC)
    lectures_around(last_minute)
    following = next(lecture for lecture in common_lectures() if lecture.starts_at > last_minute)
    assert following.starts_at == datetime(2026, 11, 19, tzinfo=UTC)


def test_a_lecture_made_by_hand_and_one_somebody_marked_get_no_history() -> None:
    offering = Offering.objects.get(course__code="CS 204")
    hour = clock.now() + timedelta(hours=9)
    own = Lecture.objects.create(
        organisation=offering.organisation, offering=offering, starts_at=hour, ends_at=hour + timedelta(hours=1)
    )
    touched = Lecture.objects.get(offering=offering, topic=EXTRA_TOPIC)
    Attendance.objects.create(lecture=touched, student=person("student"), status=Status.PRESENT)
    with time_machine.travel(TUESDAY_MORNING + timedelta(days=1), tick=False):
        assert make_demo().history.lectures > 0
    assert not AttendanceEvent.objects.filter(lecture__in=[own, touched]).exists()


def test_after_the_end_of_the_term_another_one_follows() -> None:
    first = Term.objects.get()
    with time_machine.travel(TUESDAY_MORNING + timedelta(weeks=7), tick=False):
        result = make_demo()
    assert result.timetable.term.name == "Winter 2027"
    assert result.timetable.term.first_day == first.last_day + timedelta(days=1)
    assert {kind for kind in ("person", "course") if "new" in result.timetable.counts[kind]} == set()
    assert [lecture.topic for lecture in result.lectures_today] == [EXTRA_TOPIC]


def test_a_password_that_was_changed_is_set_back() -> None:
    student = person("student")
    student.set_password("something of my own")
    student.save()
    make_demo()
    assert person("student").check_password(PASSWORD)


def test_production_is_refused_before_anything_is_stored(settings: Settings) -> None:
    settings.PRODUCTION = True
    before = everything()
    with pytest.raises(
        Refusal, match=r"^The demo has a password that everybody knows, so it is not made in production\.$"
    ):
        make_demo()
    assert everything() == before


def test_the_plan_depends_on_its_dates_alone() -> None:
    today = TUESDAY_MORNING.date()
    assert demo_plan(first_day=today, name="x") == demo_plan(first_day=today, name="x")
    other = demo_plan(first_day=today + timedelta(days=7), name="y")
    assert other.enrolments == demo_plan(first_day=today, name="x").enrolments


def test_habits_are_the_same_every_time_and_show_over_many_lectures() -> None:
    numbers = [str(number) for number in range(2400103, 2400221)]
    assert [habit_of(number) for number in numbers] == [habit_of(number) for number in numbers]
    reliable = next(number for number in numbers if habit_of(number) == RELIABLE)
    struggling = next(number for number in numbers if habit_of(number) == STRUGGLING)
    absences = {
        number: [status_of(number, str(lecture)) for lecture in range(200)].count(Status.ABSENT)
        for number in (reliable, struggling)
    }
    assert absences[reliable] < 15 < 50 < absences[struggling]


def test_terms_that_follow_each_other_never_share_a_name() -> None:
    starts = [TUESDAY_MORNING.date() + timedelta(weeks=14 * number) for number in range(60)]
    names = [term_name(start) for start in starts]
    assert len(set(names)) == len(names)


def test_forgotten_lectures_are_lectures_of_the_plan() -> None:
    hours = {(subject.code, weekday) for subject in SUBJECTS for weekday, _start in subject.hours}
    assert {(code, weekday) for code, _week, weekday in NOT_TAKEN} <= hours


def test_something_waits_for_those_who_decide(demo: DemoResult) -> None:
    assert Counter(Request.objects.values_list("kind", "state")) == {
        ("leave", "pending"): 1,
        ("correction", "pending"): 1,
        ("class_drop", "pending"): 1,
        ("card", "approved"): 1,
    }
    correction = Request.objects.get(kind="correction")
    assert correction.student == person("student")
    assert requests_seen_by(person("teacher")).filter(state="pending").count() == 3
    assert Holiday.objects.get().first_day > clock.today(demo.timetable.organisation.zone)
