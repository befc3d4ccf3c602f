"""The fallback of a process without Redis: an entry in its memory with the position of the database."""

from collections.abc import Iterator

from tests.caching.model.configurations import Configuration
from tests.caching.model.fillers import with_all_stamps
from tests.caching.model.rounds import is_lost, news_since
from tests.caching.model.state import NO_POSITION, NOT_LOADED, Entry, Memory, State, committed, in_words
from tests.caching.model.writers import Step, position_now

EMPTY = Memory()


def steps_of_memory(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield what a process without Redis can do next with its memory."""
    if not configuration.memory:
        return
    memory, rules = state.memory, configuration.rules
    if memory != EMPTY:
        yield "a process drops what it has in memory", state._replace(memory=EMPTY)
    has_position, loaded = memory.position != NO_POSITION, memory.value != NOT_LOADED
    # Rule: the position is taken before the load.
    if not has_position and (loaded or rules.memory_position_before_load):
        taken = memory._replace(position=position_now(state, configuration))
        yield "a process without Redis takes the position of the database", state._replace(memory=taken)
    elif not loaded:
        value = committed(state.writes)
        yield f"a process without Redis loads {in_words(value)}", state._replace(memory=memory._replace(value=value))
    elif has_position:
        yield from _steps_of_a_stored_value(state, configuration)


def _steps_of_a_stored_value(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield what can happen to a value that has its position."""
    memory, rules = state.memory, configuration.rules
    # Rule: an entry goes on from the position up to which a hit has read, and only a hit may move it.
    if answer_from_memory(state, configuration) is not None or not rules.memory_goes_on_only_by_hits:
        further = memory._replace(position=position_now(state, configuration))
        yield "what is in memory goes on from the position of now", state._replace(memory=further)
    # Rule: memory is never copied into Redis.
    if not rules.memory_stays_in_process:
        redis = with_all_stamps(state.redis, rules)
        redis = redis._replace(entry=Entry(redis.stamps, memory.value))
        yield "a process copies its memory into Redis", state._replace(redis=redis, memory=EMPTY)


def answer_from_memory(state: State, configuration: Configuration) -> int | None:
    """Return the value that memory would answer with now, if it would.

    A hit is one statement: the position is not lost, and there is no news for the tags of the entry.
    """
    memory = state.memory
    if memory.position == NO_POSITION or memory.value == NOT_LOADED:
        return None
    if is_lost(memory.position, state, configuration):
        return None
    return None if news_since(memory.position, state, configuration) else memory.value
