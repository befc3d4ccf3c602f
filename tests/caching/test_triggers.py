"""What the database itself notes of each change to a ruled table: these tags and no others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from attendance.cache_rules import RULES
from attendance.caching import triggers
from attendance.caching.models import OutboxRow
from attendance.caching.rules import Rule
from attendance.models import Attendance, Enrolment, Lecture, Offering, Organisation, Room, Section, User
from tests.caching.outbox_rows import changes_after, last_row
from tests.caching.ruled_rows import LATER, ROWS, Seat, enrolled
from tests.models.institution import Institution, found_institution, person

pytestmark = pytest.mark.django_db
BY_NAME = {rule.name: rule for rule in RULES}


@contextmanager
def dirtied() -> Iterator[set[str]]:
    """Fill the set with the tags that the block adds to the outbox."""
    tags: set[str] = set()
    last = last_row()
    yield tags
    tags.update(change.tag for change in changes_after(last))


@pytest.fixture
def here() -> Institution:
    return found_institution("uppsala")


@pytest.fixture
def there() -> Institution:
    return found_institution("brno")


def stored(name: str, here: Institution) -> Any:
    row = ROWS[name].make(here)
    row.save()
    return row


def updated(row: Model, changes: dict[str, Any]) -> Any:
    rows = type(row)._default_manager.filter(pk=row.pk)
    assert rows.update(**changes) == 1
    return rows.get()


def of(name: str, tags: set[str]) -> set[str]:
    """Return those tags that the rule of that name dirties: another one may watch the same table."""
    return {tag for tag in tags if tag.partition(".")[0] == name}


def columns(rule: Rule) -> set[str]:
    return {field.name for field in rule.model._meta.concrete_fields} - {rule.model._meta.pk.name}


def test_every_rule_is_tested_with_each_of_its_columns(here: Institution, there: Institution) -> None:
    assert set(ROWS) == set(BY_NAME)
    for name, rule in BY_NAME.items():
        assert set(ROWS[name].watched(here, there)) == set(rule.columns), name


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_comes_dirties_its_tags(here: Institution, name: str) -> None:
    row = ROWS[name].make(here)
    with dirtied() as tags:
        row.save()
    assert of(name, tags) == ROWS[name].tags(row)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_goes_dirties_its_tags(here: Institution, name: str) -> None:
    row = stored(name, here)
    expected = ROWS[name].tags(row)
    with dirtied() as tags:
        row.delete()
    assert of(name, tags) == expected


@pytest.mark.parametrize(("name", "column"), [(rule.name, column) for rule in RULES for column in rule.columns])
def test_a_watched_column_dirties_the_tags_of_before_and_after(
    here: Institution, there: Institution, name: str, column: str
) -> None:
    row = stored(name, here)
    before, changes = ROWS[name].tags(row), ROWS[name].watched(here, there)[column]
    with dirtied() as tags:
        row = updated(row, changes)
    assert of(name, tags) == before | ROWS[name].tags(row)


@pytest.mark.parametrize("name", ROWS)
def test_all_other_columns_dirty_nothing(here: Institution, there: Institution, name: str) -> None:
    row = stored(name, here)
    changes = ROWS[name].unwatched(here, there)
    unwatched = columns(BY_NAME[name]) - set(BY_NAME[name].columns)
    assert set(changes) | {"closed_by"} == unwatched | {"closed_by"}, "`closed_by` never changes alone"
    for change in changes.values():
        with dirtied() as tags:
            updated(row, change)
        assert of(name, tags) == set(), change


@pytest.mark.parametrize("name", ROWS)
def test_an_update_that_changes_nothing_dirties_nothing(here: Institution, name: str) -> None:
    row = stored(name, here)
    with dirtied() as tags:
        row.save()
    assert tags == set()


NULL_AND_BACK: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("room", {"capacity": 5}, {"capacity": None}),
    ("section", {"limit": 5}, {"limit": None}),
    ("course", {"archived_at": LATER}, {"archived_at": None}),
    ("enrolment", {"from_day": LATER.date()}, {"from_day": None}),
    ("lecture", {"cancelled_at": LATER}, {"cancelled_at": None}),
]


@pytest.mark.parametrize(("name", "something", "nothing"), NULL_AND_BACK)
def test_null_counts_as_a_value(
    here: Institution, name: str, something: dict[str, Any], nothing: dict[str, Any]
) -> None:
    row = stored(name, here)
    for change in (something, nothing):
        with dirtied() as tags:
            row = updated(row, change)
        assert tags == ROWS[name].tags(row), change
    with dirtied() as tags:
        updated(row, nothing)
    assert tags == set()


def test_a_cascade_dirties_what_it_takes_along(here: Institution) -> None:
    enrolment = enrolled(here, here.amira)
    enrolment.sections.add(here.seminar)
    seat = Seat.objects.get()
    expected = ROWS["seat"].tags(seat) | ROWS["enrolment"].tags(enrolment)
    with dirtied() as tags:
        enrolment.delete()
    assert tags == expected


SEATS: dict[str, Callable[[Enrolment, Section, Section], object]] = {
    "add": lambda enrolment, first, second: enrolment.sections.add(second),
    "add from the other side": lambda enrolment, first, second: second.enrolments.add(enrolment),
    "remove": lambda enrolment, first, second: enrolment.sections.remove(first),
    "clear": lambda enrolment, first, second: enrolment.sections.clear(),
    "set": lambda enrolment, first, second: enrolment.sections.set([second]),
}


@pytest.mark.parametrize("act", SEATS)
def test_seats_in_sections_are_seen_however_they_change(here: Institution, act: str) -> None:
    first, second = here.seminar, Section.objects.create(offering=here.offering, name="Seminar B")
    enrolment = enrolled(here, here.amira)
    enrolment.sections.add(first)
    with dirtied() as tags:
        SEATS[act](enrolment, first, second)
    sections = {"remove": {first}, "clear": {first}, "set": {first, second}}.get(act, {second})
    own = {f"seat.enrolment={enrolment.pk}", f"seat.student={here.amira.pk}", f"seat.offering={here.offering.pk}"}
    assert tags == own | {f"seat.section={section.pk}" for section in sections}


def test_very_many_rows_in_one_statement_collapse_into_the_table_tag_on_postgresql(here: Institution) -> None:
    organisation = f"room.organisation={here.organisation.pk.hex}"
    with dirtied() as many:
        Room.objects.bulk_create(
            [Room(organisation=here.organisation, name=f"F{n}") for n in range(triggers.COLLAPSE_FROM)]
        )
    assert len(many) == triggers.COLLAPSE_FROM + 1 and organisation in many
    Room.objects.create(organisation=here.organisation, name="One more")
    with dirtied() as more:
        Room.objects.update(capacity=2)
    if connection.vendor == "postgresql":
        assert more == {"room"}
    else:
        assert len(more) == triggers.COLLAPSE_FROM + 2 and organisation in more, "each row by itself"


def test_many_rows_of_few_tags_stay_fine(here: Institution) -> None:
    students = [person(here.organisation, User.Role.STUDENT, f"s{number}") for number in range(60)]
    rows = [Attendance(lecture=here.lecture, student=student, status="present") for student in students]
    with dirtied() as tags:
        Attendance.objects.bulk_create(rows)
    paths = (f"offering={here.offering.pk}", f"organisation={here.organisation.pk.hex}")
    expected = {f"{rule}.{path}" for rule in ("attendance", "taken") for path in paths}
    expected.add(f"attendance.lecture={here.lecture.pk}")
    assert tags == expected | {f"attendance.student={student.pk}" for student in students}


def test_a_cause_names_the_rule_the_row_and_the_verb(here: Institution) -> None:
    room = stored("room", here)
    last = last_row()
    updated(room, {"name": "A 9"})
    assert {change.cause for change in changes_after(last)} == {f"room:{room.pk}:update"}


def test_a_cause_never_holds_the_key_of_a_session(here: Institution) -> None:
    last = last_row()
    session = stored("login", here)
    session.delete()
    assert {change.cause for change in changes_after(last)} == {
        f"login:{session.handle}:insert",
        f"login:{session.handle}:delete",
    }


def test_a_statement_has_one_row_on_postgresql_and_a_changed_row_one_on_sqlite(here: Institution) -> None:
    rooms = [Room(organisation=here.organisation, name=f"F{number}") for number in range(3)]
    before = OutboxRow.objects.count()
    Room.objects.bulk_create(rooms)
    assert OutboxRow.objects.count() - before == (1 if connection.vendor == "postgresql" else 3)


def offering_taken_away(here: Institution) -> Enrolment:
    """Store an enrolment, take its offering from under it, and return it."""
    offering = stored("offering", here)
    enrolment = Enrolment.objects.create(offering=offering, student=here.amira, roll_number="1")
    Offering.objects.filter(pk=offering.pk)._raw_delete("default")
    return enrolment


def test_a_row_that_goes_after_its_parent_dirties_its_table(here: Institution) -> None:
    """Foreign keys are checked at commit only; a path that leads nowhere must not end in silence."""
    enrolment = offering_taken_away(here)
    with dirtied() as tags:
        Enrolment.objects.filter(pk=enrolment.pk)._raw_delete("default")
    assert "enrolment" in tags


def test_a_row_that_comes_before_its_parent_dirties_its_table(here: Institution) -> None:
    enrolment = offering_taken_away(here)
    Enrolment.objects.filter(pk=enrolment.pk)._raw_delete("default")
    with dirtied() as tags:
        Enrolment.objects.bulk_create([enrolment])
    Enrolment.objects.filter(pk=enrolment.pk)._raw_delete("default")
    assert "enrolment" in tags


def test_an_organisation_is_spelled_alike_on_every_database(here: Institution) -> None:
    with dirtied() as tags:
        Organisation.objects.filter(pk=here.organisation.pk).update(name="Uppsala universitet")
    assert of("organisation", tags) == {f"organisation.id={here.organisation.pk.hex}"}


def test_a_lecture_that_moves_takes_both_offerings_along(here: Institution, there: Institution) -> None:
    with dirtied() as tags:
        Lecture.objects.filter(pk=here.lecture.pk).update(offering=there.offering)
    assert {f"lecture.offering={here.offering.pk}", f"lecture.offering={there.offering.pk}"} <= tags
