"""What the cache's figures and states are called, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from attendance.caching import causes
from attendance.caching.figures import Health, KeySample, ProcessState, ResourceFigures
from attendance.caching.reports import FORGOTTEN_AFTER
from attendance.queries.cache_figures import ResourceRow
from attendance.services.cache_operations import Warmed
from attendance.views.durations import duration
from attendance.views.import_words import NOTHING, grouped

Words = str | Promise

_CAUSES: Sequence[tuple[str, tuple[str, ...], Words, Words]] = (
    ("cause-1", (causes.INVALIDATED,), _("changed"), _("changed by a write")),
    ("cause-2", (causes.EXPIRED,), _("expired"), _("expired")),
    ("cause-3", (causes.COLD,), _("first time"), _("first time")),
    ("cause-5", (causes.EPOCH, causes.LOST), _("lost"), _("lost, or all ended at once")),
    (
        "cause-4",
        (causes.SWITCHED_OFF, causes.NOT_CONFIRMED, causes.OTHER_TRIGGERS, causes.SILENT, causes.NOT_FOLLOWED),
        _("refused"),
        _("refused, because Redis or the rounds fail"),
    ),
)
"""Why the database answered: colour, causes, the word beside a number, and that of the legend."""


# --- How it is --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Notice:
    """How the cache is: the colour, what is the case, and what that means for whoever reads it."""

    tone: str
    headline: Words
    meaning: Words


_TROUBLES: Mapping[str, Notice] = {
    "off": Notice(
        "warn",
        _("The cache is switched off."),
        _("Every page comes from the database. Take CACHE_ENABLED=false out of the settings to switch it on."),
    ),
    "triggers": Notice(
        "bad",
        _("The database’s triggers are not those of this version."),
        _("Pages come from the database: slower and right. Run: manage.py migrate"),
    ),
    "silent": Notice(
        "warn",
        _("Redis does not answer."),
        _("Pages come from the database: slower and right. Start Redis again; then nothing has to be cleared."),
    ),
    "unfollowed": Notice(
        "bad",
        _("Redis answers, but no process follows the database up."),
        _("Pages come from the database: slower and right. Look into cache.log, then restart the service."),
    ),
    "lost process": Notice(
        "warn",
        _("A process fell silent."),
        _("What it answers comes from the database. Look whether it was killed, hangs or cannot reach Redis."),
    ),
    "clocks": Notice(
        "warn",
        _("The clocks of Redis and of this machine differ by more than a second."),
        _("Nothing old is served. Let both follow a time server."),
    ),
}
"""What may be wrong, by the codes of `attendance.caching.health.TROUBLES`."""
_NO_REDIS = Notice(
    "info",
    _("There is no Redis. Each process keeps entries in its own memory."),
    _("Each hit asks the database whether it still holds: right, and slower than with Redis."),
)
_IDLE = Notice(
    "info",
    _("Redis answers, and nobody was served lately."),
    _("Whoever comes next is answered from the cache again."),
)
_CAUGHT_UP = _("What it held was compared with the database, and nothing old is served. Some figures are gone.")
_FINE = Notice(
    "good",
    _("Serving from Redis."),
    _("The fence holds: no answer is older than 2 s, and none is older than the last write through this site."),
)


def notice(health: Health) -> Notice:
    """Return in words how the cache is: what is wrong, what was, or that all is well."""
    if health.troubles:
        return _TROUBLES[health.troubles[0]]
    if not health.address:
        return _NO_REDIS
    forgot = [each.redis_forgot_seconds_ago for each in health.processes if each.redis_forgot_seconds_ago is not None]
    if forgot and min(forgot) <= FORGOTTEN_AFTER:
        headline = _now("Redis was restarted or set back to an older copy %(time)s ago.")
        return Notice("info", headline % {"time": duration(min(forgot))}, _CAUGHT_UP)
    return _FINE if health.fence_age_ms is not None else _IDLE


@dataclass(frozen=True)
class Facts:
    """The numbers of a cache's health in words; `–` where nobody can tell."""

    fence_age: str
    waiting: str
    kept: str
    clocks: str


def facts(health: Health) -> Facts:
    """Put the numbers of a cache's health into words."""
    fence, clocks = health.fence_age_ms, health.clock_difference_ms
    return Facts(
        fence_age=NOTHING if fence is None else duration(fence / 1000),
        waiting=NOTHING if health.waiting is None else grouped(health.waiting),
        kept=grouped(health.outbox_rows),
        clocks=NOTHING if clocks is None else duration(abs(clocks) / 1000),
    )


