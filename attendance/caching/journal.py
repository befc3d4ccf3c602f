"""The cache's log, `logs/cache.log`: what was found, missed, stored and invalidated, one line each.

A request only puts its record into a queue. A thread of its process, started with the first one, gathers for a moment
and appends all lines at once to a file that all processes share and that is rotated under a lock, so no line is lost
between them, and a line costs a request next to nothing.
"""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue

from concurrent_log_handler import ConcurrentRotatingFileHandler
from django.conf import settings

log = logging.getLogger("lumina_learn.cache")

ON_REQUEST = " on request"
"""How the cause of a stamp ends when no row changed: somebody asked for it, and it has its line already."""
MOST_IDS = 10
"""From more rows of one table than this, a write has one line with their number."""


def hit(resource: str) -> None:
    """Note that a value was found, unless CACHE_LOG_HITS is off."""
    if settings.CACHE_LOG_HITS:
        log.info("Cache HIT: %s", resource)


def miss(resource: str) -> None:
    """Note that a value was not found, or not valid any more."""
    log.info("Cache MISS: %s", resource)


def stored(resource: str, timeout: timedelta) -> None:
    """Note that a value was stored, and for how long at most."""
    log.info("Cache SET: %s (timeout: %ds)", resource, timeout.total_seconds())


def invalidated(subject: str) -> None:
    """Note that the values of a subject, such as `course (ID: 5)`, ended."""
    log.info("Invalidated cache for %s", subject)


def written(causes: Iterable[str]) -> None:
    """Note whose values ended by a write: a line for each row, and for very many rows of a table one line.

    Args:
        causes: those of the stamps that were replaced, `<rule>:<id>:<verb>` or `<rule>:<number> rows:<verb>`.
    """
    rows = defaultdict(set)
    for cause in causes:
        rule, which, *_verb = cause.split(":")
        if not cause.endswith(ON_REQUEST):
            rows[rule].add(which or "all rows")
    for rule, those in sorted(rows.items()):
        if len(those) > MOST_IDS:
            invalidated(f"{rule} ({len(those)} rows)")
        else:
            for which in sorted(those):
                invalidated(f"{rule} ({which if ' ' in which else f'ID: {which}'})")


GATHER = 0.1
"""Seconds that the thread waits after a record for others to write along with it."""
MOST_AT_ONCE = 50
"""Lines that are written under one lock; a file grows beyond its size by no more than these."""


class QueuedFile(QueueHandler):
    """A handler that leaves the writing to a thread; a process that was forked starts one of its own.

    What waits in the queue when a process forks is written by the parent and by nobody else. `close`, which `logging`
    calls at the end of a process, waits until everything is written.
    """

    def __init__(self, filename: Path, most_bytes: int, kept_files: int) -> None:
        """Prepare; nothing is opened before the first line.

        Args:
            filename: the file, in a folder that exists.
            most_bytes: the size at which it is renamed to `<filename>.1`, that one to `.2`, and so on.
            kept_files: how many of these stay.
        """
        super().__init__(SimpleQueue())
        self._filename, self._most_bytes, self._kept_files = filename, most_bytes, kept_files
        self._file: ConcurrentRotatingFileHandler | None = None
        self._writer: threading.Thread | None = None
        self._writes_in = 0
        # A child that inherits a stream in the middle of a write would wait for it for ever when it ends.
        os.register_at_fork(before=self._pause, after_in_parent=self._go_on)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the record as it is: the thread formats it, and its arguments are text and numbers."""
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put a record into the queue of this process; `logging` calls it under the handler's lock."""
        if self._writes_in != os.getpid():
            self._start()
        self.queue.put_nowait(record)

    def _start(self) -> None:
        self._file = ConcurrentRotatingFileHandler(
            self._filename, maxBytes=self._most_bytes, backupCount=self._kept_files, encoding="utf-8"
        )
        self.queue, self._writes_in = SimpleQueue(), os.getpid()
        self._writer = threading.Thread(
            target=self._write, args=(self.queue, self._file), name="cache-journal", daemon=True
        )
        self._writer.start()

    def _write(self, queue: "SimpleQueue[logging.LogRecord | None]", file: ConcurrentRotatingFileHandler) -> None:
        """Write what comes through the queue until None does, many lines as one record."""
        goes_on = True
        while goes_on:
            waiting = [queue.get()]
            if queue.empty():
                time.sleep(GATHER)
            while len(waiting) < MOST_AT_ONCE and not queue.empty():
                waiting.append(queue.get())
            records = [record for record in waiting if record is not None]
            goes_on = len(records) == len(waiting)
            if records:
                file.handle(logging.makeLogRecord({"msg": "\n".join(map(self.format, records))}))

    def _pause(self) -> None:
        """Let no line be under way; in the child, `logging` makes all locks anew."""
        self.acquire()
        if self._file is not None:
            self._file.acquire()

    def _go_on(self) -> None:
        if self._file is not None:
            self._file.release()
        self.release()

    def close(self) -> None:
        """Write what waits, end the thread and close the file; a line that comes later opens it again."""
        self.acquire()
        try:
            if self._writer is not None and self._file is not None and self._writes_in == os.getpid():
                self.queue.put_nowait(None)
                self._writer.join()
                self._file.close()
            self._file, self._writer, self._writes_in = None, None, 0
        finally:
            self.release()
        super().close()
