"""The day as it is sent: each step by the browser of its person, at its moment, each answer counted and judged."""

import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.teaching_day.browsers import Answer, Browser
from benchmarks.teaching_day.facts import Facts
from benchmarks.teaching_day.passing import Passing
from benchmarks.teaching_day.script import Step

SENDERS = 4
_REQUEST = re.compile(r'href="/requests/([0-9]+)/"')
_DIGITS = re.compile(r"[0-9]+")


@dataclass
class Outcome:
    """What the day came to."""

    costs: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By kind of request, such as `GET /courses/#/`: what was counted for all of them, `requests` among it."""
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)
    product: dict[str, Any] = field(default_factory=dict)
    """What the product itself counted, by resource."""

    def note(self, kind: str, answer: Answer) -> None:
        """Take an answer in."""
        without = answer.cost["queries"] == answer.cost["reader queries"]
        self.costs[kind].update(answer.cost + Counter({"requests": 1, "without a query": int(without)}))
        self.seconds[kind].append(answer.seconds)


class Replay:
    """One run of the day against one server."""

    def __init__(self, port: int, cast: dict[str, Any], passing: Passing) -> None:
        self.cast, self.passing, self.outcome = cast, passing, Outcome()
        everybody = [*cast["admins"], *cast["teachers"], *cast["students"]]
        self.names = {person["id"]: person["name"] for person in everybody}
        self.browsers = {person["id"]: Browser(port, dict(person["cookies"])) for person in everybody}
        self.turns = {person["id"]: threading.Lock() for person in everybody}
        self.lectures = {each["id"]: each for each in cast["lectures"]}
        self.facts = Facts(cast)
        self.taking, self.noting = threading.Lock(), threading.Lock()

    def run(self, steps: list[Step]) -> Outcome:
        """Send everything, in order of time, from several threads; nobody does two things at once."""
        remaining = iter(steps)
        failures: list[BaseException] = []
        senders = [threading.Thread(target=self._send, args=(remaining, failures)) for _number in range(SENDERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        if failures:
            raise failures[0]
        return self.outcome

    def _send(self, remaining: Iterator[Step], failures: list[BaseException]) -> None:
        while not failures:
            with self.taking:
                step = next(remaining, None)
                if step is None:
                    return
                self.turns[step.who].acquire()  # What somebody did before is over then.
                self.passing.move_to(self.cast["midnight"] + step.at)
            try:
                getattr(self, step.act)(step.who, **step.about)
            except Exception as error:  # noqa: BLE001 -- it ends the run, in the thread that waits for this one
                failures.append(error)
            finally:
                self.turns[step.who].release()

    # --- Reading ------------------------------------------------------------------------------------------------------

    def look(self, who: int, path: str) -> str:
        """Read a page, and return it."""
        known = self.facts.seen_from(who, path)
        answer = self._noted("GET", path, self.browsers[who].get(path))
        if answer.status != 200:
            raise RuntimeError(f"{self.names[who]} got {answer.status} at {path}.")
        self._judge("foreign", f"<bdi>{self.names[who]}</bdi>" in answer.text, who, path)
        self._judge("stale", self.facts.agree(known, who, path, answer.text), who, path)
        return answer.text

    def look_at_lecture(self, who: int, lecture: int) -> None:
        """Read the page of a lecture and, as its script does, the live part of it."""
        self.look(who, f"/lectures/{lecture}/")
        path = f"/lectures/{lecture}/now/"
        self._noted("GET", path, self.browsers[who].get(path, **{"X-Part": "1"}))

    def _noted(self, method: str, path: str, answer: Answer) -> Answer:
        kind = f"{method} {_DIGITS.sub('#', path.partition('?')[0])}"
        with self.noting:
            self.outcome.note(kind, answer)
        return answer

    def _judge(self, what: str, is_right: bool, who: int, path: str) -> None:
        if not is_right:
            with self.noting:
                self.outcome.wrong[what] += 1
                self.outcome.wrong[f"{what}: {who} at {path}"] += 1

    # --- Writing ------------------------------------------------------------------------------------------------------

    def _post(self, who: int, path: str, fields: dict[str, Any]) -> Answer:
        answer = self._noted("POST", path, self.browsers[who].post(path, fields))
        if answer.status != 302:
            raise RuntimeError(f"{self.names[who]} got {answer.status} for what was sent to {path}.")
        return answer

    def open_session(self, who: int, lecture: int) -> None:
        """Open check-in, which leads to the register."""
        with self.facts.changing_state(lecture, "open"):
            answer = self._post(who, f"/lectures/{lecture}/session/open/", {"minutes": 15})
        self.look(who, answer.place)

    def mark(self, who: int, lecture: int, share: float) -> None:
        """Save a register in which that part of the class has got a mark, and see what came of it."""
        new = self.facts.next_marks(lecture, share)
        fields = {f"seen-{student}": ".0" for student in new}
        fields |= {f"status-{student}": status for student, status in new.items()}
        with self.facts.changing_state(lecture, "taken"), self.facts.marking(lecture, new):
            answer = self._post(who, f"/lectures/{lecture}/register/", fields)
        self.look(who, answer.place)

    def close_session(self, who: int, lecture: int) -> None:
        """Close check-in; who has no mark is absent."""
        path = f"/lectures/{lecture}/session/close/"
        self.look(who, path)
        with self.facts.changing_state(lecture, "closed"), self.facts.marking(lecture, self.facts.rest_absent(lecture)):
            self._post(who, path, {"blanks": "absent"})
        self.look(who, f"/lectures/{lecture}/")

    def write_topic(self, who: int, lecture: int) -> None:
        """Say what a lecture is about."""
        path, form = f"/lectures/{lecture}/edit/", self.lectures[lecture]["form"]
        self.look(who, path)
        with self.facts.changing_topic(lecture) as topic:
            form["topic"] = topic
            self._post(who, path, form)
        self.look(who, f"/lectures/{lecture}/")

    def move_lecture(self, who: int, lecture: int, room: int) -> None:
        """Give a lecture another room."""
        path, form = f"/lectures/{lecture}/edit/", self.lectures[lecture]["form"]
        self.look(who, path)
        form["room"] = room
        self._post(who, path, form)
        self.look(who, f"/lectures/{lecture}/")

    def rename_room(self, who: int, room: int) -> None:
        """Give a room another name."""
        self.look(who, "/rooms/")
        self._post(who, f"/rooms/{room}/", {"name": f"Hall {room}", "capacity": 80})
        self.look(who, "/rooms/")

    def enrol(self, who: int, code: str) -> None:
        """Enrol with the code of a course."""
        self.look(who, "/courses/enrol/")
        self._post(who, "/courses/enrol/", {"code": code})

    def ask_for_leave(self, who: int) -> None:
        """File a request."""
        path, day = "/requests/new/leave/", time.strftime("%Y-%m-%d", time.gmtime(self.passing.time() + 86_400))
        self.look(who, path)
        self._post(who, path, {"from_day": day, "until_day": day, "reason": "At the dentist's."})
        self.look(who, "/requests/")

    def decide_request(self, who: int) -> None:
        """Look at what waits, and approve the first request if there is one."""
        found = _REQUEST.search(self.look(who, "/requests/"))
        if found:
            self.look(who, f"/requests/{found[1]}/")
            self._post(who, f"/requests/{found[1]}/decide/", {"decision": "approve", "answer": "Get well."})
