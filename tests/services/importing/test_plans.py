from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from attendance.models import (
    Course,
    CourseStaff,
    Enrolment,
    Holiday,
    Lecture,
    Meeting,
    Offering,
    Organisation,
    Room,
    Section,
    User,
)
from attendance.services.importing.plans import store_plan
from attendance.services.refusals import Refusal
from attendance.timetable.plan import (
    Plan,
    PlannedCourse,
    PlannedEnrolment,
    PlannedMeeting,
    PlannedPerson,
    PlannedRoom,
    PlannedSection,
    PlannedTerm,
)
from tests.services.stored_rows import everything

pytestmark = pytest.mark.django_db

INES = PlannedPerson(number="T001", username="t001", given_name="Ines", family_name="Ferreira", department="Computing")
AMIRA = PlannedPerson(number="0000001", username="s0000001", given_name="Amira", family_name="Haddad")
BORIS = PlannedPerson(number="0000002", username="s0000002", given_name="Boris", family_name="Adamec")
TUESDAY = PlannedMeeting(weekday=1, starts_at=time(9), minutes=90, weeks="1101", room="B-12")
FRIDAY = PlannedMeeting(weekday=4, starts_at=time(13), minutes=45, weeks="0001", room=None)
DATABASES = PlannedCourse(
    code="CS 204",
    title="Databases",
    department="Computing",
    owner="T001",
    meetings=(TUESDAY,),
    sections=(PlannedSection(name="Seminar 1", limit=12, meetings=(FRIDAY,)),),
)


def plan(**changes: Any) -> Plan:
    fields: dict[str, Any] = {
        "slug": "tiny",
        "name": "Tiny School",
        "time_zone": "Europe/Prague",
        "term": PlannedTerm(name="Autumn", first_day=date(2026, 10, 12), weeks=4),
        "departments": ("Computing",),
        "rooms": (PlannedRoom("B-12", 80),),
        "teachers": (INES,),
        "students": (AMIRA, BORIS),
        "courses": (DATABASES,),
        "enrolments": (
            PlannedEnrolment(student=AMIRA.number, course="CS 204", sections=("Seminar 1",)),
            PlannedEnrolment(student=BORIS.number, course="CS 204", sections=("Seminar 1",)),
        ),
    }
    return Plan(**{**fields, **changes})


def test_a_plan_is_stored_completely() -> None:
    result = store_plan(plan=plan())
    assert result.counts == {
        "department": {"new": 1},
        "room": {"new": 1},
        "term": {"new": 1},
        "person": {"new": 3},
        "course": {"new": 1},
        "offering": {"new": 1},
        "section": {"new": 1},
        "meeting": {"new": 2},
        "lecture": {"new": 4},
        "enrolment": {"new": 2},
        "staff": {"new": 1},
    }
    assert (result.organisation.slug, result.organisation.time_zone) == ("tiny", "Europe/Prague")
    assert (result.term.first_day, result.term.last_day) == (date(2026, 10, 12), date(2026, 11, 8))
    offering = Offering.objects.get(course__code="CS 204", term=result.term)
    assert CourseStaff.objects.get(offering=offering).user.username == "t001"
    assert Room.objects.get().capacity == 80
    assert Section.objects.get().limit == 12


def test_lectures_keep_their_hour_on_the_wall_through_the_change_of_the_clocks() -> None:
    store_plan(plan=plan())
    hours = Lecture.objects.filter(section=None).values_list("planned_day", "starts_at", "ends_at", "room__name")
    assert list(hours) == [
        (day, datetime.combine(day, time(hour), UTC), datetime.combine(day, time(hour + 1, 30), UTC), "B-12")
        for day, hour in ((date(2026, 10, 13), 7), (date(2026, 10, 20), 7), (date(2026, 11, 3), 8))
    ]
    assert Lecture.objects.get(section__name="Seminar 1").room is None


def test_people_have_an_address_a_number_and_a_password_nobody_knows() -> None:
    organisation = store_plan(plan=plan()).organisation
    amira = User.objects.get(username="s0000001")
    assert (amira.email, amira.number, amira.role) == ("s0000001@tiny.example", "0000001", User.Role.STUDENT)
    assert amira.organisation == organisation
    assert not amira.has_usable_password()
    assert User.objects.get(username="t001").department is not None


def test_roll_numbers_follow_the_family_names_and_seats_the_sections() -> None:
    store_plan(plan=plan())
    rolls = Enrolment.objects.values_list("roll_number", "student__family_name", "sections__name")
    assert list(rolls) == [("0001", "Adamec", "Seminar 1"), ("0002", "Haddad", "Seminar 1")]


def test_a_second_run_makes_nothing_and_changes_nothing() -> None:
    store_plan(plan=plan())
    before = everything()
    result = store_plan(plan=plan())
    assert result.made == 0
    assert result.counts["lecture"] == {"same": 4}
    assert everything() == before


