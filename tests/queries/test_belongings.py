"""What is known of where somebody belongs says of rights and lectures what the rows say."""

from collections.abc import Callable
from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.access import readable_organisations, rights_in
from attendance.models import CourseStaff, Enrolment, Lecture, Organisation, Section, User
from attendance.queries.belongings import belongings_of, remember
from attendance.queries.lectures import lectures_for
from attendance.queries.timetables import courses_of, own_lectures
from tests.cast import Campus, enrol, person

PEOPLE: dict[str, Callable[[Campus], User]] = {
    "owner": lambda campus: campus.ines,
    "assistant": lambda campus: campus.kwame,
    "substitute for one lecture": lambda campus: campus.other_teacher,
    "student in no section": lambda campus: campus.amira,
    "student in a section": lambda campus: campus.bilal,
    "student of nothing": lambda campus: campus.outsider,
    "auditor": lambda campus: campus.auditor,
    "administrator": lambda campus: campus.admin,
    "administrator elsewhere": lambda campus: campus.foreign_admin,
    "administrator of the group": lambda campus: User.objects.get(username="group"),
    "auditor of the group": lambda campus: User.objects.get(username="group-auditor"),
    "auditor who assists": lambda campus: User.objects.get(username="assisting"),
    "student who assists": lambda campus: User.objects.get(username="helper"),
    "administrator who is enrolled": lambda campus: User.objects.get(username="learning"),
    "stranger with a place here": lambda campus: User.objects.get(username="stranger"),
}


@pytest.fixture
def peopled(campus: Campus) -> Campus:
    """The campus with lectures of sections and of nobody's section, and people in every position."""
    group = Organisation.objects.create(slug="group", name="Group")
    Organisation.objects.filter(pk=campus.organisation.pk).update(parent=group)
    monday, friday = (Section.objects.create(offering=campus.offering, name=name) for name in ("Monday", "Friday"))
    for lecture, section in zip(campus.future_lectures(3), [monday, friday, None], strict=True):
        Lecture.objects.filter(pk=lecture.pk).update(section=section)
    Enrolment.objects.get(student=campus.bilal).sections.add(monday)
    substituted = campus.past_lectures(1)[0]
    CourseStaff.objects.create(
        offering=campus.offering, user=campus.other_teacher, duty="substitute", lecture=substituted
    )
    person(group, "group", "admin", "Group Admin")
    person(group, "group-auditor", "auditor", "Group Auditor")
    own = campus.organisation
    for name, role in (("assisting", "auditor"), ("helper", "student")):
        CourseStaff.objects.create(
            offering=campus.offering, user=person(own, name, role, f"{name} Person"), duty="assistant"
        )
    enrol(campus.offering, User.objects.get(username="helper"), "0007")
    enrol(campus.offering, person(own, "learning", "admin", "Learning Admin"), "0008")
    enrol(campus.offering, person(campus.foreign_admin.organisation, "stranger", "student", "A Stranger"), "0009")
    return campus


@pytest.mark.parametrize("who", PEOPLE)
def test_rights_are_those_that_access_reads(peopled: Campus, who: str) -> None:
    user, offering = PEOPLE[who](peopled), peopled.offering
    own, organisation = belongings_of(user), offering.organisation_id.hex
    assert own.rights_in(organisation, offering.pk) == rights_in(user, offering)
    for lecture in Lecture.objects.all():
        known = own.rights_in(organisation, offering.pk, lecture.pk, lecture.section_id or 0)
        assert known == rights_in(user, offering, lecture), lecture


@pytest.mark.parametrize("who", PEOPLE)
def test_own_lectures_are_those_that_the_rows_say(peopled: Campus, who: str) -> None:
    user = PEOPLE[who](peopled)
    if readable_organisations(user):
        return
    own = belongings_of(user)
    found = [lecture.pk for lecture in own_lectures(own, courses_of(own))]
    assert found == list(lectures_for(user).order_by("starts_at", "pk").values_list("pk", flat=True))


def test_somebody_of_them_sees_lectures_and_somebody_does_not(peopled: Campus) -> None:
    """The comparisons above would hold of empty lists, too."""
    numbers = {}
    for who in PEOPLE:
        own = belongings_of(PEOPLE[who](peopled))
        numbers[who] = len(own_lectures(own, courses_of(own)))
    assert numbers["owner"] == 5
    assert numbers["substitute for one lecture"] == 1
    assert (numbers["student in no section"], numbers["student in a section"]) == (3, 4)
    assert (numbers["student of nothing"], numbers["stranger with a place here"]) == (0, 0)


def test_what_is_remembered_is_not_read_again(peopled: Campus) -> None:
    for who in ("owner", "administrator of the group"):
        user = PEOPLE[who](peopled)
        own = belongings_of(user)
        remember(user, own)
        with CaptureQueriesContext(connection) as queries:
            assert belongings_of(user) is own
            assert sorted(each.hex for each in readable_organisations(user)) == own.organisations
        assert not queries.captured_queries


def test_offerings_are_each_named_once(peopled: Campus) -> None:
    own = belongings_of(User.objects.get(username="helper"))
    assert own.offerings == own.enrolled == [peopled.offering.pk]
    assert list(chain(*own.duties)) == [peopled.offering.pk, 0]
    assert own.owned == []
    assert belongings_of(peopled.ines).owned == [peopled.offering.pk]
