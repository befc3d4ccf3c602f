"""Requests as people send them: 95 in 100 read a page of their own, 5 write; each answer is judged."""

import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

THREADS, SECONDS, WRITES = 4, 8.0, 0.05
_TOPIC = re.compile(r"V([0-9]{6})")


@dataclass
class Load:
    """What is sent to one server, and what came back of it."""

    port: int
    readers: list[dict[str, Any]]
    targets: list[dict[str, Any]]
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    acknowledged: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    version: int = 0

    def visit_everything(self) -> None:
        """Let every reader look at every own page twice, so that what can be kept is."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=20)
        for _time in range(2):
            for reader in self.readers:
                for page in reader["pages"]:
                    status, _text = _sent(line, "GET", page, reader["cookies"])
                    if status != 200:
                        raise RuntimeError(f"{reader['name']} got {status} at {page}.")
        line.close()

    def run(self, seconds: float) -> None:
        """Send requests from all threads for that long."""
        self.counts, self.seconds = Counter(), []
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=self._client, args=(number, until)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self, number: int, until: float) -> None:
        choice, line = random.Random(self.seed + number), HTTPConnection("127.0.0.1", self.port, timeout=20)  # noqa: S311
        own = self.targets[number::THREADS]  # Two threads never write to the same lecture, so no save is in conflict.
        while time.monotonic() < until:
            if choice.random() < WRITES:
                self._write(line, choice, choice.choice(own))
            else:
                self._read(line, choice)
        line.close()

    def _read(self, line: HTTPConnection, choice: random.Random) -> None:
        reader = choice.choice(self.readers)
        page = choice.choice(reader["pages"])
        expected = self._expected(page)
        began = time.perf_counter()
        status, text = _sent(line, "GET", page, reader["cookies"])
        self.seconds.append(time.perf_counter() - began)
        self.counts["reads"] += 1
        if status != 200:
            self.counts[f"answered {status}"] += 1
        elif f"<bdi>{reader['name']}</bdi>" not in text:
            self.counts["foreign"] += 1
        elif expected and max(map(int, _TOPIC.findall(text)), default=0) < expected:
            self.counts["stale"] += 1

    def _expected(self, page: str) -> int:
        """Return the newest topic that was acknowledged for what a page shows, 0 where it shows none."""
        with self.lock:
            return max(
                (self.acknowledged.get(each["lecture"], 0) for each in self.targets if page in _shows(each)), default=0
            )

    def _write(self, line: HTTPConnection, choice: random.Random, target: dict[str, Any]) -> None:
        """Change the topic of a lecture, or the mark of a student in it."""
        mark = target["mark"]
        if choice.random() < 0.5:
            status = "late" if mark["status"] == "present" else "present"
            fields = {
                f"status-{mark['student']}": status,
                f"seen-{mark['student']}": f"{mark['status']}.{mark['version']}",
            }
            answer, _text = _sent(line, "POST", target["register"], target["cookies"], fields)
            if answer == 302:
                mark |= {"status": status, "version": mark["version"] + 1}
        else:
            with self.lock:
                self.version += 1
                version = self.version
            fields = {**target["form"], "topic": f"V{version:06}"}
            answer, _text = _sent(line, "POST", target["edit"], target["cookies"], fields)
            if answer == 302:
                with self.lock:
                    self.acknowledged[target["lecture"]] = version
        self.counts["writes"] += 1
        if answer != 302:
            self.counts[f"write answered {answer}"] += 1


def _shows(target: dict[str, Any]) -> tuple[str, str]:
    return target["page"], target["course"]


def _sent(
    line: HTTPConnection, method: str, path: str, cookies: dict[str, str], fields: dict[str, str] | None = None
) -> tuple[int, str]:
    """Return status and text of an answer; a line that the server closed meanwhile is opened again."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Accept-Language": "en"}
    body = None
    if fields is not None:
        body = urlencode({**fields, "csrfmiddlewaretoken": cookies["csrftoken"]})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    for attempt in range(2):
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            return response.status, response.read().decode()
        except (HTTPException, ConnectionError):
            line.close()
            if attempt or method == "POST":
                raise
    raise RuntimeError("A request was sent twice and answered never.")
