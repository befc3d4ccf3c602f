"""A phone as far as a server sees it: one connection, its own cookies, forms sent with their token.

It speaks just as much HTTP/1.1 (RFC 9112) as our servers answer with, so that whoever sends 25 requests a second takes
little of the processors that are measured.
"""

import asyncio
import gzip
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nSet-Cookie: ([^=]+)=([^;\r]*)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nLocation: ([^\r]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What came back, and how many seconds after it was asked for."""

    status: int
    location: str
    content: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The page, unpacked."""
        packed = self.content.startswith(b"\x1f\x8b")
        return (gzip.decompress(self.content) if packed else self.content).decode()


@dataclass
class Browser:
    """One phone; `cookies` are those it has, and those it is given."""

    port: int
    cookies: dict[str, str]
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None)

    async def get(self, path: str) -> Answer:
        """Return the answer to a request for a page."""
        return await self._asked("GET", path, b"")

    async def post(self, path: str, **fields: str) -> Answer:
        """Return the answer to a form, sent with the token that belongs to the cookie."""
        return await self._asked("POST", path, urlencode({**fields, "csrfmiddlewaretoken": self._token}).encode())

    def close(self) -> None:
        """Leave, without waiting until the server has noticed."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    @property
    def _token(self) -> str:
        return self.cookies.get("csrftoken", "")

    async def _asked(self, method: str, path: str, body: bytes) -> Answer:
        began = time.perf_counter()
        try:
            head, content = await self._exchanged(self._request(method, path, body))
        except (asyncio.IncompleteReadError, ConnectionError):
            # The server closes lines on which nothing came for two seconds, and nobody can tell before asking again.
            self.close()
            head, content = await self._exchanged(self._request(method, path, body))
        self.cookies.update({name.decode(): value.decode() for name, value in _COOKIE.findall(head)})
        location = _LOCATION.search(head)
        if b"\r\nConnection: close" in head:
            self.close()
        return Answer(int(head[9:12]), location[1].decode() if location else "", content, time.perf_counter() - began)

    async def _exchanged(self, request: bytes) -> tuple[bytes, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return head, await reader.readexactly(int(length[1])) if length else b""

    def _request(self, method: str, path: str, body: bytes) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: {cookies}",
            "Accept-Language: en-GB,en;q=0.9",
            "Accept-Encoding: gzip, deflate",
            "User-Agent: Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Mobile",
        ]
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body
