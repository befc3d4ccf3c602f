"""The figures of the first page are what the database counts: cold, warm, and after each write that moves one."""

from datetime import timedelta

import pytest

from attendance import clock
from attendance.caching import rounds
from attendance.models import AttendanceSession, Course, CourseStaff, Enrolment, Room, User
from attendance.queries.figures import organisation_figures
from tests.cast import Campus, enrol, person
from tests.queries.conftest import LEFT_ALONE, Reading, Write, open_check_in, organisation_elsewhere

FIGURES = Reading(organisation_figures)
QUERIES = 5


def test_everybody_and_everything_is_counted_once(town: Campus) -> None:
    open_check_in(town.lecture, town.ines)

    assert FIGURES.truth(town) == {"students": 3, "teachers": 3, "courses": 2, "enrolments": 2, "open_check_ins": 1}


def another_course(campus: Campus) -> Course:
    return Course.objects.create(
        organisation=campus.organisation, department=campus.department, code="CS 411", title="Networks"
    )


def close_check_ins(campus: Campus) -> None:
    AttendanceSession.objects.update(closed_at=clock.now(), closed_by=campus.ines)


MOVES: dict[str, tuple[Write, dict[str, int]]] = {
    "a student more": (lambda campus: person(campus.organisation, "noor", "student", "Noor Aziz"), {"students": 1}),
    "a student fewer": (lambda campus: campus.outsider.delete(), {"students": -1}),
    "a student who may not log in": (
        lambda campus: User.objects.filter(pk=campus.amira.pk).update(is_active=False),
        {"students": -1},
    ),
    "a student who teaches now": (
        lambda campus: User.objects.filter(pk=campus.amira.pk).update(role="teacher"),
        {"students": -1, "teachers": 1},
    ),
    "a teacher who left for elsewhere": (
        lambda campus: User.objects.filter(pk=campus.kwame.pk).update(organisation=organisation_elsewhere(campus)),
        {"teachers": -1},
    ),
    "a course more": (another_course, {"courses": 1}),
    "a course archived": (
        lambda _campus: Course.objects.filter(code="CS 310").update(archived_at=clock.now()),
        {"courses": -1},
    ),
    "a course that went elsewhere": (
        lambda campus: Course.objects.filter(code="CS 310").update(organisation=organisation_elsewhere(campus)),
        {"courses": -1},
    ),
    "an enrolment more": (lambda campus: enrol(campus.offering, campus.outsider, "0003"), {"enrolments": 1}),
    "an enrolment fewer": (
        lambda campus: Enrolment.objects.filter(student=campus.bilal).delete(),
        {"enrolments": -1},
    ),
    "a check-in opened": (
        lambda campus: open_check_in(campus.lecture_at(clock.now()), campus.ines),
        {"open_check_ins": 1},
    ),
    "a check-in closed": (close_check_ins, {"open_check_ins": -1}),
}


@pytest.mark.parametrize("what", MOVES)
def test_what_moves_a_figure_is_seen_at_once(town: Campus, what: str) -> None:
    open_check_in(town.lecture, town.ines)
    assert rounds.run_now()
    before = FIGURES.now(town)
    assert before == FIGURES.now(town) == FIGURES.truth(town)

    write, moved = MOVES[what]
    write(town)

    expected = {name: number + moved.get(name, 0) for name, number in before.items()}
    assert FIGURES.now(town) == FIGURES.truth(town) == expected


UNSHOWN: dict[str, Write] = {
    **LEFT_ALONE,
    "a duty": lambda campus: CourseStaff.objects.filter(user=campus.ines).delete(),
    "a room": lambda campus: Room.objects.create(organisation=campus.organisation, name="Attic"),
}


@pytest.mark.parametrize("what", UNSHOWN)
def test_what_moves_no_figure_leaves_them_a_hit(town: Campus, what: str) -> None:
    FIGURES.queries(town)
    UNSHOWN[what](town)

    assert FIGURES.queries(town) == 0
    assert FIGURES.now(town) == FIGURES.truth(town)


def test_cold_ones_take_their_queries_and_warm_ones_none(town: Campus) -> None:
    assert FIGURES.queries(town) == QUERIES
    assert FIGURES.queries(town) == 0


def test_twice_the_rows_take_the_same_queries(town: Campus) -> None:
    for number in range(6):
        enrol(town.offering, person(town.organisation, f"student{number}", "student", "Noor Aziz"), f"1{number}")
        open_check_in(town.lecture_at(clock.now() + timedelta(days=number)), town.ines)

    assert FIGURES.queries(town) == QUERIES


def test_an_organisation_without_rows_has_nothing_and_that_is_remembered(town: Campus) -> None:
    there = Reading(organisation_figures, lambda campus: {"organisation": organisation_elsewhere(campus).pk.hex})

    assert set(there.now(town).values()) == {0}
    assert there.queries(town) == 0
