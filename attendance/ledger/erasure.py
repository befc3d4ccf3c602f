"""What the text of an erasure says of the events whose texts go: which they are, and what remains of each.

Which they are is one string, their ids as 32 hexadecimal digits each, sorted, with spaces between. What remains of them
is bound by one hash, `digest_of`: once the texts are gone, it is what shows that the columns beside them still say what
was recorded.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from attendance.ledger.commitment import canonical_text

LABEL = b"luminalearn/erased-events/v1\n"
Told = Mapping[str, str | int | None]
"""What the columns of an event say, by the names that its text has for them; `event` is its id."""


class Erased(NamedTuple):
    """Events whose texts go together, as the text of the erasure names them."""

    number: int
    names: str
    digest: str


def erased(events: Iterable[Told]) -> Erased:
    """Return how events are named together, which come in the order of their ids, each with what its columns say.

    The hash is SHA-256(label ‖ one line for each event), hexadecimal; a line is the RFC 8785 text of what the columns
    say, and a line feed.
    """
    hash_, names = hashlib.sha256(LABEL), []
    for event in events:
        names.append(str(event["event"]).replace("-", ""))
        hash_.update(canonical_text(event).encode("utf-8") + b"\n")
    return Erased(len(names), " ".join(names), hash_.hexdigest())
