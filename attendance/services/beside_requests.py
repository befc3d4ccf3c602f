"""Threads that a serving process has beside its requests: each starts with the first request, one in every process."""

import os
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import request_started


class BesideRequests:
    """A thread of the ledger, which `LEDGER_BACKGROUND` switches off.

    It starts neither at import nor in commands, and a process that was forked starts its own.
    """

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        """Prepare a thread of that name, which does this and never returns."""
        self._name, self._run = name, run
        self._lock = threading.Lock()
        self._started_in = 0

    def connect(self) -> None:
        """Start it with the first request of each process."""
        request_started.connect(self._start, dispatch_uid=self._name)

    def _start(self, **_: Any) -> None:
        if self._started_in == os.getpid() or not settings.LEDGER_BACKGROUND:
            return
        with self._lock:
            if self._started_in == os.getpid():
                return
            self._started_in = os.getpid()
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
