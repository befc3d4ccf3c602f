"""What was acknowledged so far, and whether a page that was asked for afterwards says so.

A fact that is being changed while a page is on its way is not judged: either is right then.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_TOPIC = re.compile(r"V([0-9]{6})")
_ROW = re.compile(r'<li[^>]*><time[^>]*>[^<]*</time>.*?href="/lectures/([0-9]+)/">.*?</li>', re.DOTALL)
_SHOWN = {"open": "check-in open", "taken": ">taken<"}


@dataclass
class Fact:
    """Something that changes: its present value, how often it was changed, and how many changes are under way."""

    value: Any
    changes: int = 0
    under_way: int = 0


@dataclass
class Facts:
    """The facts of the lectures of the day: topics, states and marks."""

    cast: dict[str, Any]
    topics: dict[int, Fact] = field(default_factory=lambda: defaultdict(lambda: Fact(0)))
    states: dict[int, Fact] = field(default_factory=lambda: defaultdict(lambda: Fact("")))
    marks: dict[tuple[int, int], Fact] = field(default_factory=lambda: defaultdict(lambda: Fact("")))
    version: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.course_of = {each["id"]: each["course"] for each in self.cast["lectures"]}
        self.lecture_of = {course: lecture for lecture, course in self.course_of.items()}
        self.students = {int(course): those["students"] for course, those in self.cast["courses"].items()}

    # --- Changing -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, facts: dict[Any, Fact], values: dict[Any, Any]) -> Iterator[None]:
        with self.lock:
            for key in values:
                facts[key].under_way += 1
        try:
            yield
        finally:
            with self.lock:
                for key, value in values.items():
                    facts[key].value, facts[key].changes = value, facts[key].changes + 1
                    facts[key].under_way -= 1

    @contextmanager
    def changing_topic(self, lecture: int) -> Iterator[str]:
        """Yield the next topic; it counts as acknowledged afterwards."""
        with self.lock:
            self.version += 1
            version = self.version
        with self._changing(self.topics, {lecture: version}):
            yield f"V{version:06}"

    @contextmanager
    def changing_state(self, lecture: int, event: str) -> Iterator[None]:
        """Let a lecture be open, or taken by a mark, or closed, which is taken as well; marks do not end check-in."""
        with self.lock:
            present = self.states[lecture].value
        following = "taken" if event == "closed" else present if present == "open" else event
        with self._changing(self.states, {lecture: following}):
            yield

    @contextmanager
    def marking(self, lecture: int, new: dict[int, str]) -> Iterator[None]:
        """Let students have marks."""
        with self._changing(self.marks, {(lecture, student): status for student, status in new.items()}):
            yield

    def _unmarked(self, lecture: int) -> list[int]:
        with self.lock:
            return [each for each in self.students[self.course_of[lecture]] if not self.marks[lecture, each].value]

    def next_marks(self, lecture: int, share: float) -> dict[int, str]:
        """Return the marks of the next part of a class: all present, every twentieth late; at least one."""
        unmarked = self._unmarked(lecture)
        number = max(1, round(share * len(self.students[self.course_of[lecture]])))
        return {student: "late" if student % 20 == 0 else "present" for student in unmarked[:number]}

    def rest_absent(self, lecture: int) -> dict[int, str]:
        """Return the marks of whoever has none when check-in is closed."""
        return dict.fromkeys(self._unmarked(lecture), "absent")

    # --- Judging ------------------------------------------------------------------------------------------------------

    def seen_from(self, who: int, path: str) -> dict[tuple[str, Any], tuple[Any, int]]:
        """Return what a page that is asked for now has to say, each fact with the number of its changes."""
        with self.lock:
            return {
                (kind, key): (fact.value, fact.changes)
                for kind, key, fact in self._shown(who, path)
                if not fact.under_way
            }

    def _shown(self, who: int, path: str) -> Iterator[tuple[str, Any, Fact]]:
        """Yield the facts that a page shows to somebody."""
        if path == "/dashboard/":
            for lecture, state in list(self.states.items()):
                yield "state", lecture, state
            return
        area, _slash, named = path.strip("/").partition("/")
        lecture = self.lecture_of.get(int(named)) if area == "courses" and named.isdecimal() else None
        if area == "lectures" and named.isdecimal():
            yield "topic", int(named), self.topics[int(named)]
        elif lecture is not None:
            yield "topic", lecture, self.topics[lecture]
            if (lecture, who) in self.marks:
                yield "mark", lecture, self.marks[lecture, who]

    def agree(self, known: dict[tuple[str, Any], tuple[Any, int]], who: int, path: str, text: str) -> bool:
        """Say whether a page says what had been acknowledged, as far as that has not been changed meanwhile."""
        with self.lock:
            present = {(kind, key): fact for kind, key, fact in self._shown(who, path)}
            settled = {
                named: value
                for named, (value, changes) in known.items()
                if not present[named].under_way and present[named].changes == changes
            }
        rows = {int(found[1]): found[0] for found in _ROW.finditer(text)}
        return all(_says(kind, key, value, who, rows, text) for (kind, key), value in settled.items())


def _says(kind: str, lecture: int, value: Any, who: int, rows: dict[int, str], text: str) -> bool:
    if kind == "topic":
        return max(map(int, _TOPIC.findall(text)), default=0) >= value
    if kind == "mark":
        return (f"/lectures/{lecture}/history/{who}/" in text) == bool(value)
    return lecture not in rows or value == "" or _SHOWN[value] in rows[lecture]
