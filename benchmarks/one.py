"""Run one measurement in this process: `python -m benchmarks.one hits`; its rows go to standard output as JSON."""

import json
import sys
from importlib import import_module

import django


def main(name: str) -> None:
    """Set Django up, import the measurement of that name and write what its `rows()` returns."""
    django.setup()
    rows = import_module(f"benchmarks.{name}").rows()
    sys.stdout.write(json.dumps([row.as_json() for row in rows]))


if __name__ == "__main__":
    main(sys.argv[1])
