"""Requests to the WSGI application of this process: everything a server does for one but its HTTP."""

import gc
import io
import time
from dataclasses import dataclass
from typing import Any

from django.core.wsgi import get_wsgi_application


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: str
    headers: dict[str, str]
    body: bytes


class Browser:
    """Sends requests with the same cookies and headers."""

    def __init__(self, cookie: str, **headers: str) -> None:
        self._application = get_wsgi_application()
        self._environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "HTTP_HOST": "127.0.0.1:8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "HTTP_COOKIE": cookie,
            "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9",
            **headers,
        }

    def get(self, address: str) -> Answer:
        """Return what an address, with its query, answers."""
        path, _question_mark, query = address.partition("?")
        started: list[Any] = []
        environ = {**self._environ, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": io.BytesIO()}
        response: Any = self._application(environ, lambda status, headers, *_: started.extend((status, headers)))
        body = b"".join(response)
        response.close()
        return Answer(started[0], dict(started[1]), body)

    def cpu_seconds(self, address: str, number: int) -> float:
        """Return the CPU time of this process for that many requests, threads beside them included."""
        gc.collect()
        started = time.process_time()
        for _time in range(number):
            self.get(address)
        return time.process_time() - started

    def seconds(self, address: str, number: int) -> list[float]:
        """Return how long each of that many requests took."""
        taken = []
        for _time in range(number):
            started = time.perf_counter()
            self.get(address)
            taken.append(time.perf_counter() - started)
        return taken
