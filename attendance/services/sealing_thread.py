"""Sealing beside the requests of a serving process: every few seconds when something waits, and when it is asked for.

Every process has such a thread, and whoever comes first seals.
"""

import logging
import threading

from django.db import Error, close_old_connections, connection

from attendance.services.beside_requests import BesideRequests
from attendance.services.refusals import Refusal
from attendance.services.sealing import seal_all

log = logging.getLogger("lumina_learn.ledger")

EVERY = 5.0
"""Seconds between two looks at what waits."""
wanted = threading.Event()
"""Set while somebody waits for a block."""


def seal_soon() -> None:
    """Have the thread of this process seal at once; where there is none, the next one to look does it."""
    wanted.set()


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


thread = BesideRequests("ledger-sealing", _run)
