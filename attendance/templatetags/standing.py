"""The percentage as pages show it: always with its formula and with what can still be reached."""

from fractions import Fraction
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from attendance.models import Status
from attendance.queries.percentage import LEAVES_THE_FORMULA, Reach, Standing
from attendance.templatetags.look import percent

register = template.Library()


def plain_number(value: Fraction) -> str:
    """Return a number of lectures without needless decimals: `14`, `13.5`."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def numerator(standing: Standing) -> str:
    """Return where the points come from: `12 present + 1 late + 2 left early × 50 %`."""
    terms = []
    for status, worth in standing.policy.weights.items():
        number = standing.number(status)
        if number and worth:
            share = "" if worth == 1 else f" × {int(worth * 100)} %"
            terms.append(f"{number} {Status(status).label.lower()}{share}")
    dropped = sum((worth * number for worth, number in standing.dropped_marks), Fraction(0))
    tail = [_("%(points)s of lectures left out") % {"points": plain_number(dropped)}] if dropped else []
    return " − ".join([" + ".join(terms), *tail])


def denominator(standing: Standing) -> str:
    """Return where the denominator comes from: `19 lectures − 1 excused`, or nothing when it is all of them."""
    parts = [lectures(standing.marked)]
    for status in LEAVES_THE_FORMULA:
        if standing.number(status):
            parts.append(f"{standing.number(status)} {Status(status).label.lower()}")
    if standing.dropped:
        parts.append(_("%(number)d lowest left out") % {"number": standing.dropped})
    return " − ".join(parts) if len(parts) > 1 else ""


def lectures(number: int) -> str:
    """Return a number of lectures in words: `1 lecture`, `19 lectures`."""
    return ngettext("%(number)d lecture", "%(number)d lectures", number) % {"number": number}


def reach_sentence(standing: Standing, target_percent: int) -> str:
    """Return what it takes to finish at the target, or that it cannot be reached any more."""
    reach = standing.reach(target_percent)
    if not reach.remaining:
        return _("All lectures are over.") if standing.counted else ""
    if not reach.possible:
        return _("Cannot reach %(target)d %% any more; the best possible is %(best)s.") % {
            "target": target_percent,
            "best": percent(reach.best),
        }
    if not reach.needed:
        return _("Finishes at %(target)d %% or more, whatever comes.") % {"target": target_percent}
    below = standing.share is not None and standing.share < reach.target
    sentence = (
        _("At risk. Can still reach %(target)d %%: attend %(lectures)s.")
        if below
        else _("To finish at %(target)d %% or more, attend %(lectures)s.")
    )
    return sentence % {"target": target_percent, "lectures": needed_lectures(reach)}


def needed_lectures(reach: Reach) -> str:
    """Return which of the remaining lectures it takes: `4 of the next 6`, `all of the next 6`, `the next lecture`."""
    if reach.remaining == 1:
        return _("the next lecture")
    if reach.needed == reach.remaining:
        return _("all of the next %(remaining)d") % {"remaining": reach.remaining}
    return _("%(needed)d of the next %(remaining)d") % {"needed": reach.needed, "remaining": reach.remaining}


def tone(standing: Standing, target_percent: int) -> str:
    """Return the colour of a percentage: nothing while it is fine, `warn` under the target, `bad` when out of reach."""
    if not standing.can_reach(target_percent):
        return "bad"
    below = standing.share is not None and standing.share < Fraction(target_percent, 100)
    return "warn" if below else ""


@register.inclusion_tag("parts/_percent.html")
def percentage(standing: Standing, target_percent: int) -> dict[str, Any]:
    """Show a standing's percentage with its formula and what can still be reached."""
    return {
        "share": standing.share,
        "points": plain_number(standing.points),
        "numerator": numerator(standing),
        "counted": standing.counted,
        "denominator": denominator(standing),
        "lectures": lectures(standing.counted).split(" ", 1)[-1],
        "reach": reach_sentence(standing, target_percent),
        "tone": tone(standing, target_percent),
    }


@register.inclusion_tag("parts/_percent_cell.html")
def percentage_cell(standing: Standing, target_percent: int) -> dict[str, Any]:
    """Show share and fraction in one line, for tables."""
    return {
        "share": standing.share,
        "points": plain_number(standing.points),
        "counted": standing.counted,
        "tone": tone(standing, target_percent),
    }
