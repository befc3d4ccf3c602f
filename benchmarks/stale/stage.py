"""Where one cache is tried: a database and a Redis of its own, processes that use it, and the truth beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.servers import Servers
from tests.servers.environment import PROJECT

Key = tuple[str, int]
Answer = list[list[Any]]
SHELVES, ROOMS, BOOKS_PER_SHELF = (1, 2, 3, 4), (1, 2), 60
KEYS: tuple[Key, ...] = (*(("shelf", shelf) for shelf in SHELVES), *(("room", room) for room in ROOMS))
_TRUTH = """
SELECT b.id, b.title, b.pages FROM toys_book b JOIN toys_shelf s ON s.id = b.shelf_id
WHERE CASE %s WHEN 'shelf' THEN s.id ELSE s.room END = %s ORDER BY b.id
"""
_FIRST_ROWS = """
INSERT INTO toys_shelf (room) SELECT 1 + number %% 2 FROM generate_series(1, %(shelves)s) number;
INSERT INTO toys_book (shelf_id, title, pages)
SELECT 1 + number %% %(shelves)s, 'Book ' || number, 100 FROM generate_series(1, %(shelves)s * %(books)s) number
"""


class Worker:
    """A process of `worker`."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "benchmarks.stale.worker"]
        self._process = subprocess.Popen(  # noqa: S603 -- our own program
            command, cwd=PROJECT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def tell(self, command: str, **arguments: object) -> None:
        """Have it do something, without waiting."""
        assert self._process.stdin is not None  # noqa: S101 -- it was asked for
        self._process.stdin.write(json.dumps([command, arguments]) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Wait for the answer to the oldest command that has none yet.

        Raises:
            RuntimeError: the process ended; what it says is on standard error.
        """
        assert self._process.stdout is not None  # noqa: S101 -- it was asked for
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A process of the comparison ended early.")
        return json.loads(line)

    def ask(self, command: str, **arguments: object) -> Any:
        """Have it do something and wait for the answer."""
        self.tell(command, **arguments)
        return self.answer()

    def end(self) -> None:
        """Let the process end, and wait for it."""
        self._process.communicate()


@dataclass(frozen=True)
class Stage:
    """The processes of one cache, and a connection that no cache knows of."""

    workers: list[Worker]
    by_hand: "psycopg.Connection[tuple[Any, ...]]"

    def truth(self, key: Key) -> Answer:
        """Return what the database says."""
        return [list(row) for row in self.by_hand.execute(_TRUTH, key).fetchall()]

    def reads_of_the_database(self) -> int:
        """Return for how many reads the processes asked the database, because the cache did not have the answer."""
        return sum(worker.ask("reads of the database") for worker in self.workers)


@contextmanager
def stage(servers: Servers, name: str, workers: int) -> Iterator[Stage]:
    """Set the stage for a cache whose settings are `settings_<name>`."""
    database = servers.new_postgresql_database(f"stale_{name}_{workers}")
    environment = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ} | {
        "DJANGO_SETTINGS_MODULE": f"benchmarks.stale.settings_{name}",
        "DATABASE_URL": database,
        "REDIS_URL": servers.new_redis_database(),
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    subprocess.run(migrate, cwd=PROJECT, env=environment, check=True)  # noqa: S603 -- our own program
    with ExitStack() as resources, psycopg.connect(database, autocommit=True) as by_hand:
        psycopg.ClientCursor(by_hand).execute(_FIRST_ROWS, {"shelves": len(SHELVES), "books": BOOKS_PER_SHELF})
        running = [Worker(environment) for _ in range(workers)]
        for worker in running:
            resources.callback(worker.end)
        yield Stage(running, by_hand)
