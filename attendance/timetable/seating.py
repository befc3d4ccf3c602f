"""Seats the students of a problem: one configuration of each course wanted, one class of each of its subparts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from attendance.timetable.problem import Configuration, Problem, ProblemClass, ProblemCourse, Subpart


class SeatingError(ValueError):
    """A course cannot be taken whatever the limits; the message is one sentence that names it."""


@dataclass(frozen=True)
class Seating:
    """Who sits where: class ids by (student id, course id), and how many of these went over a limit."""

    classes: dict[tuple[int, int], tuple[int, ...]]
    over_limit: int


class _Cost(NamedTuple):
    """What one more student costs: seats over the limit first, then how full the classes are already."""

    over: int
    fill: float


class _Choice(NamedTuple):
    cost: _Cost
    classes: tuple[int, ...]


def seat_students(problem: Problem) -> Seating:
    """Return a seat for every student in every course wanted; the same problem gives the same seats.

    Students come in the order of the file and sit where the classes are emptiest. Where all are full they sit where
    the limit is exceeded least. A course whose subparts with parents have one for each class is filled up to the last
    seat before any limit is exceeded.

    Raises:
        SeatingError: parents are set so that nobody can take the course.
    """
    courses = {course.id: _CourseSeats(course) for course in problem.courses}
    over_limit = 0
    classes = {}
    for student in problem.students:
        for course in student.courses:
            choice = courses[course].seat()
            classes[student.id, course] = choice.classes
            over_limit += choice.cost.over > 0
    return Seating(classes, over_limit)


@dataclass
class _CourseSeats:
    """The seats of one course while it fills up."""

    course: ProblemCourse
    seated: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._trees = [_SubpartTree(configuration, self.seated) for configuration in self.course.configurations]

    def seat(self) -> _Choice:
        choice = _cheapest(tree.cheapest() for tree in self._trees)
        if choice is None:
            raise SeatingError(f"Course {self.course.id} has no choice of classes that agrees with their parents.")
        self.seated.update(choice.classes)
        return choice


class _SubpartTree:
    """The subparts of a configuration, those with parents hung below the subpart that the parents are in.

    Below a class only its own children and classes without a parent can be chosen, so the cheapest choice of a
    configuration is found from the bottom up without trying all combinations.
    """

    def __init__(self, configuration: Configuration, seated: Counter[int]) -> None:
        self._seated = seated
        self._roots: list[Subpart] = []
        self._below: dict[int, list[Subpart]] = {}
        self._known: dict[int, _Choice | None] = {}
        home = {each.id: subpart.id for subpart in configuration.subparts for each in subpart.classes}
        for subpart in configuration.subparts:
            parents = [each.parent for each in subpart.classes if each.parent is not None]
            if parents:
                self._below.setdefault(home[parents[0]], []).append(subpart)
            else:
                self._roots.append(subpart)

    def cheapest(self) -> _Choice | None:
        """Return the cheapest choice of one class of each subpart, or None when parents leave none."""
        self._known.clear()
        return _together(self._cheapest_of(root, None) for root in self._roots)

    def _cheapest_of(self, subpart: Subpart, parent: int | None) -> _Choice | None:
        return _cheapest(
            self._with_below_once(each, self._below.get(subpart.id, []))
            for each in subpart.classes
            if each.parent in (None, parent)
        )

    def _with_below_once(self, chosen: ProblemClass, below: list[Subpart]) -> _Choice | None:
        # A class without a parent is looked at below every class above it; its own choice is the same each time.
        if chosen.id not in self._known:
            self._known[chosen.id] = self._with_below(chosen, below)
        return self._known[chosen.id]

    def _with_below(self, chosen: ProblemClass, below: list[Subpart]) -> _Choice | None:
        own = _Choice(self._cost(chosen), (chosen.id,))
        return _together([own, *(self._cheapest_of(subpart, chosen.id) for subpart in below)])

    def _cost(self, chosen: ProblemClass) -> _Cost:
        seated = self._seated[chosen.id]
        return _Cost(max(0, seated + 1 - chosen.limit), seated / max(chosen.limit, 1))


def _cheapest(choices: Iterable[_Choice | None]) -> _Choice | None:
    return min(_possible(choices), key=lambda choice: choice.cost, default=None)


def _possible(choices: Iterable[_Choice | None]) -> Iterator[_Choice]:
    return (choice for choice in choices if choice is not None)


def _together(choices: Iterable[_Choice | None]) -> _Choice | None:
    parts = list(choices)
    possible = list(_possible(parts))
    if len(possible) < len(parts):
        return None
    cost = _Cost(sum(part.cost.over for part in possible), sum(part.cost.fill for part in possible))
    return _Choice(cost, tuple(each for part in possible for each in part.classes))
