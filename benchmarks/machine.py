"""On what the measurements were made: date, machine, versions and load."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

from django.db import connection

from attendance import clock
from attendance.caching import stamps
from benchmarks.table import Row

_PACKAGES = ("Django", "redis", "hiredis", "django-redis", "psycopg", "django-cacheops", "django-cachalot")


def rows() -> list[Row]:
    """Return facts as rows of two cells."""
    load = ", ".join(f"{average:.2f}" for average in os.getloadavg())
    return [
        Row("Date", f"{clock.now():%Y-%m-%d %H:%M} UTC"),
        Row("Machine", f"{_processor()}, {os.cpu_count()} processors, {_memory()}, {platform.system()}"),
        Row("Load before (1, 5 and 15 minutes)", load),
        Row("Python", platform.python_version()),
        Row("Servers", f"Redis {stamps.client().info('server')['redis_version']}, {_databases()}"),
        Row("Packages", ", ".join(f"{name} {version(name)}" for name in _PACKAGES)),
    ]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB of memory"


def _databases() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgresql,) = cursor.fetchone()
    return f"PostgreSQL {postgresql} (a commit waits for the disk), SQLite {sqlite3.sqlite_version}"
