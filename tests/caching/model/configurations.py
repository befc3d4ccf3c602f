"""Which rules of the protocol hold in a run, and how much of everything there is."""

from dataclasses import dataclass, field, replace
from typing import Any

from tests.caching.model.state import Mask


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the protocol. A run may take one away, to show what it is there for."""

    vector_before_load: bool = True
    random_missing_stamp: bool = True
    compare_position: bool = True
    fence: bool = True
    fence_from_start_of_round: bool = True
    epoch: bool = True
    horizon: bool = True
    horizon_in_same_statement: bool = True
    position_is_snapshot: bool = True
    fill_outside_snapshot: bool = True
    fill_outside_own_transaction: bool = True
    highest_id_outlives_purge: bool = True
    history_in_position: bool = True
    outbox: bool = True
    stamps_after_commit: bool = True
    table_tag: bool = True
    memory_position_before_load: bool = True
    memory_stays_in_process: bool = True
    memory_goes_on_only_by_hits: bool = True


@dataclass(frozen=True, slots=True)
class Configuration:
    """How much there is of everything, and which faults happen.

    `writes` holds for each transaction the tags that it dirties. With `serial_writers` one transaction is open at a
    time, as on SQLite. `fast_path` writers replace their own stamps after the commit; with `uncovered_writers` a
    round that is applied confirms every write that it saw.
    """

    name: str
    writes: tuple[Mask, ...]
    tags: int = 1
    limit: int = 1  # L, in ticks
    fillers: int = 1
    rounds: int = 1
    serial_writers: bool = False
    fast_path: bool = True
    uncovered_writers: bool = True
    evictions: bool = False
    copies: bool = False
    purges: bool = False
    backups: bool = False  # the database may once be set back to a backup
    memory: bool = False
    with_entry: bool = False  # begin with an entry in Redis, a position and a fence; not with nothing
    rules: Rules = field(default_factory=Rules)
    depth: int | None = None  # how many steps to follow; None is to the end


SQLITE = Configuration(
    "SQLite: serial writers, the highest id",
    (1, 1),
    serial_writers=True,
    evictions=True,
    purges=True,
    rules=Rules(position_is_snapshot=False),
)
EVERYTHING = Configuration(
    "everything at once",
    (1, 1),
    fillers=2,
    rounds=2,
    evictions=True,
    copies=True,
    purges=True,
    memory=True,
    backups=True,
    with_entry=True,
    depth=7,
)

# These run with the suite; all but the last are followed to the end.
INTACT = (
    Configuration("one write, two rounds, evictions, L of two ticks", (1,), rounds=2, evictions=True, limit=2),
    Configuration("one write, two fillers, two rounds, evictions", (1,), fillers=2, rounds=2, evictions=True),
    Configuration("two writes, evictions, purges", (1, 1), evictions=True, purges=True),
    Configuration("two writes, confirmed by two rounds", (1, 1), rounds=2, fast_path=False),
    Configuration("three writes, confirmed by rounds", (1, 1, 1), fast_path=False),
    Configuration("two writes of several tags, evictions", (3, 2), tags=2, evictions=True),
    Configuration("a database that is set back", (1, 1), purges=True, backups=True),
    Configuration("memory beside Redis", (1,), evictions=True, purges=True, memory=True),
    Configuration("memory without Redis", (1, 1, 1), fillers=0, rounds=0, purges=True, memory=True, backups=True),
    Configuration("copies of Redis, confirmed by rounds", (1,), copies=True, fast_path=False),
    Configuration("copies of Redis, two rounds", (1,), rounds=2, fillers=0, copies=True, purges=True, with_entry=True),
    SQLITE,
    EVERYTHING,
)

# For a patient reader; those with a depth are followed to there, the others to the end.
DEEP = (
    Configuration("two writes, two rounds", (1, 1), rounds=2),
    Configuration("two writes, two rounds, evictions, purges", (1, 1), rounds=2, evictions=True, purges=True),
    Configuration("two writes, evictions, purges, L of two ticks", (1, 1), evictions=True, purges=True, limit=2),
    Configuration("two writes, set back, evictions", (1, 1), evictions=True, purges=True, backups=True),
    Configuration("three writes, evictions", (1, 1, 1), evictions=True),
    Configuration("copies of Redis, evictions", (1,), copies=True, evictions=True),
    Configuration("copies of Redis, two rounds, a filler", (1,), rounds=2, copies=True, purges=True, with_entry=True),
    Configuration("copies of Redis, two writes", (1, 1), rounds=2, copies=True, purges=True, with_entry=True, depth=14),
    replace(EVERYTHING, name="everything at once, deeper", depth=9),
)


def without(rule: str, name: str = "", writes: tuple[Mask, ...] = (1,), **surroundings: Any) -> Configuration:
    """Return the configuration with that rule taken away, in the smallest surroundings in which it is missed.

    The run begins with an entry in Redis, and rounds confirm nothing unless the surroundings say so.
    """
    settings = {"uncovered_writers": False, "with_entry": True, **surroundings}
    return Configuration(f"without {name or rule.replace('_', ' ')}", writes, rules=Rules(**{rule: False}), **settings)


# One rule less, and the end of the sentence that says what is then wrong.
WITHOUT_A_RULE = (
    (without("vector_before_load"), "confirmed by Redis"),
    (without("random_missing_stamp", evictions=True), "confirmed by Redis"),
    (without("compare_position", rounds=2, copies=True), "committed L ago"),
    (without("fence"), "committed L ago"),
    (without("fence_from_start_of_round"), "committed L ago"),
    (without("epoch", "epoch, position missing", evictions=True), "committed L ago"),
    (without("epoch", "epoch, position behind the horizon", purges=True), "committed L ago"),
    (without("epoch", "epoch, position of another history", backups=True), "which the database lost L ago"),
    (without("horizon", purges=True), "committed L ago"),
    (without("horizon", "horizon, in memory", purges=True, memory=True), "the database with writes {0}"),
    (without("horizon_in_same_statement", purges=True), "committed L ago"),
    (without("position_is_snapshot", writes=(1, 1)), "committed L ago"),
    (without("history_in_position", backups=True), "which the database lost L ago"),
    (without("outbox"), "committed L ago"),
    (without("outbox", "outbox, uncovered writer", fast_path=False, uncovered_writers=True), "confirmed by Redis"),
    (without("fill_outside_snapshot"), "confirmed by Redis"),
    (without("fill_outside_own_transaction"), "not committed"),
    (without("stamps_after_commit"), "confirmed by Redis"),
    (without("table_tag", writes=(2,), tags=2), "confirmed by Redis"),
    (without("memory_position_before_load", memory=True), "the database with writes {0}"),
    (without("memory_stays_in_process", memory=True), "confirmed by Redis"),
    (without("memory_goes_on_only_by_hits", memory=True), "the database with writes {0}"),
)

# A position that falls back with every purge is behind the horizon for ever: never wrong, and never a hit.
WITHOUT_RECOVERY = replace(
    SQLITE,
    name="without highest id outlives purge",
    rules=Rules(position_is_snapshot=False, highest_id_outlives_purge=False),
)
