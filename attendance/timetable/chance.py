"""Chance that falls the same way every time: for made-up people and their habits, never for secrets."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")


def draw(*labels: str | int) -> float:
    """Return a number from 0 up to but not including 1 that depends on the labels alone and looks even."""
    text = "\x1f".join(str(label) for label in labels)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def pick(choices: Sequence[Choice], *labels: str | int) -> Choice:
    """Return one of the choices, the same one for the same labels."""
    return choices[int(draw(*labels) * len(choices))]
