"""What an answer must never be, and what must stay possible."""

from tests.caching.model.canonical import canonical
from tests.caching.model.configurations import Configuration
from tests.caching.model.fillers import with_all_stamps
from tests.caching.model.memory import answer_from_memory
from tests.caching.model.rounds import applied, begun, informed
from tests.caching.model.state import NO_STAMP, Entry, Mask, State, committed, in_words, lost


def answer_from_redis(state: State, configuration: Configuration) -> int | None:
    """Return the value that a reader of Redis is answered with now: one MGET, a hit only if everything fits."""
    redis, rules = state.redis, configuration.rules
    if redis.entry is None or (rules.fence and not redis.fence):
        return None
    # Rule: an entry lists the table tag, here the last one, beside its fine ones.
    columns = [column for column in range(len(redis.stamps)) if rules.table_tag or column != configuration.tags - 1]
    current = [redis.stamps[column] for column in columns]
    if NO_STAMP in current or [redis.entry.vector[column] for column in columns] != current:
        return None
    return redis.entry.value


def violation(state: State, configuration: Configuration) -> str | None:
    """Return what is wrong with an answer given in this state, if anything is."""
    shown = committed(state.writes)
    memory = answer_from_memory(state, configuration)
    if memory is not None and memory != shown:
        return f"VIOLATION: memory answers with {in_words(memory)}, the database with {in_words(shown)}"
    answer = answer_from_redis(state, configuration)
    return None if answer is None or answer == shown else _fault_of(answer, state, configuration)


def _fault_of(answer: Mask, state: State, configuration: Configuration) -> str | None:
    shown = committed(state.writes)
    missing, lost_ones = shown & ~answer, lost(state.writes)
    old = sum(1 << place for place, write in enumerate(state.writes) if write.age >= configuration.limit)
    if uncommitted := answer & ~shown & ~lost_ones:
        return f"VIOLATION: a reader is shown {in_words(uncommitted)}, not committed"
    if answer & lost_ones & old:
        return f"VIOLATION: a reader is shown {in_words(answer & lost_ones & old)}, which the database lost L ago"
    if missing & state.redis.confirmed:
        return f"VIOLATION: a reader misses {in_words(missing & state.redis.confirmed)}, confirmed by Redis"
    if missing & old:
        return f"VIOLATION: a reader misses {in_words(missing & old)}, committed L ago"
    return None


def standstill(state: State, configuration: Configuration) -> str | None:
    """Return what is wrong if the cache does not recover: after a round, a fill and a round a reader has a hit."""
    healed = _after_a_round(state, configuration)
    stamped = with_all_stamps(healed.redis, configuration.rules)
    filled = healed._replace(redis=stamped._replace(entry=Entry(stamped.stamps, committed(state.writes))))
    answer = answer_from_redis(_after_a_round(filled, configuration), configuration)
    return "VIOLATION: all faults are over, and yet nothing is a hit" if answer != committed(state.writes) else None


def _after_a_round(state: State, configuration: Configuration) -> State:
    current = informed(begun(state.redis), state, configuration)
    following = state._replace(redis=applied(current, state.redis, configuration))
    # Two rounds in a row must not take the same fresh stamp.
    return canonical(following, configuration)
