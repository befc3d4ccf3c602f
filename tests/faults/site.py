"""A site of two serving processes, readers who count what they are answered, and an operator who asks about it."""

import contextlib
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string

from attendance.models import User
from tests.cast import signed_in
from tests.servers.environment import PROJECT
from tests.servers.processes import free_port

TOKEN = "a-token-of-the-tests-alone"
PAGES = {
    "/teachers/": "teacher_list",
    "/courses/": "course_list",
    "/api/teachers/": "teacher_list_json",
    "/students/": "student_list",
}
"""What readers read, and what that is called in figures."""
THREADS = 4
PATIENCE = 5.0
"""Seconds within which figures, status and log have to tell the truth."""


@dataclass
class Site:
    """Two processes behind one port."""

    port: int
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes]"
    counted: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, path: str, cookie: str = "", **headers: str) -> http.client.HTTPResponse:
        """Return what a new connection is answered; which process answers is left to the system."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Cookie": cookie, **headers} if cookie else headers)
            response = connection.getresponse()
            response.body = response.read()  # type: ignore[attr-defined]
        finally:
            connection.close()
        return response

    def read(self, cookies: Sequence[str], number: int) -> None:
        """Let four readers at once ask for pages, each so many times, and count what the answers say of themselves.

        Who has no cookie is told nothing, and passed the cache by.
        """
        choices = [(path, cookie) for path in PAGES for cookie in cookies]

        def read(place: int) -> None:
            for each in range(number):
                response = self.get(*choices[(each * THREADS + place) % len(choices)])
                said = response.getheader("Cache-Status") or "LuminaLearn; fwd=bypass"
                with self.lock:
                    self.counted[said.split("; ")[1]] += 1
                    self.answers[response.status] += 1

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(read, range(THREADS)))

    # --- What an operator sees ----------------------------------------------------------------------------------------

    def ask(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `cache_monitor` beside the site."""
        command = [sys.executable, "manage.py", "cache_monitor", *arguments]
        return subprocess.run(
            command, cwd=PROJECT, env=dict(self.environment), capture_output=True, text=True, timeout=30
        )

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.ask("--status", "--json").stdout))

    def figures(self) -> Counter[str]:
        """Return the figures of the command for the pages that readers read, in the words of answers."""
        found: Counter[str] = Counter()
        for row in json.loads(self.ask("--stats", "--json").stdout):
            if row["resource"] in PAGES.values():
                found["hit"] += row["hits"]
                found["fwd=miss"] += sum(row["misses"].values())
                found["fwd=bypass"] += sum(row["bypassed"].values())
        return +found

    def metrics(self) -> Counter[str]:
        """Return the same from `/metrics`."""
        text = self.get("/metrics", authorization=f"Bearer {TOKEN}").body.decode()  # type: ignore[attr-defined]
        found: Counter[str] = Counter()
        for kind, word in (("hits", "hit"), ("misses", "fwd=miss"), ("bypassed", "fwd=bypass")):
            samples = re.findall(rf'^lumina_cache_{kind}_total{{resource="(\w+)".*}} (\d+)$', text, re.MULTILINE)
            found[word] = sum(int(number) for resource, number in samples if resource in PAGES.values())
        return +found

    def noted(self) -> Counter[str]:
        """Return the same from the log, which both processes write; passing the cache by leaves no line."""
        found = Counter({"fwd=bypass": self.counted["fwd=bypass"]})
        for kind, word in (("HIT", "hit"), ("MISS", "fwd=miss")):
            noted = Counter(re.findall(rf"lumina_learn\.cache: Cache {kind}: (\w+)$", self.lines(), re.MULTILINE))
            found[word] = sum(noted[resource] for resource in PAGES.values())
        return found

    def soon(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first status that fulfils a condition; it has to come in time."""
        deadline = time.monotonic() + PATIENCE
        while True:
            asked = time.monotonic()
            status = self.status()
            if condition(status):
                return status
            assert asked < deadline, f"not within {PATIENCE} s: {status}\n{self.lines()}"

    def settles(self) -> None:
        """See that command and metrics both come to say what readers counted."""
        deadline = time.monotonic() + PATIENCE
        while True:
            asked = time.monotonic()
            said = [self.figures(), self.metrics()]
            if said == [self.counted, self.counted]:
                return
            assert asked < deadline, f"{said} instead of {self.counted}"

    def lines(self) -> str:
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def end(self) -> None:
        """Let both processes end in order."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0


def cookie_of(person: User) -> str:
    """Return the cookies of a browser in which somebody is signed in."""
    session = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={_get_new_csrf_string()}"


@contextlib.contextmanager
def running_site(environment: Mapping[str, str], redis_url: str, folder: Path) -> Iterator[Site]:
    """Serve with two processes for as long as the block lasts."""
    folder.mkdir()
    port = free_port()
    own = {
        **environment,
        "REDIS_URL": redis_url,
        "CACHE_BACKGROUND": "true",
        "LOG_DIR": str(folder),
        "METRICS_TOKEN": TOKEN,
        "WEB_CONCURRENCY": "2",
    }
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "attendance_system.wsgi"]
    with (folder / "gunicorn").open("wb") as said:
        process = subprocess.Popen(command, cwd=PROJECT, env=own, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    site = Site(port, own, folder / "cache.log", process)
    try:
        _wait_for_both(site)
        yield site
    finally:
        process.kill()
        process.wait()


def _wait_for_both(site: Site) -> None:
    """Wait until each process has served somebody, which starts its threads, and has said so."""
    deadline = time.monotonic() + 60
    while True:
        assert time.monotonic() < deadline and site.process.poll() is None, "the site did not start"
        with contextlib.suppress(ConnectionError):
            for _time in range(20):
                site.get("/login/")
            if len(site.status()["processes"]) == 2:
                return
        time.sleep(0.1)
