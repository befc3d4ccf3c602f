"""Measure the rush alone and print its rows: `python -m benchmarks.rush`, or only some: `... burst cost`."""

import sys

from benchmarks.rush import comparison
from benchmarks.servers import running_servers
from benchmarks.table import as_markdown

if __name__ == "__main__":
    with running_servers() as servers:
        sys.stdout.write(as_markdown(comparison.rows(servers, sys.argv[1:])) + "\n")
