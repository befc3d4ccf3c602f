"""The product behind its real server, gunicorn with two processes, on a copy of a prepared database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.servers.environment import PROJECT, environment_of_tests


def copied_database(template: str, own: str) -> str:
    """Return the address of a copy of a PostgreSQL database that nobody is connected to; `own` is its name."""
    there = urlsplit(template)
    with psycopg.connect(there._replace(path="/postgres").geturl(), autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(made.format(sql.Identifier(own), sql.Identifier(there.path[1:])))
    return there._replace(path=f"/{own}").geturl()


def environment(database: str, redis: str, settings: str, enabled: str) -> dict[str, str]:
    """Return the variables of a server in production's manner: `enabled` says whether the cache is on."""
    surroundings = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return (
        surroundings
        | environment_of_tests(database, redis)
        | {
            "PYTHONPATH": str(PROJECT),
            "DJANGO_SETTINGS_MODULE": settings,
            "CACHE_ENABLED": enabled,
            "CACHE_BACKGROUND": "true",
            "CACHE_LOG_HITS": "false",
        }
    )


def run(arguments: list[str], variables: dict[str, str]) -> str:
    """Run Python in the folder of the project and return what it wrote."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=PROJECT, env=variables, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 -- our own


KEEPS_LINES = ("--keep-alive", "30")
"""For senders that pause on a line for longer than the two seconds after which gunicorn closes it."""


@contextmanager
def server(
    variables: dict[str, str], application: str = "attendance_system.wsgi", options: tuple[str, ...] = KEEPS_LINES
) -> Iterator[tuple[int, int]]:
    """Start the server, and yield its port and the id of its first process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *options]
    with subprocess.Popen([*command, application], cwd=PROJECT, env=variables) as process:  # noqa: S603 -- our own
        try:
            _wait_for(port)
            yield port, process.pid
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process's children so far, by /proc/<pid>/stat (man 5 proc: fields 14 and 15)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    stats = [Path(f"/proc/{child}/stat").read_text("ascii").rpartition(")")[2].split() for child in children]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("The server did not start.")
