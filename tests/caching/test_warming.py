"""What an organisation is asked for first is read ahead, under the rules of every other read."""

import time
from types import SimpleNamespace

import pytest
from django.db import transaction
from pytest_django import Settings

from attendance.cache_utils import CacheManager
from attendance.caching import rounds, warming
from attendance.caching.warming import THERE, WARMED, warmers
from attendance.queries.directories import course_list, teacher_list
from attendance.queries.figures import organisation_figures
from tests.caching.conftest import Rooms
from tests.kinds import served_from_cache
from tests.queries.accessors import OF_AN_ORGANISATION

EVERYTHING = {"course_rows", "student_rows", "teacher_rows", "dashboard_figures"}


def test_what_was_warmed_is_a_hit(rooms: Rooms) -> None:
    assert CacheManager.warm_cache(rooms.organisation.pk) == dict.fromkeys(EVERYTHING, WARMED)
    with served_from_cache():
        assert course_list(organisation=rooms.organisation.pk.hex) == []


def test_warming_again_loads_nothing(rooms: Rooms) -> None:
    CacheManager.warm_cache(rooms.organisation.pk, client=None)
    assert rounds.run_now()
    with served_from_cache():
        assert CacheManager.warm_cache(str(rooms.organisation.pk)) == dict.fromkeys(EVERYTHING, THERE)


def test_inside_a_transaction_it_says_why_not(rooms: Rooms) -> None:
    with transaction.atomic():
        answers = CacheManager.warm_cache(rooms.organisation.pk)
    assert answers == dict.fromkeys(EVERYTHING, "inside a transaction")
    assert CacheManager.warm_cache(rooms.organisation.pk) == dict.fromkeys(EVERYTHING, WARMED), "nothing was stored"


def test_switched_off_it_says_so(rooms: Rooms, settings: Settings) -> None:
    settings.CACHE_ENABLED = False
    assert set(CacheManager.warm_cache(rooms.organisation.pk).values()) == {"the cache is switched off"}


def test_it_needs_the_id_of_an_organisation(rooms: Rooms) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        CacheManager.warm_cache("aldermoor")


def test_everything_that_belongs_to_an_organisation_is_warmed() -> None:
    assert {accessor.resource for accessor in warmers.accessors} == OF_AN_ORGANISATION == EVERYTHING


def test_a_warm_up_says_how_far_it_is_and_waits_after_each_load_alone(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    # Its own `time`, not everybody's: the thread that writes the log sleeps as well.
    monkeypatch.setattr(warming, "time", SimpleNamespace(**{**vars(time), "sleep": waited.append}))
    accessors = [organisation_figures, course_list, teacher_list]
    monkeypatch.setattr(warming.warmers, "accessors", accessors)
    course_list(organisation=rooms.organisation.pk.hex)
    said: list[warming.Progress] = []
    warming.warm(rooms.organisation.pk, pause=3, report=said.append)
    assert [(each.done, each.total, each.outcome) for each in said] == [
        (1, 3, warming.WARMED),
        (2, 3, warming.THERE),
        (3, 3, warming.WARMED),
    ]
    assert waited == [3]
