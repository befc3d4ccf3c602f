"""Sealing beside the requests of a serving process: every few seconds when something waits, and when it is asked for.

The thread starts with the first request of a process; every process has one, and whoever comes first seals.
"""

import logging
import os
import threading
from typing import Any

from django.conf import settings
from django.core.signals import request_started
from django.db import Error, close_old_connections, connection

from attendance.services.refusals import Refusal
from attendance.services.sealing import seal_all

log = logging.getLogger("lumina_learn.ledger")

EVERY = 5.0
"""Seconds between two looks at what waits."""
wanted = threading.Event()
"""Set while somebody waits for a block."""
_lock = threading.Lock()
_started_in = 0


def connect() -> None:
    """Start the thread with the first request of each process."""
    request_started.connect(_start, dispatch_uid="ledger.start")


def seal_soon() -> None:
    """Have the thread of this process seal at once; where there is none, the next one to look does it."""
    wanted.set()


def _start(**_: Any) -> None:
    global _started_in
    if _started_in == os.getpid() or not settings.LEDGER_BACKGROUND:
        return
    with _lock:
        if _started_in == os.getpid():
            return
        _started_in = os.getpid()
        threading.Thread(target=_run, name="ledger-sealing", daemon=True).start()


def _run() -> None:
    said = ""
    while True:
        wanted.wait(EVERY)
        wanted.clear()
        problem = _try_to_seal()
        if problem and problem != said:
            log.error("No block was sealed: %s", problem)
        said = problem


def _try_to_seal() -> str:
    """Seal what waits, and return why that was not possible; nothing when it was."""
    try:
        seal_all()
    except Refusal as refusal:
        return str(refusal)
    except Error as error:
        connection.close()
        return type(error).__name__
    close_old_connections()
    return ""
