"""Starting the product as a process of its own, with variables of the test's choice and none of the developer's."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.servers.environment import PROJECT, environment_of_tests

_PRINT_SETTINGS = """
import json
from attendance_system import settings
print(json.dumps({name: value for name, value in vars(settings).items() if name.isupper()}, default=str))
"""


def bare_environment(**variables: str) -> dict[str, str]:
    """Return the variables of a development installation with an SQLite in memory, changed by the given ones."""
    surroundings = {name: os.environ[name] for name in ("PATH", "TMPDIR")}
    return surroundings | environment_of_tests("sqlite://:memory:", "") | variables


def run_python(
    *arguments: str, project: Path = PROJECT, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run this Python in the folder of the project, to its end, and return what it wrote."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def settings_under(**variables: str) -> dict[str, Any]:
    """Return the settings that a new process has under those variables, as far as JSON can say them."""
    answer = run_python("-c", _PRINT_SETTINGS, environment=bare_environment(**variables))
    assert answer.returncode == 0, answer.stderr
    return dict(json.loads(answer.stdout))
