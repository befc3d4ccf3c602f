"""Two processes under load, and what is known about a run of them afterwards."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attendance.caching.rounds import L
from tests.faults.cache_checker import Loss, Story
from tests.servers.environment import PROJECT

BUSY_ROOMS = 12
EXPIRY_GRAIN = 0.001
"""Seconds: Redis ends the fence with the first whole millisecond after its moment."""


class Load:
    """The two processes `first` and `second`, their journals, and those of writers that come and go."""

    def __init__(self, folder: Path, environment: Mapping[str, str], quiet: str, busy: Sequence[str]) -> None:
        self._folder, self.environment, self._rooms = folder, dict(environment), (quiet, *busy)
        self.quiet = quiet
        self._offsets = [_clock_offset()]
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, redis_urls: Sequence[str]) -> None:
        """Start one process per address of Redis, and wait until each has been answered from there."""
        begun = time.monotonic()
        for name, url in zip(("first", "second"), redis_urls, strict=True):
            arguments = ["cache_worker", str(self._journal(name)), str(len(self.workers)), *self._rooms]
            self.workers.append(self._launch(name, arguments, url))
        self.wait_for(lambda story: len({r.process for r in story.reads if r.source == "redis"}) == len(redis_urls))
        self._begun = begun

    def kill_a_writer(self, step: str, redis_url: str) -> None:
        """Run a writer to the quiet room that kills itself at that step."""
        writer = self._launch(step, ["cache_killed_writer", str(self._journal(step)), step, self.quiet], redis_url)
        assert writer.wait(timeout=30) == -signal.SIGKILL, (self._folder / f"{step}.log").read_text()

    def wait_for(self, condition: Callable[[Story], bool], patience: float = 30) -> None:
        """Wait until what was written down so far fulfils a condition."""
        deadline = time.monotonic() + patience
        while not condition(self.story()):
            assert all(worker.poll() is None for worker in self.workers), self.log()
            assert time.monotonic() < deadline, f"not within {patience} s\n{self.log()}"
            time.sleep(0.1)

    def go_on(self, seconds: float) -> None:
        """Let the processes work, and look at the clock meanwhile."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._offsets.append(_clock_offset())
            time.sleep(0.05)

    def recover(self, since: float) -> None:
        """Wait until each process is answered from Redis again, and let them work for longer than L."""
        self.wait_for(lambda story: story.cached_again(since) < float("inf"))
        self.go_on(L.total_seconds() + 0.5)

    def end(self) -> Story:
        """End both processes in order and return what happened."""
        for worker in self.workers:
            worker.terminate()
        assert [worker.wait(timeout=30) for worker in self.workers] == [0] * len(self.workers), self.log()
        return self.story()

    def story(self) -> Story:
        """Return what happened so far."""
        return Story(sorted(self._folder.glob("*.journal")))

    @property
    def drift(self) -> float:
        """By how many seconds the clock of Redis and the one of the journals moved against each other."""
        return max(self._offsets) - min(self._offsets)

    def log(self) -> str:
        """Return what the processes said on their standard error."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self._folder.glob("*.log")))

    def stop(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def _journal(self, name: str) -> Path:
        return self._folder / f"{name}.journal"

    def _launch(self, name: str, arguments: Sequence[str], redis_url: str) -> "subprocess.Popen[bytes]":
        self._journal(name).touch()
        with (self._folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"tests.faults.{arguments[0]}", *arguments[1:]],
                cwd=PROJECT,
                env={**self.environment, "REDIS_URL": redis_url},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def _clock_offset() -> float:
    """Return wall clock minus monotonic clock; both are read so often that being interrupted between them shows not."""
    return min(time.time() - time.monotonic() for _ in range(20))


@contextlib.contextmanager
def running_load(load: Load, redis_urls: Sequence[str]) -> Iterator[Load]:
    """Have both processes work for as long as the block lasts."""
    try:
        load.start(redis_urls)
        yield load
    finally:
        load.stop()


def assert_kept(load: Load, story: Story, *, losses: Sequence[Loss] = ()) -> None:
    """Nothing was older than L, nothing lacked a confirmed write or one's own, and nothing failed."""
    allowed = L.total_seconds() + EXPIRY_GRAIN + load.drift
    too_old = [(age, read) for age, read in story.ages() if age > allowed]
    assert not story.failures, f"{len(story.failures)} failed, the first: {story.failures[0]}\n{load.log()}"
    assert not too_old, f"{len(too_old)} older than {allowed:.4f} s, the oldest: {max(too_old, key=lambda a: a[0])}"
    unseen = story.older_than_confirmed(losses)
    assert not unseen, f"{len(unseen)} answers lack confirmed writes, the first: {unseen[0]}"
    assert not story.older_than_own(), story.older_than_own()[0]


def summary(load: Load, story: Story, fault: str, begins: float, ends: float, but: str = "") -> str:
    """Return one line with the figures of a run."""
    hits = sum(read.source == "redis" for read in story.reads)
    oldest = max((age for age, _ in story.ages()), default=0.0)
    read, write = story.slowest(begins, but)
    unconfirmed = sum(not each.confirmed for each in story.writes)
    return (
        f"{fault}: {len(story.reads)} reads ({hits} from Redis), {len(story.writes)} writes"
        f" ({unconfirmed} unconfirmed); oldest answer {oldest:.3f} s"
        f" (allowed {L.total_seconds() + EXPIRY_GRAIN + load.drift:.4f}); slowest read {read:.3f} s and write"
        f" {write:.3f} s from the fault on; cached again after {story.cached_again(ends):.3f} s"
    )
