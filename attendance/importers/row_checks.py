"""What has to fit together within a row of our own CSV format."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from attendance.importers.records import Value
from attendance.importers.wording import too_early

Values = dict[str, Value]
Check = Callable[[Values], tuple[str, str] | None]
"""Looks at a row as a whole: which column does not fit the others, and the sentence, or nothing."""


def in_order(first: str, last: str) -> Check:
    """Return the check that a day or moment is not before another; a naive moment is no match for one in UTC."""

    def check(values: Values) -> tuple[str, str] | None:
        start, end = values.get(first), values.get(last)
        if not isinstance(start, str) or not isinstance(end, str) or _is_utc(start) != _is_utc(end) or start <= end:
            return None
        return last, too_early(start, end)

    return check


def has_length(values: Values) -> tuple[str, str] | None:
    """Check that a lecture does not end when it begins."""
    if values["starts_at"] != values["ends_at"]:
        return None
    return "ends_at", _("The lecture ends when it begins. Write a later end.")


def _is_utc(value: str) -> bool:
    return value.endswith("+00:00")


def warned_after_risk(values: Values) -> tuple[str, str] | None:
    """Check that a student is at risk before a warning is due."""
    risk, warning = values.get("at_risk_percent"), values.get("warning_percent")
    if not isinstance(risk, int) or not isinstance(warning, int) or warning <= risk:
        return None
    return "warning_percent", _("The warning lies at the line of risk or below it.")


def stands_in_once(values: Values) -> tuple[str, str] | None:
    """Check that a substitute, and nobody else, is named for one lecture."""
    if values["duty"] == "substitute":
        if values["planned_for"]:
            return None
        return "planned_for", _("A substitute stands in for one lecture. Write when it was planned.")
    for column in ("section", "planned_for"):
        if values[column]:
            return column, _("Only a substitute is named for one lecture. Leave this cell empty.")
    return None
