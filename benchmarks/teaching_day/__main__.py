"""Replay the day alone and print its rows: `python -m benchmarks.teaching_day`."""

import sys

from benchmarks.servers import running_servers
from benchmarks.table import as_markdown
from benchmarks.teaching_day import comparison

if __name__ == "__main__":
    with running_servers() as servers:
        sys.stdout.write(as_markdown(comparison.rows(servers)) + "\n")
