"""How keys are spelled in Redis; all of them carry one hash tag, so they share a slot of a cluster."""

from collections.abc import Iterable

from django.conf import settings

FORMAT = 3
"""Grows when the shape of any value changes: a newer version of the code never reads an older one's values."""


def _prefix() -> str:
    return f"{{{settings.CACHES['default'].get('KEY_PREFIX', '')}:{FORMAT}}}:"


def entry(name: str) -> str:
    """Return the key of an entry: another one for each version of the code, whose values may look different."""
    return f"{_prefix()}e:{settings.CODE_VERSION}:{name}"


def looked_at(names: Iterable[str], tags: Iterable[str]) -> list[str]:
    """Return the keys of entries, the fence, the epoch and stamps, in that order."""
    prefix = _prefix()
    entries = [f"{prefix}e:{settings.CODE_VERSION}:{name}" for name in names]
    return [*entries, f"{prefix}fence", f"{prefix}epoch", *(f"{prefix}s:{tag}" for tag in tags)]


def lock(name: str) -> str:
    """Return the key that one of many fillers of an entry holds."""
    return f"{_prefix()}l:{name}"


def index(resource: str, organisation: str) -> str:
    """Return the key of the list of a resource's entries for one organisation, of this version of the code."""
    return f"{_prefix()}x:{settings.CODE_VERSION}:{resource}:{organisation}"


def indexes() -> str:
    """Return the key of the list of these lists."""
    return f"{_prefix()}indexes:{settings.CODE_VERSION}"


def counts(minute: int, organisation: str | None) -> str:
    """Return the key of what was counted in a minute since 1970, for all or for one organisation."""
    return f"{_prefix()}c:{minute}:{'all' if organisation is None else organisation}"


def totals() -> str:
    """Return the key of what was counted since Redis began to keep count."""
    return f"{_prefix()}c:total"


def processes() -> str:
    """Return the key of what each serving process said of itself last."""
    return f"{_prefix()}processes"


def stamps(tags: Iterable[str]) -> list[str]:
    """Return the keys of the stamps of tags."""
    prefix = _prefix()
    return [f"{prefix}s:{tag}" for tag in tags]


def epoch() -> str:
    """Return the key of the epoch, the stamp that every entry lists."""
    return f"{_prefix()}epoch"


def position() -> str:
    """Return the key of the position up to which stamps follow the database."""
    return f"{_prefix()}position"


def fence() -> str:
    """Return the key whose presence says that the position was right less than L ago."""
    return f"{_prefix()}fence"
