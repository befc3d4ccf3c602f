"""The protocol of the cache holds in every order of events, and each of its rules is needed.

`LUMINA_MODEL_DEPTH=deep` adds larger configurations: about seven minutes and two thirds of a gigabyte.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from tests.caching.model.checker import Report, check
from tests.caching.model.configurations import DEEP, INTACT, WITHOUT_A_RULE, WITHOUT_RECOVERY, Configuration, Rules
from tests.caching.model.properties import standstill

DEPTHS = {"": INTACT, "deep": INTACT + DEEP}


def chosen() -> tuple[Configuration, ...]:
    depth = os.environ.get("LUMINA_MODEL_DEPTH", "")
    if depth not in DEPTHS:
        raise ValueError(f"LUMINA_MODEL_DEPTH is {depth!r}; it can be deep, or not set.")
    return DEPTHS[depth]


def named(name: str) -> Configuration:
    return next(configuration for configuration in INTACT if configuration.name == name)


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Callable[[Report], None]:
    """Write a report where whoever runs the tests sees it."""

    def write(report: Report) -> None:
        with capsys.disabled():
            sys.stdout.write("\n    ".join(["", str(report), *report.trace]))
            sys.stdout.flush()

    return write


@pytest.mark.parametrize("configuration", chosen(), ids=lambda configuration: configuration.name)
def test_no_answer_is_ever_wrong(configuration: Configuration, show: Callable[[Report], None]) -> None:
    report = check(configuration)

    show(report)
    assert report.trace == ()
    assert report.complete or report.depth == configuration.depth


@pytest.mark.parametrize(("configuration", "fault"), WITHOUT_A_RULE, ids=[less.name for less, _ in WITHOUT_A_RULE])
def test_each_rule_is_needed(configuration: Configuration, fault: str, show: Callable[[Report], None]) -> None:
    report = check(configuration)
    with_the_rule = check(replace(configuration, rules=Rules(), depth=report.depth))

    show(report)
    assert report.trace[-1].endswith(fault)
    assert with_the_rule.trace == ()


def test_every_rule_is_taken_away_once() -> None:
    every = {field.name for field in fields(Rules)}

    runs = [*(less for less, _ in WITHOUT_A_RULE), WITHOUT_RECOVERY]
    taken_away = {name for less in runs for name in every if not getattr(less.rules, name)}

    assert taken_away == every


@pytest.mark.parametrize(
    "name", ["memory beside Redis", "copies of Redis, two rounds", "SQLite: serial writers, the highest id"]
)
def test_once_the_faults_are_over_a_reader_has_a_hit(name: str, show: Callable[[Report], None]) -> None:
    report = check(named(name), standstill)

    show(report)
    assert report.trace == ()
    assert report.complete


def test_a_cache_that_does_not_recover_is_found(show: Callable[[Report], None]) -> None:
    report = check(WITHOUT_RECOVERY, standstill)

    show(report)
    assert report.trace[-1] == "VIOLATION: all faults are over, and yet nothing is a hit"
