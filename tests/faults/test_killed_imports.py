"""An import or its undoing that is killed at any statement has happened whole, or not at all."""

import json
import subprocess
import sys
from itertools import groupby

from attendance.models import Attendance, Organisation
from tests.cast import person
from tests.services.importing.small_set import EVERYTHING, prepared, totals


def test_killed_at_any_statement_nothing_half_done_remains(process_environment: dict[str, str]) -> None:
    school = Organisation.objects.create(slug="aldermoor", name="Aldermoor", time_zone="Europe/London")
    person(school, "tomas", "admin", "Tomas Lindqvist")
    command = [sys.executable, "-m", "tests.faults.killed_import", "aldermoor"]
    done = subprocess.run(command, env=process_environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    tries = {name: list(each) for name, each in groupby(json.loads(done.stdout), key=lambda each: each[0])}
    ((_name, _number, _done, before),) = tries["before"]
    after = tries["apply"][-1][3]
    assert {digest for *_rest, reached, digest in tries["apply"] if not reached} == {before}
    assert {digest for *_rest, reached, digest in tries["undo"] if not reached} == {after}
    # What changed and changed back are two acts of the record, which no undoing takes away.
    assert tries["rows undone"][0][3] == tries["rows before"][0][3] and before != after
    assert {digest for *_rest, reached, digest in tries["marks"] if not reached} == {tries["between"][0][3]}
    assert min(len(tries[name]) for name in ("apply", "undo", "marks")) > 5
    assert Attendance.objects.count() == 3
    assert totals(prepared(school, *EVERYTHING)) == {"same": len(EVERYTHING) + 3}