@dataclass(frozen=True)
class ShownProcess:
    """One serving process with the times in words."""

    state: ProcessState
    seen: str
    forgot: str


def processes(health: Health) -> list[ShownProcess]:
    """Put the serving processes into words."""
    return [
        ShownProcess(
            each,
            duration(each.seen_seconds_ago),
            "" if each.redis_forgot_seconds_ago is None else duration(each.redis_forgot_seconds_ago),
        )
        for each in health.processes
    ]


@dataclass(frozen=True)
class ShownEntry:
    """One entry: its name, the colour and word of its state, and what ended it or when its time is over."""

    key: str
    tone: str
    state: str
    detail: str


def entry(sample: KeySample) -> ShownEntry:
    """Put an entry into words."""
    if sample.state == "killed":
        return ShownEntry(sample.key, "info", _now("ended"), sample.killed_by)
    ends = {"time": f"{localtime(sample.ends_at):%H:%M:%S}"}
    if sample.state == "expired":
        return ShownEntry(sample.key, "off", _now("expired"), _now("at %(time)s") % ends)
    return ShownEntry(sample.key, "", _now("holds"), _now("until %(time)s at most") % ends)


# --- Figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One cause of misses: its colour, how many there were, and both in words."""

    style: str
    number: int
    words: str


def parts(counted: ResourceFigures) -> list[Part]:
    """Return why the database answered, in the order of the legend, without what never happened."""
    why = {**counted.misses, **counted.bypassed}
    found = [(style, sum(why.get(cause, 0) for cause in those), words) for style, those, words, _legend in _CAUSES]
    return [Part(style, number, f"{grouped(number)} {words}") for style, number, words in found if number]


def legend() -> list[tuple[str, Words]]:
    """Return the colours of the causes with their meaning."""
    return [(style, meaning) for style, _those, _words, meaning in _CAUSES]


def most_of(found: Sequence[Part]) -> str:
    """Return the two causes that matter most, in words."""
    return _now(", ").join(part.words for part in sorted(found, key=lambda part: -part.number)[:2])


def time_saved(rows: Iterable[ResourceRow]) -> str:
    """Return how much loading the hits have saved, where it is known how long a load takes."""
    seconds = sum(row.counted.hits * (row.counted.load_seconds or 0) for row in rows)
    return duration(seconds) if seconds else NOTHING


# --- What was done ----------------------------------------------------------------------------------------------------


def cleared(resource: str, ended: int) -> str:
    """Return what became of clearing."""
    if not resource:
        sentence = ngettext(
            "Everything is cleared: %(entries)s entry went. It fills again as people come.",
            "Everything is cleared: %(entries)s entries went. It fills again as people come.",
            ended,
        )
        return sentence % {"entries": grouped(ended)}
    sentence = ngettext(
        "%(resource)s is cleared: %(entries)s entry went. It fills again as people come.",
        "%(resource)s is cleared: %(entries)s entries went. It fills again as people come.",
        ended,
    )
    return sentence % {"resource": resource, "entries": grouped(ended)}


_REASONS: Mapping[str, Words] = {
    "the cache is switched off": _("the cache is switched off"),
    "inside a transaction": _("a transaction is under way"),
    "Redis did not confirm a write of this reader": _("Redis did not confirm your last change; try again in 3 s"),
    "the triggers are not those of the rules": _("the database’s triggers are not those of this version"),
}


def warmed(outcome: Warmed) -> str:
    """Return what became of a warm-up."""
    if outcome.reason:
        return _now("Nothing was kept: %(reason)s.") % {"reason": _REASONS.get(outcome.reason, outcome.reason)}
    made = ngettext("%(number)s copy was made", "%(number)s copies were made", outcome.made)
    there = ngettext("%(number)s was there already", "%(number)s were there already", outcome.there)
    sentence = _now("Warm: %(made)s, %(there)s.") % {
        "made": made % {"number": grouped(outcome.made)},
        "there": there % {"number": grouped(outcome.there)},
    }
    if not outcome.left:
        return sentence
    left = ngettext(
        "%(number)s organisation is left; warm again to go on.",
        "%(number)s organisations are left; warm again to go on.",
        outcome.left,
    )
    return f"{sentence} {left % {'number': grouped(outcome.left)}}"
