"""Breadth first through every state that a configuration can reach."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.caching.model.canonical import canonical
from tests.caching.model.configurations import Configuration
from tests.caching.model.faults import backups, copies, evictions, passing_time
from tests.caching.model.fillers import steps_of_fillers
from tests.caching.model.memory import steps_of_memory
from tests.caching.model.properties import violation
from tests.caching.model.rounds import steps_of_rounds
from tests.caching.model.state import FRESH_STAMP, NO_STAMP, Entry, Filler, Memory, Redis, Round, State, Write
from tests.caching.model.writers import Step, steps_of_the_purge, steps_of_writers

Property = Callable[[State, Configuration], str | None]

KINDS_OF_STEP = (
    steps_of_writers,
    steps_of_rounds,
    steps_of_fillers,
    steps_of_memory,
    steps_of_the_purge,
    passing_time,
    evictions,
    copies,
    backups,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found: how many states, how deep, whether that was all, and the trace of a violation, if any."""

    configuration: Configuration
    states: int
    depth: int
    complete: bool
    trace: tuple[str, ...]

    def __str__(self) -> str:
        extent = "to the end" if self.complete else "so far"
        return f"{self.configuration.name}: {self.states:,} states, {self.depth} steps deep, {extent}"


def first_state(configuration: Configuration) -> State:
    """Return the state in which nothing has happened: no write yet, nobody at work."""
    columns = configuration.tags + 1
    redis = Redis(stamps=(NO_STAMP,) * columns)
    if configuration.with_entry:
        stamps = (FRESH_STAMP,) * columns
        redis = Redis(stamps, position=0, fence=configuration.limit, entry=Entry(stamps, value=0))
    nothing = State(
        writes=(Write(),) * len(configuration.writes),
        horizon=0,
        redis=redis,
        copy=None,
        fillers=(Filler(),) * configuration.fillers,
        rounds=(Round(),) * configuration.rounds,
        memory=Memory(),
    )
    return canonical(nothing, configuration)


def steps_from(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield every step that can happen next, in words, with the canonical state that it leads to."""
    for kind in KINDS_OF_STEP:
        for words, following in kind(state, configuration):
            yield words, canonical(following, configuration)


def check(configuration: Configuration, fault_in: Property = violation) -> Report:
    """Visit the states of a configuration, level by level, until a violation, the end or the stated depth."""
    first = first_state(configuration)
    parents: dict[State, State | None] = {first: None}
    level, depth = [first], 0
    while level and depth != configuration.depth:
        following = []
        for state in level:
            for _, successor in steps_from(state, configuration):
                if successor in parents:
                    continue
                parents[successor] = state
                following.append(successor)
                if fault := fault_in(successor, configuration):
                    trace = (*_trace_to(successor, parents, configuration), fault)
                    return Report(configuration, len(parents), depth + 1, False, trace)
        level, depth = following, depth + bool(following)
    return Report(configuration, len(parents), depth, not level, ())


def _trace_to(state: State, parents: dict[State, State | None], configuration: Configuration) -> tuple[str, ...]:
    """Return the sentences of the steps that lead to a state."""
    sentences: list[str] = []
    while (parent := parents[state]) is not None:
        sentences.append(next(words for words, successor in steps_from(parent, configuration) if successor == state))
        state = parent
    return tuple(reversed(sentences))
