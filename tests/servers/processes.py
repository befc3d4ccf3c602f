"""Starting a server on a free port, waiting until it answers, and stopping it."""

import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_ATTEMPTS = 3
_SECONDS_TO_START = 60


class ServerDidNotStartError(RuntimeError):
    """A server ended or stayed silent instead of answering; the message ends with the last lines of its log."""


def free_port() -> int:
    """Return a port of this machine on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ordinary_user() -> dict[str, Any]:
    """Return arguments for `subprocess` that give up root, which PostgreSQL refuses; nothing for other users."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def launch(
    command: list[str | Path], folder: Path, *, configuration: str = "", account: Mapping[str, Any] | None = None
) -> subprocess.Popen[str]:
    """Start a server in that folder, with its log there and its configuration on standard input."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            text=True,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; they stop their servers last.
            **(account or {}),
        )
    assert process.stdin is not None
    with process.stdin as stream:
        stream.write(configuration)
    return process


def start_on_free_port(
    start: Callable[[int], subprocess.Popen[str]], answers: Callable[[int], bool], folder: Path
) -> tuple[subprocess.Popen[str], int]:
    """Return a server that answers and its port; another program may grab the port first, so there are three tries.

    Raises:
        ServerDidNotStartError: no try succeeded.
    """
    for _ in range(_ATTEMPTS):
        port = free_port()
        process = start(port)
        if _answers_in_time(process, lambda port=port: answers(port)):  # type: ignore[misc]
            return process, port
        stop(process, signal.SIGKILL)
    last_lines = "\n".join((folder / "log").read_text(errors="replace").splitlines()[-10:])
    raise ServerDidNotStartError(f"{process.args!r} did not start:\n{last_lines}")


def _answers_in_time(process: subprocess.Popen[str], answers: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        if answers():
            return True
        time.sleep(0.02)
    return False


def stop(process: subprocess.Popen[str], with_signal: signal.Signals) -> None:
    """End a server with that signal and wait for it; one that does not follow within ten seconds is killed."""
    process.send_signal(with_signal)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
