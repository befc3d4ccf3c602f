from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.timetable.itc2019 import read_problem
from attendance.timetable.problem import (
    ClassTime,
    Configuration,
    Problem,
    ProblemClass,
    ProblemCourse,
    ProblemStudent,
    Subpart,
)
from attendance.timetable.seating import Seating, SeatingError, seat_students
from tests.timetable.real_input import real_problem
from tests.timetable.small_problem import small_problem

NINE = ClassTime("1", "1000000", 108, 18)


@st.composite
def configurations(draw: st.DrawFn, first_id: int) -> Configuration:
    """Up to three subparts; a later one may hang below an earlier one, each class below one of its classes."""
    subparts: list[Subpart] = []
    for place in range(draw(st.integers(1, 3))):
        above = draw(st.sampled_from([None, *subparts]))
        limits = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
        parents = [None if above is None else draw(st.sampled_from(above.classes)).id for _ in limits]
        start = first_id + 10 * place
        subparts.append(
            Subpart(
                start,
                tuple(
                    ProblemClass(start + number, limit, parent, NINE, None)
                    for number, (limit, parent) in enumerate(zip(limits, parents, strict=True))
                ),
            )
        )
    return Configuration(first_id, tuple(subparts))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """One course with up to two configurations, and up to twelve students who want it."""
    number = draw(st.integers(1, 2))
    course = ProblemCourse(1, tuple(draw(configurations(100 * (place + 1))) for place in range(number)))
    students = tuple(ProblemStudent(student, (1,)) for student in range(draw(st.integers(1, 12))))
    return Problem("random", 1, (), (course,), students)


def capacity(course: ProblemCourse) -> int:
    """Return how many students the course takes without going over a limit."""
    return sum(
        min(_capacity_below(subpart, None, configuration) for subpart in configuration.subparts if not _hangs(subpart))
        for configuration in course.configurations
    )


def _hangs(subpart: Subpart) -> bool:
    return subpart.classes[0].parent is not None


def _capacity_below(subpart: Subpart, parent: int | None, configuration: Configuration) -> int:
    total = 0
    for each in subpart.classes:
        if each.parent == parent:
            below = [
                _capacity_below(other, each.id, configuration)
                for other in configuration.subparts
                if _hangs(other) and {child.parent for child in other.classes} & {mine.id for mine in subpart.classes}
            ]
            total += min([each.limit, *below])
    return total


def seated(problem: Problem) -> Seating | None:
    """Return the seating, or None where parents leave a student no choice in any configuration."""
    try:
        return seat_students(problem)
    except SeatingError:
        return None


@given(problems())
def test_everybody_sits_in_one_class_of_each_subpart_of_one_configuration(problem: Problem) -> None:
    seating = seated(problem)
    if seating is None:
        return
    [course] = problem.courses
    for classes in seating.classes.values():
        [configuration] = [
            configuration
            for configuration in course.configurations
            if {each.id for subpart in configuration.subparts for each in subpart.classes} & set(classes)
        ]
        for subpart in configuration.subparts:
            assert len({each.id for each in subpart.classes} & set(classes)) == 1
        assert len(classes) == len(configuration.subparts)


@given(problems())
def test_whoever_sits_in_a_class_sits_in_its_parent(problem: Problem) -> None:
    seating = seated(problem)
    if seating is None:
        return
    parents = {each.id: each.parent for course in problem.courses for each in course.classes()}
    for classes in seating.classes.values():
        assert all(parents[each] is None or parents[each] in classes for each in classes)


@given(problems())
def test_limits_hold_as_long_as_there_is_a_seat_and_everybody_else_is_counted(problem: Problem) -> None:
    seating = seated(problem)
    [course] = problem.courses
    if seating is None:
        assert capacity(course) == 0
        return
    assert seating.over_limit == max(0, len(problem.students) - capacity(course))
    filled = Counter(each for classes in seating.classes.values() for each in classes)
    if seating.over_limit == 0:
        assert all(filled[each.id] <= each.limit for each in course.classes())


@given(problems())
def test_the_same_problem_gives_the_same_seats(problem: Problem) -> None:
    assert seated(problem) == seated(problem)


def test_classes_fill_evenly() -> None:
    classes = tuple(ProblemClass(number, 10, None, NINE, None) for number in (1, 2, 3))
    course = ProblemCourse(1, (Configuration(1, (Subpart(1, classes),)),))
    students = tuple(ProblemStudent(student, (1,)) for student in range(12))
    seating = seat_students(Problem("even", 1, (), (course,), students))
    assert Counter(each for (each,) in seating.classes.values()) == {1: 4, 2: 4, 3: 4}


def test_where_all_is_full_the_least_over_full_class_is_taken() -> None:
    classes = (ProblemClass(1, 1, None, NINE, None), ProblemClass(2, 3, None, NINE, None))
    course = ProblemCourse(1, (Configuration(1, (Subpart(1, classes),)),))
    students = tuple(ProblemStudent(student, (1,)) for student in range(8))
    seating = seat_students(Problem("full", 1, (), (course,), students))
    assert seating.over_limit == 4
    assert Counter(each for (each,) in seating.classes.values()) == {1: 3, 2: 5}


def test_the_small_problem_is_seated_as_by_hand() -> None:
    seating = seat_students(read_problem(small_problem()))
    assert seating.classes == {(1, 1): (1, 3), (1, 2): (5,), (2, 1): (2, 4), (3, 1): (1, 3), (3, 2): (5,)}
    assert seating.over_limit == 1


def test_a_course_whose_parents_leave_no_choice_is_refused_by_name() -> None:
    upper = Subpart(1, (ProblemClass(1, 5, None, NINE, None), ProblemClass(2, 5, None, NINE, None)))
    left = Subpart(2, (ProblemClass(3, 5, 1, NINE, None),))
    right = Subpart(3, (ProblemClass(4, 5, 2, NINE, None),))
    course = ProblemCourse(7, (Configuration(1, (upper, left, right)),))
    with pytest.raises(SeatingError, match=r"^Course 7 has no choice of classes that agrees with their parents\.$"):
        seat_students(Problem("knot", 1, (), (course,), (ProblemStudent(1, (7,)),)))


@pytest.mark.parametrize("name", ["muni-fsps-spr17", "muni-fi-spr17"])
def test_the_competition_files_are_seated_within_all_limits(name: str) -> None:
    problem = read_problem(real_problem(name).read_bytes())
    seating = seat_students(problem)
    limits = {each.id: each.limit for course in problem.courses for each in course.classes()}
    filled = Counter(each for classes in seating.classes.values() for each in classes)
    assert seating.over_limit == 0
    assert all(filled[each] <= limits[each] for each in filled)
