"""Servers and databases of one run: those that the tests use, in a folder that goes away."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.servers.postgresql_server import DURABLE, running_postgresql
from tests.servers.redis_server import running_redis


@dataclass(frozen=True)
class Servers:
    """A Redis, a PostgreSQL and a folder for files of SQLite."""

    redis: str
    postgresql: str
    folder: Path
    redis_numbers: Iterator[int] = field(default_factory=lambda: iter(range(16)))

    def new_redis_database(self) -> str:
        """Return the address of an empty one of the 16 databases of this Redis."""
        return urlsplit(self.redis)._replace(path=f"/{next(self.redis_numbers)}").geturl()

    def new_postgresql_database(self, name: str) -> str:
        """Make an empty database and return its address."""
        with psycopg.connect(self._at("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._at(name)

    def new_sqlite_database(self, name: str) -> str:
        """Return the address of a file that does not exist yet."""
        return f"sqlite:///{self.folder / name}.sqlite3"

    def _at(self, database: str) -> str:
        return urlsplit(self.postgresql)._replace(path=f"/{database}").geturl()


@contextlib.contextmanager
def running_servers() -> Iterator[Servers]:
    """Start the servers for as long as the block lasts."""
    with contextlib.ExitStack() as resources:
        folder = Path(tempfile.mkdtemp(prefix="luminalearn-benchmarks-"))
        resources.callback(shutil.rmtree, folder)
        folder.chmod(0o711)  # PostgreSQL may run as another user, in a folder of its own inside.
        redis = resources.enter_context(running_redis(folder / "redis"))
        postgresql = resources.enter_context(running_postgresql(folder / "postgresql", DURABLE))
        yield Servers(redis.url, postgresql, folder)
