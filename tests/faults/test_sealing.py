"""Sealing with real processes: several at once, and killed at every statement; every event is one entry, once."""

import json
import subprocess
import sys
import time
from pathlib import Path

from django.core.management import call_command

from attendance.models import AttendanceEvent, Checkpoint, LedgerEntry
from attendance.services.sealing import seal_all
from attendance.services.sealing_thread import EVERY
from tests.cast import Campus
from tests.faults.site import running_site
from tests.ledger.stage import mark, sealed_block

EVENTS, WRITERS, SEALERS = 150, 3, 3


def assert_each_event_has_one_entry() -> None:
    seal_all()
    entries = list(LedgerEntry.objects.order_by("index").values_list("index", "event"))
    assert [index for index, _event in entries] == list(range(AttendanceEvent.objects.count()))
    assert {event for _index, event in entries} == set(AttendanceEvent.objects.values_list("pk", flat=True))
    call_command("verify_ledger", verbosity=0)


def test_several_sequencers_seal_each_event_once_while_others_write(
    process_environment: dict[str, str], campus: Campus
) -> None:
    acts = ["record"] * WRITERS + ["seal"] * SEALERS
    command = [sys.executable, "-m", "tests.faults.sealer"]
    processes = [
        subprocess.Popen(
            [*command, act, str(EVENTS), str(campus.lecture.pk)],
            env=process_environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for act in acts
    ]
    errors = [process.communicate(timeout=240)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(acts), errors
    assert AttendanceEvent.objects.count() == WRITERS * EVENTS
    assert_each_event_has_one_entry()
    assert Checkpoint.objects.count() > 1


def test_killed_at_any_statement_a_block_is_there_whole_or_not_at_all(
    process_environment: dict[str, str], campus: Campus
) -> None:
    sealed_block(campus, campus.amira)
    for _time in range(3):
        mark(campus, campus.bilal)
    command = [sys.executable, "-m", "tests.faults.killed_sealing"]
    done = subprocess.run(command, env=process_environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    tries = json.loads(done.stdout)
    assert {(blocks, entries) for died, blocks, entries in tries} == {(1, 1), (2, 4)}
    assert len(tries) > 8 and [died for died, *_rest in tries][-1] is False
    assert_each_event_has_one_entry()


def test_a_serving_site_seals_by_itself(process_environment: dict[str, str], campus: Campus, tmp_path: Path) -> None:
    environment = {**process_environment, "LEDGER_BACKGROUND": "true"}
    with running_site(environment, process_environment["REDIS_URL"], tmp_path / "site") as site:
        for blocks in (1, 2):
            mark(campus, campus.amira)
            deadline = time.monotonic() + 3 * EVERY
            while Checkpoint.objects.count() < blocks:
                assert time.monotonic() < deadline, (tmp_path / "site" / "gunicorn").read_text()
                time.sleep(0.1)
        # In order: a process that outlives its master would seal what the next test leaves waiting.
        site.end()
    assert_each_event_has_one_entry()


def test_a_site_without_the_logs_key_says_so_and_goes_on_serving(
    process_environment: dict[str, str], campus: Campus, tmp_path: Path
) -> None:
    sealed_block(campus, campus.amira)
    mark(campus, campus.amira)
    environment = {**process_environment, "LEDGER_BACKGROUND": "true", "LEDGER_KEY_FILE": str(tmp_path / "other.key")}
    with running_site(environment, process_environment["REDIS_URL"], tmp_path / "site") as site:
        deadline = time.monotonic() + 3 * EVERY
        while "No block was sealed: The key file holds" not in (tmp_path / "site" / "gunicorn").read_text():
            assert time.monotonic() < deadline, (tmp_path / "site" / "gunicorn").read_text()
            time.sleep(0.1)
        assert site.get("/login/").status == 200
        site.end()
    assert Checkpoint.objects.count() == 1
