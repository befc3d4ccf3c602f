"""The breaker between requests and a Redis that does not answer.

The invariant kept here is *calm*: a frozen Redis costs each process one time-out. From then on requests do not try it;
the background rounds do, and close the breaker when it answers. Where no rounds run, one caller may try again after a
while.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from redis.exceptions import RedisError, ResponseError

log = logging.getLogger("lumina_learn.cache")

Answer = TypeVar("Answer")
PAUSE = 5.0
"""Seconds after which a caller may try again when nobody else did."""


class Breaker:
    """Lets calls to Redis through until one fails, then holds them back until one succeeds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._try_again_at = 0.0
        self.open = False

    @property
    def configured(self) -> bool:
        """Whether there is a Redis to call at all."""
        return bool(settings.REDIS_URL)

    def allows(self) -> bool:
        """Say whether a request may call Redis now; when it is time to try again, exactly one may."""
        if not self.configured:
            return False
        if not self.open:
            return True
        with self._lock:
            if time.monotonic() < self._try_again_at:
                return False
            self._try_again_at = time.monotonic() + PAUSE
            return True

    def attempt(self, call: Callable[[], object]) -> bool:
        """Make a call unless the breaker is open, and return whether it succeeded."""
        if not self.allows():
            return False
        try:
            call()
        except RedisError as error:
            self.failed(error)
            return False
        self.succeeded()
        return True

    def asked(self, question: Callable[[], Answer], otherwise: Callable[[], Answer]) -> Answer:
        """Return what Redis says, and otherwise what is known without it.

        For what nobody's page depends on: a key of another kind in its place holds no request back from Redis.
        """
        if self.allows():
            try:
                return question()
            except ResponseError as error:
                log.warning("Redis refuses to tell figures: %s", error)
            except RedisError as error:
                self.failed(error)
        return otherwise()

    def failed(self, error: RedisError) -> None:
        """Hold further calls back."""
        self._try_again_at = time.monotonic() + PAUSE
        if not self.open:
            self.open = True
            log.warning(
                "Redis connection failed (%s): pages come from the database; verify REDIS_URL", type(error).__name__
            )

    def succeeded(self) -> None:
        """Let calls through again."""
        if self.open:
            self.open = False
            log.warning("Redis answers again")


redis_breaker = Breaker()
