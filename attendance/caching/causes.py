"""Why a read was no hit: the closed lists that figures, page and metrics are made of."""

from dataclasses import dataclass

COLD = "cold"
"""Nobody had asked this version of the code for it, or so long ago that nothing is known of it any more."""
INVALIDATED = "invalidated"
"""A row it depends on was written."""
EXPIRED = "expired"
"""Its time was over, or a moment had come from which on it reads differently."""
EPOCH = "epoch"
"""All entries had been ended at once: by hand, by a migration, or because nobody could tell what had changed."""
LOST = "lost"
"""It was stored and its time was not over, but Redis does not have it any more, or not what it hangs on."""
MISSES = (COLD, INVALIDATED, EXPIRED, EPOCH, LOST)

SWITCHED_OFF = "the cache is switched off"
IN_TRANSACTION = "inside a transaction"
NOT_CONFIRMED = "Redis did not confirm a write of this reader"
OTHER_TRIGGERS = "the triggers are not those of the rules"
NOBODY = "nobody is signed in"
NOT_ADMITTED = "nothing is kept that admits this reader"
HEAD = "a HEAD request"
MESSAGE = "a message waits"
FORMLESS = "the browser has no form token yet"
SILENT = "Redis does not answer"
NOT_FOLLOWED = "the cache is not followed up"
BYPASSES = (
    SWITCHED_OFF,
    IN_TRANSACTION,
    NOT_CONFIRMED,
    OTHER_TRIGGERS,
    NOBODY,
    NOT_ADMITTED,
    HEAD,
    MESSAGE,
    FORMLESS,
    SILENT,
    NOT_FOLLOWED,
)
"""Why a read was answered by the database without asking the cache."""


@dataclass(frozen=True)
class Missed:
    """Why there was no valid entry.

    Attributes:
        cause: one of `MISSES`.
        by: which write it was, as `<rule>:<id>:<verb>`, if one was.
        at: when that was, in milliseconds since 1970; 0 where that is not known.
    """

    cause: str
    by: str = ""
    at: int = 0
