"""The moment of the replayed day: eight bytes in a file that the replay writes and all its servers read."""

import mmap
import struct
from datetime import UTC, date, datetime
from pathlib import Path

DAY = date(2026, 11, 10)
"""The replayed day, a Tuesday in the seventh week of a term; fixed, so that each replay is the same."""
CLOCK = "REPLAY_CLOCK"
"""The variable that names the file of the clock."""
COST = "X-Replay-Cost"
"""The header in which an answer says what was counted for it."""
FIGURES = "/replay/figures/"
"""The address at which the server of the replay says what the product counted."""
_SECONDS = struct.Struct("d")


class Passing:
    """The clock of the replayed day, in seconds since 1970."""

    def __init__(self, file: Path) -> None:
        """Open a file; a new one begins at 1970."""
        if not file.exists():
            file.write_bytes(_SECONDS.pack(0.0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), _SECONDS.size)

    def move_to(self, moment: float) -> None:
        """Let it be that moment for everybody."""
        self._shared[:] = _SECONDS.pack(moment)

    def time(self) -> float:
        """Return the moment, as `time.time` does."""
        seconds: float = _SECONDS.unpack(self._shared[:])[0]
        return seconds

    def time_ns(self) -> int:
        """Return the moment, as `time.time_ns` does."""
        return int(self.time() * 1_000_000_000)

    def now(self) -> datetime:
        """Return the moment, as Django's `timezone.now` does."""
        return datetime.fromtimestamp(self.time(), UTC)
