"""Lengths of time, in the reader's language."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from attendance.views.import_words import grouped


def duration(seconds: float) -> str:
    """Return a length of time in the unit that fits it: `4.2 ms`, `34 ms`, `1.5 s`, `12 min`, `3 h 52 min`."""
    if seconds < 1:
        milliseconds = seconds * 1000
        return _("%(number)s ms") % {"number": number_format(milliseconds, decimal_pos=0 if milliseconds >= 10 else 1)}
    if seconds < 60:
        return _("%(number)s s") % {"number": number_format(seconds, decimal_pos=1)}
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return _("%(number)s min") % {"number": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": grouped(hours), "minutes": minutes}


def about(seconds: float) -> str:
    """Return a length of time in two digits, as one speaks of it before it is over."""
    return duration(float(f"{seconds:.2g}"))
