"""Rounds: T0 and position from Redis, the changes since then from the database, one script in Redis."""

from collections.abc import Iterator

from tests.caching.model.configurations import Configuration
from tests.caching.model.state import (
    FRESH_STAMP,
    NO_POSITION,
    SECOND_HISTORY,
    Mask,
    Redis,
    Round,
    State,
    committed,
    in_words,
    lowest_absent,
    replaced,
    rows_since,
)
from tests.caching.model.writers import Step, position_now, with_fresh_stamps

IDLE, BEGUN, HORIZON_CHECKED, INFORMED = range(4)


def steps_of_rounds(state: State, configuration: Configuration) -> Iterator[Step]:
    """Yield what the rounds can do next."""
    for place, current in enumerate(state.rounds):
        if place and current == state.rounds[place - 1]:
            continue
        if current.step == IDLE:
            yield "a round reads T0 and its position", _with_round(state, place, begun(state.redis))
            continue
        yield "a round dies", _with_round(state, place, Round())
        if current.step == INFORMED:
            redis = applied(current, state.redis, configuration)
            yield _words_of_script(current, state, redis), _with_round(state, place, Round())._replace(redis=redis)
        elif current.step == BEGUN and not configuration.rules.horizon_in_same_statement:
            checked = current._replace(
                step=HORIZON_CHECKED, new_epoch=_is_behind(current.position, state, configuration)
            )
            yield "a round compares its position with the horizon", _with_round(state, place, checked)
        else:
            following = informed(current, state, configuration)
            yield _words_of_changes(following), _with_round(state, place, following)


def _with_round(state: State, place: int, following: Round) -> State:
    return state._replace(rounds=replaced(state.rounds, place, following))


def begun(redis: Redis) -> Round:
    """Return a round that has read Redis TIME = T0 and the position, in one trip."""
    return Round(step=BEGUN, position=redis.position)


def is_lost(position: int, state: State, configuration: Configuration) -> bool:
    """Say whether nobody can tell what changed since a position.

    Rule: that is so of a missing one, one behind the horizon, one ahead of the database, and one of another history.
    """
    now = position_now(state, configuration)
    return (
        position == NO_POSITION
        or _is_behind(position, state, configuration)
        or position & SECOND_HISTORY != now & SECOND_HISTORY
        or position.bit_length() > now.bit_length()
    )


def _is_behind(position: int, state: State, configuration: Configuration) -> bool:
    """Say whether outbox rows that this position has not seen may have been purged."""
    return configuration.rules.horizon and position != NO_POSITION and lowest_absent(position) < state.horizon


def news_since(position: int, state: State, configuration: Configuration) -> Mask:
    """Return the writes that the outbox tells of and the position does not show."""
    if not configuration.rules.outbox or position == NO_POSITION:
        return 0
    return rows_since(state.writes, position, state.horizon)


def informed(current: Round, state: State, configuration: Configuration) -> Round:
    """Return the round after `changes_since`: one statement for tags, next position and, by rule, the horizon."""
    news = news_since(current.position, state, configuration)
    dirty = 0
    for place, tags in enumerate(configuration.writes):
        if news >> place & 1:
            dirty |= tags
    looked_at = state if configuration.rules.horizon_in_same_statement else state._replace(horizon=0)
    return current._replace(
        step=INFORMED,
        new_epoch=current.new_epoch or is_lost(current.position, looked_at, configuration),
        dirty=dirty,
        seen=committed(state.writes),
        next_position=position_now(state, configuration),
    )


def applied(current: Round, redis: Redis, configuration: Configuration) -> Redis:
    """Return Redis after the script of a round: all of it, or nothing when the position has moved meanwhile.

    Rules: compare-and-set of the position; a new epoch where the changes are unknown; a fence that counts from T0.
    """
    rules = configuration.rules
    if rules.compare_position and redis.position != current.position:
        return redis
    following = with_fresh_stamps(redis, current.dirty)
    if current.new_epoch and rules.epoch:
        following = redis._replace(stamps=(*redis.stamps[:-1], FRESH_STAMP))
    confirmed = current.seen if configuration.uncovered_writers else 0
    return following._replace(
        position=current.next_position,
        fence=configuration.limit - (current.age if rules.fence_from_start_of_round else 0),
        confirmed=redis.confirmed | confirmed,
    )


def _words_of_changes(following: Round) -> str:
    if following.new_epoch:
        return "a round asks what changed since its position: nobody can tell"
    return f"a round asks what changed since its position: {in_words(following.dirty, 'tags')}"


def _words_of_script(current: Round, state: State, redis: Redis) -> str:
    if redis is state.redis:
        return "a round's script finds another position and does nothing"
    what = "the epoch" if current.new_epoch else f"the stamps of {in_words(current.dirty, 'tags')}"
    return f"a round's script replaces {what}, sets position and fence; T0 is {current.age} ticks ago"
