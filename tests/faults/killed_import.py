"""Import and undo, killed at one statement after the other: `python -m tests.faults.killed_import ORGANISATION`.

Each try is a child that kills itself before the statement of that number, with the signal that cannot be caught. Prints
as JSON what was stored after each try: the act, the number, the import's state, and a digest of everything else.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 -- models need the setup

from attendance.models import Import, Organisation  # noqa: E402
from attendance.services.importing.undoing import undo  # noqa: E402
from tests.services.importing.small_set import MARKS, WITHOUT_MARKS, applied  # noqa: E402
from tests.services.stored_rows import everything  # noqa: E402

MOST, STRIDE = 2_000, 3


def in_a_child(act: Callable[[], object], number: int) -> bool:
    """Run an act that dies before its statement of that number; return whether it died."""
    connection.close()
    child = os.fork()
    if child == 0:
        left = [number]

        def count(execute: Callable[..., Any], *arguments: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*arguments)

        connection.execute_wrappers.append(count)
        act()
        connection.close()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"The child failed with {os.WEXITSTATUS(status)}.")
    return os.WIFSIGNALED(status)


def digest(*besides: str) -> str:
    left_out = ("Import", "ImportRow", *besides)
    rows = {name: each for name, each in everything().items() if name not in left_out}
    return sha256(repr(sorted(rows.items())).encode()).hexdigest()


def tries(name: str, act: Callable[[], object], reached: str) -> list[tuple[str, int, bool, str]]:
    """Kill an act at its first statement, the fourth and so on, until an import has reached that state."""
    found, earlier = [], Import.objects.filter(state=reached).count()
    for number in range(1, MOST, STRIDE):
        died = in_a_child(act, number)
        done = Import.objects.filter(state=reached).count() > earlier
        found.append((name, number, done, digest()))
        if done or not died:
            return found
    raise RuntimeError("It never came to its end.")


def main(slug: str) -> None:
    school = Organisation.objects.get(slug=slug)
    found = [("before", 0, False, digest()), ("rows before", 0, False, digest("AttendanceEvent"))]
    found += tries("apply", lambda: applied(school, *WITHOUT_MARKS), "applied")
    found += tries("undo", lambda: undo(applied=Import.objects.get(state="applied"), actor=None), "undone")
    found.append(("rows undone", 0, False, digest("AttendanceEvent")))
    applied(school, *WITHOUT_MARKS)
    found.append(("between", 0, False, digest()))
    found += tries("marks", lambda: applied(school, *MARKS), "applied")
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
