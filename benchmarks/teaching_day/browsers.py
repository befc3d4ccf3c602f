"""Browsers: one for each person, with the pages it has kept and the connections of whoever sends for it."""

import gzip
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

from benchmarks.teaching_day.passing import COST, FIGURES

TOLD_EVERY = 1.0
"""Seconds after which each process carries its numbers over to Redis."""


class _Line(threading.local):
    """The connection of one thread, which is kept open."""

    connection: HTTPConnection | None = None


_line = _Line()


@dataclass(frozen=True)
class Answer:
    """What came back: the page as the reader sees it, also when the server only said that it is unchanged."""

    status: int
    text: str
    place: str
    seconds: float
    cost: Counter[str]


@dataclass
class Browser:
    """What belongs to one person: the cookies of the session, and pages with their tags (RFC 9110, 8.8.3)."""

    port: int
    cookies: dict[str, str]
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """Return a page, asked for with the tag of the one that is kept."""
        tag, text = self.kept.get(path, ("", ""))
        answer, sent_tag = self._send("GET", path, {**headers, "If-None-Match": tag} if tag else headers)
        if answer.status == 304:
            return Answer(200, text, path, answer.seconds, answer.cost + Counter({"unchanged": 1}))
        if sent_tag:
            self.kept[path] = (sent_tag, answer.text)
        return answer

    def post(self, path: str, fields: dict[str, Any]) -> Answer:
        """Send a form."""
        body = urlencode({**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"]})
        return self._send("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, body)[0]

    def _send(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> tuple[Answer, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        began = time.perf_counter()
        sent = {**headers, "Cookie": cookies, "Accept-Language": "en", "Accept-Encoding": "gzip"}
        response = _asked(self.port, method, path, sent, body)
        content = response.read()
        seconds = time.perf_counter() - began
        text = (gzip.decompress(content) if response.headers["Content-Encoding"] == "gzip" else content).decode()
        self._take_cookies(response.headers.get_all("Set-Cookie") or [])
        cost = Counter(json.loads(response.headers[COST]))
        place = response.headers.get("Location", path)
        answer = Answer(response.status, text, place, seconds, cost)
        return answer, response.headers.get("ETag", "")

    def _take_cookies(self, sent: list[str]) -> None:
        """Keep cookies as a browser does: one that is empty is one that was taken away."""
        for each in sent:
            name, _equals, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
            if value in ("", '""'):
                del self.cookies[name]


def figures_told(port: int) -> dict[str, Any]:
    """Return what the product counted in all processes, once they have told each other."""
    time.sleep(2 * TOLD_EVERY)
    told: dict[str, Any] = json.loads(_asked(port, "GET", FIGURES, {}, None).read())
    return told


def _asked(port: int, method: str, path: str, headers: dict[str, str], body: str | None) -> Any:
    """Send a request; a line that the server closed meanwhile is opened again."""
    for attempt in range(2):
        if _line.connection is None or _line.connection.port != port:
            _line.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            _line.connection.request(method, path, body, headers)
            return _line.connection.getresponse()
        except (HTTPException, ConnectionError):
            _line.connection.close()
            if attempt or method == "POST":
                raise
    raise RuntimeError("A request was sent twice and answered never.")
