"""Samples: single entries, whether they still hold, and which write ended them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["valid", "killed", "expired"]


@dataclass(frozen=True)
class KeySample:
    """One entry.

    Attributes:
        key: its name, which may say whose page it is: for operators only.
        resource: what it is one of.
        stored_at: when it was made; None when only its end is known.
        ends_at: when its time is over.
        state: whether it holds now, a write has ended it, or its time is over.
        killed_by: which write ended it and how long ago, such as `room:7:update, 12 s ago`; empty otherwise.
    """

    key: str
    resource: str
    stored_at: datetime | None
    ends_at: datetime
    state: State
    killed_by: str


def samples(*, resource: str, organisation: str | None, most: int = 10) -> list[KeySample]:
    """Return some entries of a resource, the one that ends last first."""
    del resource, organisation, most
    return []


def explain(key: str) -> KeySample | None:
    """Return what is known of the entry of that name, or of the value that a script keeps under that key."""
    del key
    return None
