"""A rule says what it means when it is read, not when a row is lost: what it cannot mean is refused."""

import pytest
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured

from attendance import cache_tags
from attendance.cache_rules import RULES
from attendance.caching.rules import Path, Registry, Rule, path_of, registry, with_table_tags
from attendance.models import Attendance, AttendanceSession, Enrolment, Organisation, Room

ROOM = Rule(Room, "room", {"organisation": "organisation"}, ("name",))
ALIKE = Rule(Organisation, "room", {}, ())


def test_a_path_of_its_own_column_needs_no_join() -> None:
    assert path_of(Room, "organisation") == Path("organisation_id", ())


def test_a_path_walks_through_foreign_keys() -> None:
    lecture = ("attendance_lecture", "id", "organisation_id")
    assert path_of(AttendanceSession, "lecture__organisation") == Path("lecture_id", (lecture,))
    assert path_of(Attendance, "lecture__offering__course").hops == (
        ("attendance_lecture", "id", "offering_id"),
        ("attendance_offering", "id", "course_id"),
    )


def test_a_path_through_what_is_no_foreign_key_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="is no foreign key"):
        Rule(Room, "room", {"name": "name__organisation"}, ())


@pytest.mark.parametrize("lookup", ["floor", "organisation__floor"])
def test_a_path_to_nowhere_is_refused(lookup: str) -> None:
    with pytest.raises(FieldDoesNotExist):
        Rule(Room, "room", {"floor": lookup}, ())


@pytest.mark.parametrize("lookup", ["sections", "attendances"])
def test_a_path_without_a_column_is_refused(lookup: str) -> None:
    model = Enrolment if lookup == "sections" else Enrolment._meta.get_field("student").related_model
    with pytest.raises(ImproperlyConfigured, match="has no column"):
        Rule(model, "anything", {"x": lookup}, ())


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(FieldDoesNotExist):
        Rule(Room, "room", {}, ("floor",))


def test_columns_are_watched_by_their_names_in_the_database() -> None:
    assert Rule(Room, "room", {}, ("organisation", "name")).watched == ["organisation_id", "name"]


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="same name"):
        Registry().load((ROOM, ALIKE))


def test_rules_can_be_swapped_and_come_back_after_an_error() -> None:
    with pytest.raises(LookupError), registry.swapped((ROOM,)):
        assert registry.rules == (ROOM,)
        raise LookupError
    assert registry.rules == RULES


def test_each_fine_tag_brings_its_table_tag_once() -> None:
    tags = with_table_tags(["room.organisation=1", "room.id=2", "user.id=3"])
    assert tags == ["room", "room.id=2", "room.organisation=1", "user", "user.id=3"]


def test_every_tag_that_code_spells_has_a_rule_that_dirties_it() -> None:
    organisation = "0123456789abcdef0123456789abcdef"
    spelled = [function for name, function in vars(cache_tags).items() if not name.startswith("_") and name != "UUID"]
    known = {f"{rule.name}.{path}" for rule in RULES for path in rule.paths}
    for function in [each for each in spelled if each.__code__.co_argcount]:
        of_number = function.__annotations__.get(next(iter(function.__annotations__))) is int
        spelt = function(5 if of_number else organisation)
        for tag in spelt if isinstance(spelt, list) else [spelt]:
            assert tag.partition("=")[0] in known, function.__name__
            assert tag.partition("=")[2] == ("5" if of_number else organisation)


def test_a_tag_that_names_nothing_is_that_of_a_rule_without_paths() -> None:
    own = vars(cache_tags).items()
    spelled = {
        tag() for name, tag in own if not name.startswith("_") and name != "UUID" and not tag.__code__.co_argcount
    }
    assert spelled == {rule.name for rule in RULES if not rule.paths}
