"""Every cached accessor against every column that a rule watches, here and across organisations."""

from typing import Any

import pytest

from attendance.cache_rules import RULES
from attendance.caching import rounds
from attendance.models import CourseStaff, Lecture, Offering, Room, Term, User
from tests.caching.ruled_rows import ROWS
from tests.models.institution import Institution, found_institution, person
from tests.queries.accessors import calls, result_of
from tests.queries.conftest import calm

__all__ = ["calm"]

pytestmark = pytest.mark.usefixtures("transactional_db", "calm")


def assert_like_their_twins(*places: Institution) -> None:
    """Each accessor returns what the database says, whether that is a hit or not."""
    lectures = [place.lecture for place in places]
    for accessor, arguments in calls([place.organisation for place in places], lectures):
        assert result_of(accessor, arguments) == result_of(accessor.uncached, arguments), (accessor.resource, arguments)


@pytest.fixture
def places() -> tuple[Institution, Institution]:
    """Two universities, each with a room and an owner of its course."""
    found = found_institution("uppsala"), found_institution("brno")
    for place in found:
        room = Room.objects.create(organisation=place.organisation, name="Hall")
        Lecture.objects.filter(pk=place.lecture.pk).update(room=room, section=place.seminar)
        owner = person(place.organisation, User.Role.TEACHER, f"owner-{place.organisation.slug}")
        CourseStaff.objects.create(offering=place.offering, user=owner, duty="owner")
    return found


@pytest.mark.parametrize(("name", "column"), [(rule.name, column) for rule in RULES for column in rule.columns])
def test_each_watched_column_is_seen_at_once(places: tuple[Institution, Institution], name: str, column: str) -> None:
    here, there = places
    row: Any = ROWS[name].make(here)
    row.save()
    changes = ROWS[name].watched(here, there)[column]
    assert rounds.run_now()
    assert_like_their_twins(here, there)
    type(row)._default_manager.filter(pk=row.pk).update(**changes)
    assert_like_their_twins(here, there)


ACROSS = {
    "an owner of another university": lambda here, there: CourseStaff.objects.filter(offering=here.offering).update(
        user=there.novak
    ),
    "a course": lambda here, there: Offering.objects.filter(pk=here.offering.pk).update(course=there.course),
    "a term": lambda here, there: Offering.objects.filter(pk=here.offering.pk).update(term=there.term),
    "a department": lambda here, there: User.objects.filter(pk=here.amira.pk).update(department=there.department),
    "a room": lambda here, there: Lecture.objects.filter(pk=here.lecture.pk).update(
        room=Room.objects.get(organisation=there.organisation)
    ),
    "a section": lambda here, there: Lecture.objects.filter(pk=here.lecture.pk).update(section=there.seminar),
    "an offering": lambda here, there: Lecture.objects.filter(pk=here.lecture.pk).update(offering=there.offering),
}


@pytest.mark.parametrize("what", ACROSS)
def test_what_belongs_to_another_university_is_not_shown_under_an_old_name(
    places: tuple[Institution, Institution], what: str
) -> None:
    """The operator's tables and SQL by hand can make such a reference; no tag of ours speaks of that row."""
    here, there = places
    ACROSS[what](here, there)
    assert rounds.run_now()
    assert_like_their_twins(here, there)
    User.objects.filter(pk=there.novak.pk).update(family_name="Renamed")
    there.course.title = there.department.name = there.term.name = there.seminar.name = "Renamed"
    for row in (there.course, there.department, there.term, there.seminar):
        row.save()
    Room.objects.filter(organisation=there.organisation).update(name="Renamed")
    Term.objects.filter(pk=there.term.pk).update(name="Renamed again")
    assert_like_their_twins(here, there)


MOVES = {
    "an offering": lambda here, there: Offering.objects.filter(pk=here.offering.pk).update(
        organisation=there.organisation
    ),
    "a lecture": lambda here, there: Lecture.objects.filter(pk=here.lecture.pk).update(organisation=there.organisation),
    "a person": lambda here, there: User.objects.filter(pk=here.novak.pk).update(organisation=there.organisation),
}


@pytest.mark.parametrize("what", MOVES)
def test_what_moves_to_another_university_is_seen_in_both(places: tuple[Institution, Institution], what: str) -> None:
    here, there = places
    here_session = ROWS["session"].make(here)
    here_session.save()
    ROWS["enrolment"].make(here).save()
    assert rounds.run_now()
    assert_like_their_twins(here, there)
    MOVES[what](here, there)
    assert_like_their_twins(here, there)
