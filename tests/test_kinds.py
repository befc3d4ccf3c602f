"""Each test has one kind, and a plain one that asserts a hit is told why that cannot be."""

import re
from datetime import timedelta

import pytest

from attendance import cache_tags
from attendance.caching import rounds
from attendance.caching.accessors import cached
from attendance.models import Organisation, Room
from tests.kinds import KINDS, kind_of, mark_kinds, served_from_cache
from tests.servers.environment import PROJECT


@cached("kinds", timeout=timedelta(seconds=60), tags=lambda *, organisation: [cache_tags.rooms_of(organisation)])
def number_of_rooms(*, organisation: str) -> int:
    return Room.objects.filter(organisation=organisation).count()


def test_every_test_of_this_run_has_exactly_one_kind(request: pytest.FixtureRequest) -> None:
    kinds = [[name for name in KINDS if item.get_closest_marker(name)] for item in request.session.items]
    assert {len(names) for names in kinds} == {1}


def test_what_is_asked_beside_one_database_only_needs_none(request: pytest.FixtureRequest) -> None:
    [paths] = re.findall(r"^ASKED_ONCE := ((?:.*\\\n)*.*)", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    asked_once = [PROJECT / path for path in paths.replace("\\", "").split()]
    assert [path for path in asked_once if not path.exists()] == []
    asked_once.remove(PROJECT / "tests" / "pages" / "test_freshness.py")
    needing_one = [
        item.nodeid
        for item in request.session.items
        if any(item.path.is_relative_to(path) for path in asked_once)
        and ("_django_db_helper" in item.fixturenames or item.get_closest_marker("django_db"))  # type: ignore[attr-defined]
    ]
    assert needing_one == []


def test_this_one_is_plain(db: None, request: pytest.FixtureRequest) -> None:
    assert kind_of(request.node) == "plain"


def test_this_one_is_cached(transactional_db: None, request: pytest.FixtureRequest) -> None:
    assert kind_of(request.node) == "cached"


def test_this_one_is_of_processes(process_environment: dict[str, str], request: pytest.FixtureRequest) -> None:
    assert kind_of(request.node) == "process"


@pytest.mark.plain
def test_a_test_that_says_something_else_of_itself_is_an_error(request: pytest.FixtureRequest) -> None:
    request.node.add_marker("process")
    with pytest.raises(pytest.UsageError, match="by its fixtures it is plain"):
        mark_kinds([request.node])


def test_a_hit_in_a_plain_test_is_explained(db: None) -> None:
    with pytest.raises(pytest.fail.Exception, match="This is a plain test: inside a transaction"), served_from_cache():
        pytest.fail("nothing of the block is run")


def test_a_hit_in_a_cached_test_is_a_hit_and_a_load_is_not(transactional_db: None) -> None:
    own = Organisation.objects.create(slug="aldermoor", name="Aldermoor").pk.hex
    assert rounds.run_now()
    with pytest.raises(AssertionError, match="not a hit: SELECT"), served_from_cache():
        number_of_rooms(organisation=own)
    with served_from_cache():
        assert number_of_rooms(organisation=own) == 0
