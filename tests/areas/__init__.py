"""The areas of the product as its tests see them: one module per area, which lists its addresses and pages.

A module may have:

- `MATRIX`: every address of the area against everybody who could ask for it, for `tests/views/test_who_may.py`. `login`
  sends to the login page, `go` is a redirect after the act or away from a page that is not for this reader, a number is
  the status of the answer.
- `PAGES`: per reader the pages that the browser looks at, for `tests/browser/test_pages.py`.
- `stage(campus)`: stores what these addresses are about, and returns the arguments that name it in them.
- `body_for(campus, name)`: what is posted to an address.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from tests.cast import Campus

ACTORS = ["anonymous", "outsider", "amira", "other_teacher", "ines", "kwame", "auditor", "admin", "foreign_admin"]

MODULES = [import_module(f"tests.areas.{module.name}") for module in iter_modules([str(Path(__file__).parent)])]


def cases() -> list[tuple[str, str, str, str]]:
    """Return (address, method, actor, expected answer) of all areas."""
    lines = [line.split() for module in MODULES for line in module.MATRIX.strip().splitlines() if line.strip()]
    return [
        (name, method, actor, expected)
        for name, method, *answers in lines
        for actor, expected in zip(ACTORS, answers, strict=True)
    ]


def stage_all(campus: Campus) -> dict[str, Any]:
    """Store what the addresses of all areas are about, and return the arguments that name it."""
    arguments: dict[str, Any] = {}
    for module in MODULES:
        if hasattr(module, "stage"):
            arguments |= module.stage(campus)
    return arguments


def body_for(campus: Campus, name: str) -> Mapping[str, Any]:
    """Return what is posted to an address; nothing when no area says."""
    bodies = [module.body_for(campus, name) for module in MODULES if hasattr(module, "body_for")]
    return next((body for body in bodies if body), {})


def pages_of(actor: str) -> list[str]:
    """Return the pages that the browser looks at as this reader."""
    return [page for module in MODULES for page in getattr(module, "PAGES", {}).get(actor, [])]
