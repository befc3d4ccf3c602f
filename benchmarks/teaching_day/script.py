"""Who does what at which moment of the day: made once from a seed, so that each replay sends the same requests.

What is assumed
---------------
Published logs of learning systems say little of single visits: 33 students made 16,060 accesses in a term (Abdullahi,
Makhtar and Safie, IJEECS 13(1), 2019, https://doi.org/10.11591/ijeecs.v13.i1.pp15-21), some five a day each if a term
has fifteen weeks. The students here come to about as many. All other proportions are assumptions, made before anything
was measured and not changed since:

- *Students* come to four in five of their lectures. Three in five of those who come look at the first page within some
  minutes around its start, most of them go on to the lecture, some to the course; a quarter look once more in the
  lecture, whether they were marked. One in three looks in the evening, at the record or a course. Most pages are seen
  once or twice a day; who goes back to a page sends what the browser has kept of it (If-None-Match).
- *Teachers* prepare, open check-in at the start, save the register in four batches within twenty minutes, close, and
  look at the course when it is over. One lecture in ten is taken in the afternoon, one in twenty not at all.
- *Administrators* do something every six minutes, mostly looking a student up.
- *Writes*: marks by far, then check-in opened and closed, then topics, requests filed and decided, lectures moved,
  enrolments by code and a room renamed now and then. Nobody logs in: a browser stays signed in for a term.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MINUTE, HOUR = 60.0, 3600.0
EVENING = (19 * HOUR, 22 * HOUR)
_OFFICE = (8 * HOUR, 17 * HOUR)
BATCHES = ((3, 0.55), (7, 0.25), (12, 0.1), (18, 0.04))
"""Minutes after the start at which a register is saved, with the part of the class that has a mark by it."""
_PAUSE = (6.0, 40.0)
"""Seconds that somebody looks at a page before the next one."""


@dataclass(frozen=True)
class Step:
    """One thing that somebody does: `act` names a method of the visitors in `replay`, `about` what it takes."""

    at: float
    who: int
    act: str
    about: dict[str, Any] = field(default_factory=dict)


def steps(cast: dict[str, Any]) -> list[Step]:
    """Return the whole day in order of time; people are named by their id."""
    chance = random.Random(5)  # noqa: S311 -- no secret
    day = _Day(cast, chance)
    return sorted([*day.students(), *day.teachers(), *day.administrators()], key=lambda step: step.at)


class _Day:
    """What everybody does, drawn from one source of chance."""

    def __init__(self, cast: dict[str, Any], chance: random.Random) -> None:
        self.cast, self.chance = cast, chance
        self.courses: dict[int, list[int]] = {}
        for course, those in cast["courses"].items():
            for student in those["students"]:
                self.courses.setdefault(student, []).append(int(course))
        self.lectures: dict[int, dict[str, Any]] = {each["course"]: each for each in cast["lectures"]}

    def _happens(self, share: float) -> bool:
        return self.chance.random() < share

    def _within(self, bounds: tuple[float, float]) -> float:
        return self.chance.uniform(*bounds)

    def _visit(self, at: float, who: int, pages: list[Step]) -> Iterator[Step]:
        """Yield pages one after the other, as somebody who reads them."""
        for page in pages:
            yield Step(at, who, page.act, page.about)
            at += self._within(_PAUSE)

    # --- Students -----------------------------------------------------------------------------------------------------

    def students(self) -> Iterator[Step]:
        """Yield what the students do."""
        for person in self.cast["students"]:
            who = person["id"]
            for lecture in self._attended(who):
                if self._happens(0.8):
                    yield from self._at_lecture(who, lecture)
            if self._happens(0.35):
                yield from self._visit(self._within(EVENING), who, self._evening(who))
            if self._happens(0.01):
                yield from self._visit(self._within(_OFFICE), who, [_look("/requests/"), Step(0, 0, "ask_for_leave")])
        yield from self._enrolments()

    def _attended(self, student: int) -> list[dict[str, Any]]:
        """Return the lectures of the day that a student can be in: of two at one hour the first."""
        by_hour: dict[float, dict[str, Any]] = {}
        for course in self.courses[student]:
            if course in self.lectures:
                by_hour.setdefault(self.lectures[course]["start"], self.lectures[course])
        return list(by_hour.values())

    def _at_lecture(self, who: int, lecture: dict[str, Any]) -> Iterator[Step]:
        course = lecture["course"]
        if self._happens(0.6):
            pages = [_look("/dashboard/")]
            pages += [_lecture(lecture["id"])] if self._happens(0.7) else []
            pages += [_look(f"/courses/{course}/")] if self._happens(0.3) else []
            pages += [_look("/courses/")] if self._happens(0.1) else []
            pages += [_look("/dashboard/")] if self._happens(0.3) else []
            yield from self._visit(lecture["start"] + self.chance.gauss(-3 * MINUTE, 5 * MINUTE), who, pages)
        if self._happens(0.25):
            again = [_look("/dashboard/"), _look(f"/courses/{course}/"), _lecture(lecture["id"])]
            later = lecture["start"] + self._within((5 * MINUTE, 30 * MINUTE))
            yield from self._visit(later, who, [self.chance.choice(again)])

    def _evening(self, who: int) -> list[Step]:
        pages = [_look("/dashboard/")]
        pages += [_look("/me/attendance/")] if self._happens(0.5) else []
        pages += [_look(f"/courses/{self.chance.choice(self.courses[who])}/")] if self._happens(0.5) else []
        pages += [_look("/courses/")] if self._happens(0.15) else []
        pages += [_look("/teachers/")] if self._happens(0.05) else []
        pages += [_look("/dashboard/")] if self._happens(0.3) else []
        return pages

    def _enrolments(self) -> Iterator[Step]:
        """Yield a few who come late to a course that still has a code."""
        open_ones = {int(course): those for course, those in self.cast["courses"].items() if those["code"]}
        for course, those in open_ones.items():
            others = [each["id"] for each in self.cast["students"] if each["id"] not in those["students"]]
            pages = [_look("/courses/"), Step(0, 0, "enrol", {"code": those["code"]}), _look(f"/courses/{course}/")]
            yield from self._visit(self._within(_OFFICE), self.chance.choice(others), pages)

    # --- Teachers -----------------------------------------------------------------------------------------------------

    def teachers(self) -> Iterator[Step]:
        """Yield what the teachers do."""
        for person in self.cast["teachers"]:
            who, courses = person["id"], person["courses"]
            if self._happens(0.5):
                yield from self._visit(self._within((8 * HOUR, 9 * HOUR)), who, [_look("/dashboard/")])
            for course in courses:
                if course in self.lectures:
                    yield from self._teaching(who, self.lectures[course])
            if self._happens(0.4):
                yield from self._visit(
                    self._within((14 * HOUR, 18 * HOUR)), who, self._desk(self.chance.choice(courses))
                )

    def _teaching(self, who: int, lecture: dict[str, Any]) -> Iterator[Step]:
        start, course = lecture["start"], lecture["course"]
        pages = [_look("/dashboard/")] + ([_look(f"/courses/{course}/")] if self._happens(0.6) else [])
        yield from self._visit(start - self._within((5 * MINUTE, 20 * MINUTE)), who, [*pages, _lecture(lecture["id"])])
        if self._happens(0.2):
            yield Step(start - 4 * MINUTE, who, "write_topic", {"lecture": lecture["id"]})
        kind = self.chance.random()
        if kind < 0.85:
            yield from self._taken(who, lecture)
        elif kind < 0.95:
            yield from self._taken_later(who, lecture)
        after = [_look(f"/courses/{course}/")] if self._happens(0.6) else []
        after += [_look("/dashboard/")] if self._happens(0.4) else []
        after += [Step(0, 0, "decide_request")] if self._happens(0.2) else []
        yield from self._visit(lecture["end"] + self._within((MINUTE, 20 * MINUTE)), who, after)

    def _taken(self, who: int, lecture: dict[str, Any]) -> Iterator[Step]:
        """Yield a check-in that is opened, marks that come in batches, and the end of it."""
        start = lecture["start"] + self._within((0.0, 2 * MINUTE))
        yield Step(start, who, "open_session", {"lecture": lecture["id"]})
        for minutes, share in BATCHES:
            yield Step(start + minutes * MINUTE, who, "mark", {"lecture": lecture["id"], "share": share})
        yield Step(start + self._within((20 * MINUTE, 28 * MINUTE)), who, "close_session", {"lecture": lecture["id"]})

    def _taken_later(self, who: int, lecture: dict[str, Any]) -> Iterator[Step]:
        at = lecture["end"] + self._within((30 * MINUTE, 90 * MINUTE))
        yield Step(at, who, "look", {"path": "/dashboard/"})
        yield Step(at + MINUTE, who, "mark", {"lecture": lecture["id"], "share": 1.0})

    def _desk(self, course: int) -> list[Step]:
        student = self.chance.choice(self.cast["courses"][str(course)]["students"])
        pages = [_look("/dashboard/"), _look("/courses/"), _look(f"/courses/{course}/")]
        pages += [_look(f"/students/{student}/")] if self._happens(0.4) else []
        pages += [_look(f"/students/?course_id={course}")] if self._happens(0.3) else []
        return pages

    # --- Administrators -----------------------------------------------------------------------------------------------

    def administrators(self) -> Iterator[Step]:
        """Yield what the administrators do: one task every six minutes, with pauses of any length."""
        for person in self.cast["admins"]:
            at = _OFFICE[0] + self._within((0.0, 30 * MINUTE))
            yield Step(at, person["id"], "look", {"path": "/dashboard/"})
            while at < _OFFICE[1]:
                at += 30 + self.chance.expovariate(1 / (5.5 * MINUTE))
                yield from self._visit(at, person["id"], self._task())
        room = self.chance.choice(self.cast["rooms"])
        yield Step(10 * HOUR + 7 * MINUTE, self.cast["admins"][0]["id"], "rename_room", {"room": room})

    def _task(self) -> list[Step]:
        student = self.chance.choice(self.cast["students"])
        course = int(self.chance.choice(list(self.cast["courses"])))
        moved = {
            "lecture": self.chance.choice(self.cast["lectures"])["id"],
            "room": self.chance.choice(self.cast["rooms"]),
        }
        name = student["family_name"].split()[0]
        tasks: list[tuple[int, list[Step]]] = [
            (40, [_look(f"/students/?q={name}"), _look(f"/students/{student['id']}/")]),
            (10, [_look("/students/"), _look(f"/students/?page={self.chance.randrange(2, 6)}")]),
            (15, [_look("/courses/"), _look(f"/courses/{course}/")]),
            (5, [_look(f"/courses/?q=F {course % 12:02}"), _look(f"/courses/{course}/")]),
            (10, [_look("/dashboard/")]),
            (7, [_look("/lectures/?status=not_taken")]),
            (5, [_look("/teachers/")]),
            (5, [Step(0, 0, "decide_request")]),
            (3, [Step(0, 0, "move_lecture", moved)]),
        ]
        return self.chance.choices([pages for _weight, pages in tasks], [weight for weight, _pages in tasks])[0]


def _look(path: str) -> Step:
    return Step(0, 0, "look", {"path": path.replace(" ", "%20")})


def _lecture(lecture: int) -> Step:
    """Return a look at the page of a lecture, whose script asks for the live part by itself."""
    return Step(0, 0, "look_at_lecture", {"lecture": lecture})
