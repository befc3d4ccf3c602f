"""What a cell may say: each shape is a function from a text to the value that a record has.

A shape raises `MisfitError` with a sentence that names the text and says what would do. Its length, bounds or choices
are those of the column in which the value is stored.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from attendance.importers.records import Value
from attendance.importers.tables import MisfitError
from attendance.importers.wording import shortened

Shape = Callable[[str], Value]

FIRST_YEAR, LAST_YEAR = 2000, 2099
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{3}(?:[0-9]{3})?)?)?)"
    r"(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?"
)
_WHOLE = re.compile(r"[0-9]{1,9}")
_USERNAME = re.compile(r"[\w.@+-]+")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS: Mapping[str, str] = {
    **{name: str(number) for number, name in enumerate(_WEEKDAYS)},
    **{str(number + 1): str(number) for number in range(7)},
}
YES_NO: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


def text(longest: int) -> Shape:
    """Return the shape of a text of at most so many characters."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise MisfitError(
                _("“%(value)s” has %(length)s characters; there is room for %(longest)s.")
                % {"value": shortened(cell), "length": len(cell), "longest": longest}
            )
        return cell

    return read


def whole(least: int, most: int) -> Shape:
    """Return the shape of a whole number between two bounds, both included."""

    def read(cell: str) -> int:
        if not _WHOLE.fullmatch(cell) or not least <= int(cell) <= most:
            values = {"value": shortened(cell), "least": least, "most": most}
            raise MisfitError(_("“%(value)s” does not fit. Write a whole number from %(least)s to %(most)s.") % values)
        return int(cell)

    return read


def choice(choices: Mapping[str, str | bool]) -> Shape:
    """Return the shape of one word out of several, whatever its capitals."""

    def read(cell: str) -> str | bool:
        try:
            return choices[cell.casefold()]
        except KeyError as error:
            values = {"value": shortened(cell), "choices": ", ".join(choices)}
            raise MisfitError(_("“%(value)s” is none of these: %(choices)s.") % values) from error

    return read


def day(cell: str) -> str:
    """Read a day such as `2026-09-14`."""
    found = _day(cell) if _DAY.fullmatch(cell) else None
    if found is None:
        raise MisfitError(
            _("“%(value)s” is no day from %(first)s to %(last)s. Write it as 2026-09-14.")
            % {"value": shortened(cell), "first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return found.isoformat()


def _day(cell: str) -> date | None:
    try:
        found = date.fromisoformat(cell)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def clock(cell: str) -> str:
    """Read an hour such as `09:00`."""
    found = _CLOCK.fullmatch(cell)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise MisfitError(_("“%(value)s” is no time of day. Write it as 09:00.") % {"value": shortened(cell)})
    return f"{int(found[1]):02}:{found[2]}"


def moment(cell: str) -> str:
    """Read a moment such as `2026-09-14T09:00`; one with an offset becomes UTC.

    Seconds are kept where they say something.
    """
    found = _MOMENT.fullmatch(cell.upper())
    try:
        read = datetime.fromisoformat(found.group().replace(" ", "T")) if found and _day(found["day"]) else None
    except ValueError:
        read = None
    if read is None:
        raise MisfitError(
            _("“%(value)s” is no moment. Write it as 2026-09-14T09:00, or with an offset as 2026-09-14T09:00+02:00.")
            % {"value": shortened(cell)}
        )
    if read.tzinfo is not None:
        read = read.astimezone(UTC)
    return read.isoformat(timespec="auto" if read.second or read.microsecond else "minutes")


def weeks(cell: str) -> str:
    """Read the weeks of a term: one digit each, 1 when it meets."""
    if not re.fullmatch("[01]{1,60}", cell) or "1" not in cell:
        raise MisfitError(
            _("“%(value)s” does not say in which weeks. Write a 1 or a 0 for each week of the term, as in 1111011.")
            % {"value": shortened(cell)}
        )
    return cell


def email(cell: str) -> str:
    """Read an e-mail address."""
    try:
        validate_email(cell)
    except ValidationError as error:
        raise MisfitError(_("“%(value)s” is no e-mail address.") % {"value": shortened(cell)}) from error
    return str(text(254)(cell))


def username(cell: str) -> str:
    """Read a user name, which is kept in lower case."""
    if not _USERNAME.fullmatch(cell):
        raise MisfitError(
            _("“%(value)s” is no user name. Letters, digits and . @ + - _ will do.") % {"value": shortened(cell)}
        )
    return str(text(150)(cell.lower()))


def names(longest: int) -> Shape:
    """Return the shape of several names with semicolons between them, each once."""
    one = text(longest)

    def read(cell: str) -> list[str]:
        return list(dict.fromkeys(str(one(name.strip())) for name in cell.split(";") if name.strip()))

    return read


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def time_zone(cell: str) -> str:
    """Read the name of a zone of the IANA database."""
    if cell not in _time_zones():
        raise MisfitError(
            _("%(name)s is not a time zone. Choose one such as Europe/Prague.") % {"name": shortened(cell)}
        )
    return cell
