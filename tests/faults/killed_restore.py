"""A backup or restore that is killed at one step: `python -m tests.faults.killed_restore STEP FILE`.

The steps are those of `STEPS`. It kills itself with the signal that cannot be caught, so nothing is tidied up.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import django

django.setup()

from attendance.archives.backups import Backup  # noqa: E402 -- models need the setup
from attendance.cache_utils import CacheManager  # noqa: E402
from attendance.caching import manual  # noqa: E402
from attendance.services import backups, restore  # noqa: E402


def die(*_: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives SIGKILL")


def after(act: Callable[..., object]) -> Callable[..., NoReturn]:
    """Return a function that does something to its end, and dies then."""

    def act_and_die(*args: Any) -> NoReturn:
        act(*args)
        die()

    return act_and_die


def die_at_lectures(table: str, _rows: int) -> None:
    if table == "attendance_lecture":
        die()


def put_back(path: Path, progress: Callable[[str, int], None] = lambda _table, _rows: None) -> None:
    with Backup(path) as backup:
        restore.restore(backup=backup, replace=True, progress=progress)


def while_writing(path: Path) -> None:
    backups.back_up(path=path, overwrite=True, progress=die_at_lectures)


def tables_emptied(path: Path) -> None:
    restore.empty = after(restore.empty)
    put_back(path)


def half_full(path: Path) -> None:
    put_back(path, progress=die_at_lectures)


def numbered(path: Path) -> None:
    restore.number_on = after(restore.number_on)
    put_back(path)


def before_the_commit(path: Path) -> None:
    CacheManager.clear_all = staticmethod(after(CacheManager.clear_all))  # type: ignore[method-assign]
    put_back(path)


def before_the_epoch(path: Path) -> None:
    manual._begin_anew = die
    put_back(path)


STEPS = {
    "while-writing": while_writing,
    "tables-emptied": tables_emptied,
    "half-full": half_full,
    "numbered": numbered,
    "before-the-commit": before_the_commit,
    "before-the-epoch": before_the_epoch,
}


if __name__ == "__main__":
    STEPS[sys.argv[1]](Path(sys.argv[2]))
