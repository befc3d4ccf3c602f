"""Redis, processes and connections fail under load: answers stay young, writes succeed, and it ends by itself."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attendance.models import Organisation, Room
from tests.faults.cache_checker import Loss
from tests.faults.cache_load import BUSY_ROOMS, Load, assert_kept, running_load, summary
from tests.faults.cache_servers import redis_of_its_own, redis_pair
from tests.faults.cache_way import ways_to

Say = Callable[[str], None]


@pytest.fixture
def load(process_environment: dict[str, str], tmp_path: Path) -> Load:
    """Two processes that serve a quiet room and busy ones, each room in an organisation of its own."""
    rooms = []
    for number in range(BUSY_ROOMS + 1):
        organisation = Organisation.objects.create(slug=f"college-{number}", name=f"College {number}")
        Room.objects.create(organisation=organisation, name="Hall", capacity=0)
        rooms.append(organisation.pk.hex)
    folder = tmp_path / "load"
    folder.mkdir()
    return Load(folder, {**process_environment, "CACHE_BACKGROUND": "true"}, rooms[0], rooms[1:])


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """A function that shows a line of figures although the test passes."""

    def show(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", flush=True)  # noqa: T201 -- these figures are what the run is for

    return show


def test_redis_is_killed_and_comes_back_empty(load: Load, tmp_path: Path, say: Say) -> None:
    with redis_of_its_own(tmp_path / "redis") as server, running_load(load, [server.url] * 2):
        load.go_on(1.5)
        begins = time.monotonic()
        server.kill()
        load.go_on(2.5)
        server.start()
        ends = time.monotonic()
        load.recover(ends)
        story = load.end()
    say(summary(load, story, "killed and empty", begins, ends))
    assert_kept(load, story)


def test_redis_freezes_shorter_and_longer_than_the_fence(load: Load, tmp_path: Path, say: Say) -> None:
    with redis_of_its_own(tmp_path / "redis") as server, running_load(load, [server.url] * 2):
        load.go_on(1)
        begins = time.monotonic()
        for seconds in (1.0, 3.0):
            server.freeze()
            load.go_on(seconds)
            server.thaw()
            ends = time.monotonic()
            load.recover(ends)
        story = load.end()
    say(summary(load, story, "frozen", begins, ends))
    assert_kept(load, story)


def test_redis_comes_back_with_an_old_file(load: Load, tmp_path: Path, say: Say) -> None:
    with redis_of_its_own(tmp_path / "redis") as server, running_load(load, [server.url] * 2):
        load.go_on(1)
        server.client.save()
        begins = time.monotonic()
        losses = []
        for seconds in (0.7, 2.5):  # The fence in the file still stands the first time, and has ended the second time.
            load.go_on(seconds)
            lost_from = time.monotonic()
            server.kill()
            server.start()
            ends = time.monotonic()
            losses.append(Loss(lost_from, ends))
        load.recover(ends)
        story = load.end()
    say(summary(load, story, "old file", begins, ends))
    assert_kept(load, story, losses=losses)


def test_redis_is_flushed(load: Load, tmp_path: Path, say: Say) -> None:
    with redis_of_its_own(tmp_path / "redis") as server, running_load(load, [server.url] * 2):
        load.go_on(1)
        begins = time.monotonic()
        for _ in range(3):
            server.client.flushall()
            ends = time.monotonic()
            load.go_on(1)
        load.recover(ends)
        story = load.end()
    say(summary(load, story, "flushed", begins, ends))
    assert_kept(load, story)


def test_sentinel_promotes_a_replica_that_was_behind(load: Load, tmp_path: Path, say: Say) -> None:
    with (
        redis_pair(tmp_path / "pair") as pair,
        ways_to(pair.primary.port, 2) as ways,
        running_load(load, [pair.primary.url_through(way.port) for way in ways]),
    ):
        load.go_on(1)
        pair.stop_replicating()
        load.go_on(1)
        begins = time.monotonic()
        pair.primary.kill()
        promoted = pair.wait_for_the_other()
        lost_from = time.monotonic()
        for way in ways:
            way.lead_to(promoted)
        ends = time.monotonic()
        load.recover(ends)
        story = load.end()
    say(summary(load, story, "failed over", begins, ends))
    assert_kept(load, story, losses=[Loss(lost_from, ends)])


def test_one_of_two_processes_is_cut_off(load: Load, tmp_path: Path, say: Say) -> None:
    with (
        redis_of_its_own(tmp_path / "redis") as server,
        ways_to(server.port, 2) as ways,
        running_load(load, [server.url_through(way.port) for way in ways]),
    ):
        load.go_on(1)
        begins = time.monotonic()
        ways[0].cut()
        load.go_on(2.5)
        ways[0].lead_to(server.port)
        load.go_on(1)
        ways[0].silence()
        load.go_on(2.5)
        ways[0].resume()
        ends = time.monotonic()
        load.recover(ends)
        story = load.end()
    say(summary(load, story, "one cut off", begins, ends))
    assert_kept(load, story)


def test_writers_are_killed_at_each_step(load: Load, tmp_path: Path, say: Say) -> None:
    with redis_of_its_own(tmp_path / "redis") as server, running_load(load, [server.url] * 2):
        begins = time.monotonic()
        for step in ("before-the-commit", "after-the-stamps", "before-the-stamps"):
            load.kill_a_writer(step, server.url)
        ends = time.monotonic()
        load.recover(ends)
        story = load.end()
    say(summary(load, story, "writers killed", begins, ends))
    assert_kept(load, story)
    assert sorted(commit.value for commit in story.commits if commit.room == load.quiet) == [1, 2]
    assert max(read.value for read in story.reads if read.room == load.quiet) == 2


def test_no_background_thread_lives(load: Load, tmp_path: Path, say: Say) -> None:
    load.environment["CACHE_BACKGROUND"] = "false"
    with redis_of_its_own(tmp_path / "redis") as server, running_load(load, [server.url] * 2):
        begins = time.monotonic()
        load.kill_a_writer("before-the-stamps", server.url)
        load.go_on(3)
        server.kill()
        load.go_on(0.5)
        server.start()
        ends = time.monotonic()
        load.recover(ends)
        story = load.end()
    say(summary(load, story, "no background", begins, ends))
    assert_kept(load, story)
    assert max(read.value for read in story.reads if read.room == load.quiet) == 1


def test_a_process_is_frozen(load: Load, tmp_path: Path, say: Say) -> None:
    with redis_of_its_own(tmp_path / "redis") as server, running_load(load, [server.url] * 2):
        load.go_on(1)
        begins = time.monotonic()
        for seconds in (1.0, 3.0):
            load.workers[0].send_signal(signal.SIGSTOP)
            load.go_on(seconds)
            load.workers[0].send_signal(signal.SIGCONT)
            ends = time.monotonic()
            load.recover(ends)
        story = load.end()
    say(summary(load, story, "process frozen", begins, ends, but="first"))
    assert_kept(load, story)


def test_whoever_loads_a_value_is_killed_and_the_others_are_served(load: Load, tmp_path: Path, say: Say) -> None:
    with redis_of_its_own(tmp_path / "redis") as server, running_load(load, [server.url] * 2):
        load.kill_a_writer("while-loading", server.url)
        died = time.monotonic()
        load.wait_for(
            lambda story: any(read.room == load.quiet and read.asked > died for read in story.reads), patience=5
        )
        story = load.end()
    say(summary(load, story, "loader killed", died, died))
    assert_kept(load, story)
