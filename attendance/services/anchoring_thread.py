"""Anchoring beside the requests of a serving process, when it is due.

Every process has such a thread, and whoever comes first does it. Without STELLAR_NETWORK it ends at once.
"""

import logging
import time

from django.conf import settings
from django.db import Error, close_old_connections, connection

from attendance.services.anchoring import anchor_when_due
from attendance.services.beside_requests import BesideRequests

log = logging.getLogger("lumina_learn.ledger")

EVERY = 15.0
"""Seconds between two looks at whether it is time."""


def _run() -> None:
    while settings.STELLAR_NETWORK:
        try:
            anchor_when_due()
        except Error as error:
            log.warning("The ledger was not anchored: %s", type(error).__name__)
            connection.close()
        close_old_connections()
        time.sleep(EVERY)


thread = BesideRequests("ledger-anchoring", _run)
