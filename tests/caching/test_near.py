"""Copies at hand are bounded, and so is all else that a process remembers of its readers."""

import pytest

from attendance.caching import looks, near, pages
from attendance.caching.near import Copy, Near

NEVER = 10**13


def copy(size: int, ends_at: int = NEVER) -> Copy:
    return Copy(b"", b"vector", size, NEVER, ends_at)


def test_the_copy_that_was_used_longest_ago_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "MOST_BYTES", 30)
    held = Near()
    for name in "abc":
        held.put(name, copy(10))
    assert held.get("a") is not None
    held.put("d", copy(10))
    assert [held.get(name) is not None for name in "abcd"] == [True, False, True, True]
    assert held.size == 30


def test_a_copy_in_the_place_of_another_weighs_once_and_an_ended_one_nothing() -> None:
    held = Near()
    held.put("a", copy(10))
    held.put("a", copy(7))
    assert held.size == 7
    held.put("b", copy(5, ends_at=1))
    assert held.get("b") is None
    held.forget("a")
    held.forget("a")
    assert (held.size, dict(held.copies)) == (0, {})


def test_one_that_weighs_more_than_all_may_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "MOST_BYTES", 30)
    held = Near()
    held.put("a", copy(31))
    assert (held.get("a"), held.size) == (None, 0)


def test_plans_are_bounded_and_each_is_its_own_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "MOST_PLANS", 2)
    plans, first, second = looks.Plans(), looks.Held(None, [], b"1"), looks.Held(None, [], b"1")

    def plan(held: looks.Held) -> looks.Plan:
        return looks.Plan(held, None, None, None, [], [])  # type: ignore[arg-type]

    for key in ("a", "b"):
        plans.put((key,), plan(first))
    assert plans.get(("a",), first) is not None
    assert plans.get(("a",), second) is None, "the same person, made known anew"
    plans.put(("c",), plan(first))
    assert [key for (key,) in plans.kept] == ["a", "c"]


def test_long_addresses_of_strangers_are_not_remembered(rf) -> None:
    before = pages._page_at.cache_info().currsize
    assert pages.asked_for(rf.get(f"/{'x' * pages.LONGEST_PATH}/")) is None
    assert pages._page_at.cache_info().currsize == before
