"""Anchoring with real processes: killed on the way, several at once, and a chain that is away while the site works."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from attendance import clock
from attendance.models import Anchor, Checkpoint
from tests.cast import Campus
from tests.faults.site import running_site
from tests.ledger.anchoring import horizon
from tests.ledger.stage import mark, sealed_block
from tests.servers.horizon import StubHorizon

__all__ = ["horizon"]
COMMAND = [sys.executable, "manage.py", "anchor_ledger"]
PROCESSES, BLOCKS = 3, 6


@pytest.fixture
def environment(process_environment: dict[str, str], horizon: StubHorizon, settings: Settings) -> dict[str, str]:
    """The variables with which another process anchors there, too."""
    names = ("STELLAR_NETWORK", "STELLAR_SECRET_KEY_FILE", "STELLAR_HORIZON_URL")
    return process_environment | {name: getattr(settings, name) for name in names}


def assert_the_chain_has_each_anchor_once(horizon: StubHorizon) -> None:
    confirmed = Anchor.objects.filter(confirmed_at__isnull=False)
    assert set(confirmed.values_list("transaction_hash", flat=True)) == set(horizon.transactions)
    assert not Anchor.objects.filter(confirmed_at=None).exists()
    assert confirmed.latest("checkpoint").checkpoint == Checkpoint.objects.latest("number")
    call_command("verify_ledger", anchors=True, verbosity=0)


@pytest.mark.parametrize(("fault", "taken"), [("hang before taking", 0), ("hang after taking", 1)])
def test_killed_while_it_hands_in_nothing_is_lost_and_nothing_comes_twice(
    environment: dict[str, str], campus: Campus, horizon: StubHorizon, fault: str, taken: int
) -> None:
    sealed_block(campus, campus.amira)
    horizon.fault = fault
    process = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.DEVNULL)
    assert horizon.entered.wait(60)
    process.kill()
    process.wait()
    stored = Anchor.objects.get()
    assert stored.submitted_at and stored.confirmed_at is None and len(horizon.transactions) == taken
    horizon.let_go.set()
    horizon.fault = ""
    newer = sealed_block(campus, campus.bilal)
    subprocess.run(COMMAND, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=120)
    assert list(horizon.transactions) == [stored.transaction_hash] and set(horizon.submissions) == {stored.envelope}
    subprocess.run(COMMAND, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=120)
    assert len(horizon.transactions) == 2 and Anchor.objects.latest("pk").checkpoint == newer
    assert_the_chain_has_each_anchor_once(horizon)


def test_killed_at_any_statement_one_anchor_is_in_the_chain(
    environment: dict[str, str], campus: Campus, horizon: StubHorizon
) -> None:
    sealed_block(campus, campus.amira)
    command = [sys.executable, "-m", "tests.faults.killed_anchoring"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    tries = json.loads(done.stdout)
    assert len(tries) > 8 and tries[-1] == [False, 1]
    assert len(horizon.transactions) == 1 == Anchor.objects.count()
    assert_the_chain_has_each_anchor_once(horizon)


def test_several_processes_anchor_each_block_once(
    environment: dict[str, str], campus: Campus, horizon: StubHorizon
) -> None:
    for _block in range(BLOCKS):
        sealed_block(campus, campus.amira)
        processes = [subprocess.Popen(COMMAND, env=environment, stdout=subprocess.DEVNULL) for _ in range(PROCESSES)]
        # One of them does it; another may find it done, or at work.
        assert 0 in [process.wait(120) for process in processes]
    subprocess.run(COMMAND, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=120)
    assert len(horizon.transactions) == BLOCKS
    assert_the_chain_has_each_anchor_once(horizon)


def test_a_serving_site_anchors_by_itself_and_goes_on_without_the_chain(
    environment: dict[str, str], campus: Campus, horizon: StubHorizon, tmp_path: Path
) -> None:
    horizon.fault = "hang"
    own = {**environment, "LEDGER_BACKGROUND": "true"}
    with running_site(own, environment["REDIS_URL"], tmp_path / "site") as site:
        for blocks in (1, 2):
            mark(campus, campus.amira)
            _until(lambda blocks=blocks: Checkpoint.objects.count() == blocks, tmp_path)  # type: ignore[misc]
            assert site.get("/login/").status == 200
        _until(lambda: Anchor.objects.filter(problem="unreachable").exists(), tmp_path)
        assert not horizon.transactions
        horizon.fault = ""
        horizon.let_go.set()
        Anchor.objects.update(next_try_at=clock.now())  # Instead of waiting half a minute.
        _until(lambda: bool(Anchor.objects.filter(confirmed_at__isnull=False)), tmp_path)
        site.end()
    assert len(horizon.transactions) == 1 == Anchor.objects.count()


def _until(holds: Callable[[], bool], folder: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, (folder / "site" / "gunicorn").read_text()
        time.sleep(0.1)
