"""Real servers for the tests: an early plugin (`-p tests.servers`), at work before Django's settings are read.

Every run has a folder of its own in the temporary directory; servers, databases and scratch files live there, and the
folder goes away with the run. `TEST_DATABASE=postgresql` chooses PostgreSQL instead of SQLite. `TEST_DATABASE_URL` and
`TEST_REDIS_URL` name servers that run already; none is started in their place.
"""

import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from tests.servers.environment import environment_of_tests
from tests.servers.postgresql_server import FLEETING, running_postgresql
from tests.servers.redis_server import running_redis


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers and point the environment at them; pytest stops them however the run ends."""
    # Being told to end has to unwind like Ctrl-C does, or the servers would outlive the run.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    resources = contextlib.ExitStack()
    early_config.add_cleanup(resources.close)
    folder = _own_folder(resources)
    redis_url = os.environ.get("TEST_REDIS_URL") or resources.enter_context(running_redis(folder / "redis")).url
    database_url = os.environ.get("TEST_DATABASE_URL") or _database_url(folder, resources)
    os.environ.update(environment_of_tests(database_url, redis_url) | {"LOG_DIR": str(folder / "logs")})


def _own_folder(resources: contextlib.ExitStack) -> Path:
    """Make the folder of this run and send all temporary files there: pytest's, the browser's, those of processes."""
    folder = Path(tempfile.mkdtemp(prefix="luminalearn-tests-"))
    resources.callback(shutil.rmtree, folder)
    folder.chmod(0o711)  # PostgreSQL may run as another user, in a folder of its own inside.
    scratch = folder / "tmp"
    scratch.mkdir(mode=0o700)
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    return folder


def _database_url(folder: Path, resources: contextlib.ExitStack) -> str:
    kind = os.environ.get("TEST_DATABASE") or "sqlite"
    if kind == "postgresql":
        return resources.enter_context(running_postgresql(folder / "postgresql", FLEETING))
    if kind == "sqlite":
        return f"sqlite:///{folder / 'lumina.sqlite3'}"
    raise pytest.UsageError(f"TEST_DATABASE is {kind!r}; write sqlite or postgresql.")
