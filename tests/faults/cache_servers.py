"""Redis servers that a test may kill, freeze and start again, and a Sentinel that watches two of them."""

import contextlib
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from tests.servers.processes import launch, start_on_free_port, stop
from tests.servers.redis_server import answers, redis_binary


class RedisServer:
    """A Redis in a folder of its own; started again, it has the same port and what it saved there."""

    def __init__(self, folder: Path, password: str, options: Sequence[str] = ()) -> None:
        folder.mkdir(mode=0o700)
        self._folder, self._password, self._options = folder, password, options
        self.process, self.port = start_on_free_port(self._launch, self._answers, folder)
        self.client = redis.Redis.from_url(self.url, decode_responses=True)

    @property
    def url(self) -> str:
        return self.url_through(self.port)

    def url_through(self, port: int) -> str:
        """Return the address of this server behind another port of this machine."""
        return f"redis://:{self._password}@127.0.0.1:{port}/0"

    def start(self) -> None:
        """Start again after `kill`, and wait until it answers."""
        start_again = start_on_free_port(
            lambda _: self._launch(self.port), lambda _: self._answers(self.port), self._folder
        )
        self.process = start_again[0]

    def kill(self) -> None:
        stop(self.process, signal.SIGKILL)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def _launch(self, port: int) -> "subprocess.Popen[str]":
        secret = [f"requirepass {self._password}", f"masterauth {self._password}"]
        lines = ["bind 127.0.0.1", f"port {port}", *secret, 'save ""', f'dir "{self._folder}"', *self._options]
        return launch([redis_binary(), "-"], self._folder, configuration="\n".join(lines))

    def _answers(self, port: int) -> bool:
        return answers(self.url_through(port))


@contextlib.contextmanager
def redis_of_its_own(folder: Path, password: str = "", options: Sequence[str] = ()) -> Iterator[RedisServer]:
    """Run a Redis for as long as the block lasts, whatever is done to it in between."""
    server = RedisServer(folder, password or secrets.token_hex(16), options)
    try:
        yield server
    finally:
        server.client.close()
        server.kill()


class Sentinel:
    """A Sentinel that alone decides when a primary is gone, and promotes its replica."""

    def __init__(self, folder: Path, primary: RedisServer, password: str) -> None:
        folder.mkdir(mode=0o700)
        self._folder, self._primary, self._password = folder, primary, password
        self.process, port = start_on_free_port(self._launch, lambda port: answers(f"redis://127.0.0.1:{port}"), folder)
        self.client = redis.Redis(port=port, decode_responses=True)

    def _launch(self, port: int) -> "subprocess.Popen[str]":
        file = self._folder / "sentinel.conf"  # It keeps what it finds out in the same file.
        watched = f"pair 127.0.0.1 {self._primary.port} 1"
        lines = [
            f"port {port}",
            "bind 127.0.0.1",
            f'dir "{self._folder}"',
            f"sentinel monitor {watched}",
            f"sentinel auth-pass pair {self._password}",
            "sentinel down-after-milliseconds pair 500",
            "sentinel failover-timeout pair 5000",
        ]
        file.write_text("\n".join(lines) + "\n")
        return launch([redis_binary(), file, "--sentinel"], self._folder)

    def primary_port(self) -> int:
        """Return the port of the present primary."""
        address: Any = self.client.sentinel_get_master_addr_by_name("pair")
        return int(address[1])

    def knows_the_replica(self) -> bool:
        """Say whether a replica was found that could take over."""
        return any(
            int(replica["port"]) and not replica["is_disconnected"] for replica in self.client.sentinel_slaves("pair")
        )


@dataclass
class Pair:
    """A primary, its replica and the Sentinel above them."""

    primary: RedisServer
    replica: RedisServer
    sentinel: Sentinel

    def stop_replicating(self) -> None:
        """Cut the replica off: it no longer has the password, and its connection ends."""
        self.replica.client.config_set("masterauth", "another")
        self.primary.client.client_kill_filter(_type="replica")

    def wait_for_the_other(self) -> int:
        """Return the port of the new primary once Sentinel has promoted it."""
        wait_until(lambda: self.sentinel.primary_port() == self.replica.port)
        return self.replica.port


@contextlib.contextmanager
def redis_pair(folder: Path) -> Iterator[Pair]:
    """Run a primary, a replica that has caught up, and a Sentinel that knows both."""
    folder.mkdir()
    password = secrets.token_hex(16)
    with (
        redis_of_its_own(folder / "primary", password) as primary,
        redis_of_its_own(folder / "replica", password, ["repl-diskless-sync-delay 0"]) as replica,
    ):
        replica.client.replicaof("127.0.0.1", primary.port)
        wait_until(lambda: replica.client.info("replication")["master_link_status"] == "up")
        sentinel = Sentinel(folder / "sentinel", primary, password)
        try:
            wait_until(sentinel.knows_the_replica)
            yield Pair(primary, replica, sentinel)
        finally:
            sentinel.client.close()
            stop(sentinel.process, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], patience: float = 30) -> None:
    """Wait for something that a server is about to do."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "the server did not do it"
        time.sleep(0.02)