def test_what_somebody_changed_by_hand_stays() -> None:
    organisation = store_plan(plan=plan()).organisation
    moved = datetime(2026, 10, 14, 12, tzinfo=UTC)
    Course.objects.update(title="Databases and Information")
    Lecture.objects.filter(planned_day=date(2026, 10, 13)).update(starts_at=moved, ends_at=moved.replace(hour=13))
    Enrolment.objects.get(roll_number="0001").sections.clear()
    Organisation.objects.update(time_zone="Europe/London")
    substitute = User.objects.create_user("kwame", organisation=organisation, role="teacher", family_name="Osei")
    CourseStaff.objects.update(user=substitute)
    before = everything()
    assert store_plan(plan=plan()).made == 0
    assert everything() == before


def test_a_plan_that_has_grown_adds_only_what_is_new() -> None:
    store_plan(plan=plan())
    zoe = PlannedPerson(number="0000003", username="s0000003", given_name="Zoe", family_name="Aaron")
    more = (*plan().enrolments, PlannedEnrolment(student=zoe.number, course="CS 204"))
    result = store_plan(plan=plan(students=(AMIRA, BORIS, zoe), enrolments=more))
    assert (result.made, result.counts["person"]["new"], result.counts["enrolment"]["new"]) == (2, 1, 1)
    assert Enrolment.objects.get(student__number=zoe.number).roll_number == "0003"


def test_a_roll_number_given_by_hand_is_left_out() -> None:
    first = store_plan(plan=plan(enrolments=()))
    guest = User.objects.create_user("guest", organisation=first.organisation, role="student", family_name="Guest")
    Enrolment.objects.create(offering=Offering.objects.get(), student=guest, roll_number="0001")
    store_plan(plan=plan())
    rolls = Enrolment.objects.values_list("roll_number", "student__family_name")
    assert list(rolls) == [("0001", "Guest"), ("0002", "Adamec"), ("0003", "Haddad")]


def test_two_organisations_may_use_the_same_numbers() -> None:
    store_plan(plan=plan())
    other = store_plan(plan=plan(slug="other")).organisation
    assert set(User.objects.filter(organisation=other).values_list("username", flat=True)) == {
        "other-t001",
        "other-s0000001",
        "other-s0000002",
    }
    assert store_plan(plan=plan(slug="other")).made == 0
    assert Lecture.objects.filter(organisation=other).count() == 4


def refused(refused_plan: Plan) -> str:
    before = everything()
    with pytest.raises(Refusal) as caught:
        store_plan(plan=refused_plan)
    assert everything() == before
    return str(caught.value)


def test_a_zone_that_does_not_exist_is_refused() -> None:
    assert "Mars/Base is not a time zone" in refused(plan(time_zone="Mars/Base"))


def test_a_short_name_with_spaces_is_refused() -> None:
    assert refused(plan(slug="tiny school")).startswith("slug: ")


def test_a_number_that_belongs_to_another_role_is_refused() -> None:
    organisation = store_plan(plan=plan(enrolments=())).organisation
    User.objects.filter(organisation=organisation, number=AMIRA.number).update(role=User.Role.AUDITOR)
    assert "“0000001” is not a student" in refused(plan())


def test_an_address_that_somebody_has_already_is_refused() -> None:
    organisation = store_plan(plan=plan(students=(), enrolments=())).organisation
    address = "S0000001@tiny.example"
    User.objects.create_user("amira", organisation=organisation, role="auditor", family_name="Haddad", email=address)
    assert "s0000001@tiny.example" in refused(plan())


def test_a_user_name_that_is_taken_twice_over_is_refused() -> None:
    organisation = store_plan(plan=plan()).organisation
    User.objects.create_user("other-t001", organisation=organisation, role="teacher", family_name="Squatter")
    assert "The user name “other-t001” belongs to somebody else already." in refused(plan(slug="other"))


@pytest.fixture
def no_room_for_seats() -> Iterator[None]:
    """Let the very last step of an import fail, as a full disk would."""
    table = Enrolment.sections.through._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD COLUMN fails INTEGER NOT NULL DEFAULT 1 CHECK (fails = 0)")
    yield


def test_an_import_that_fails_in_its_last_step_leaves_nothing(no_room_for_seats: None) -> None:
    with pytest.raises(IntegrityError):
        store_plan(plan=plan())
    assert not Organisation.objects.exists()
    assert not Meeting.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    def queries(students: int) -> int:
        people = tuple(
            PlannedPerson(number=f"{number:07}", username=f"s{number}", given_name="A", family_name="B")
            for number in range(students)
        )
        enrolments = tuple(
            PlannedEnrolment(student=person.number, course="CS 204", sections=("Seminar 1",)) for person in people
        )
        with CaptureQueriesContext(connection) as captured:
            store_plan(plan=plan(slug=f"of-{students}", students=people, enrolments=enrolments))
        return len(captured)

    assert queries(2) == queries(40)


def test_no_lecture_is_planned_on_a_holiday() -> None:
    own = Organisation.objects.create(slug="tiny", name="Tiny School", time_zone="Europe/Prague")
    tuesday = date(2026, 10, 13)
    Holiday.objects.create(organisation=own, name="Founders' day", first_day=tuesday, last_day=tuesday)
    store_plan(plan=plan())
    assert Lecture.objects.count() == 3
    assert not Lecture.objects.filter(planned_day=tuesday).exists()
