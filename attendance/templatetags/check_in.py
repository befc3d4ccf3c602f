"""Pieces of the pages of checking in: the lecture as a line, how sure a scan is, seats."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from attendance.models import AttendanceEvent, CheckInAttempt, Lecture
from attendance.views.check_in_words import length

register = template.Library()

_MOST_DOTS = 4
_SEATS_IN_A_ROW = 30
_MOST_SEATS = 600


@dataclass(frozen=True)
class _Line:
    """A lecture as a line of 100 %, which runs as the reader's writing does."""

    lecture: Lecture

    def at(self, moment: datetime) -> float:
        """Return how far along a moment lies, the ends for what is before and after."""
        length = (self.lecture.ends_at - self.lecture.starts_at).total_seconds()
        return min(max((moment - self.lecture.starts_at).total_seconds() / length, 0), 1) * 100

    def rect(self, kind: str, begin: float, end: float) -> SafeString:
        """Return a piece of the line."""
        x = 100 - end if get_language_bidi() else begin
        return format_html(
            '<rect class="{}" x="{}" y="0" width="{}" height="8" rx="1"/>', kind, _share(x), _share(end - begin)
        )


@register.simple_tag
def hour(attempt: CheckInAttempt) -> SafeString:
    """Return the lecture of a scan as a line: on time, late, closed, and the moment of the scan."""
    lecture, session = attempt.lecture, attempt.session
    if lecture is None:
        return SafeString()
    line, late_from = _Line(lecture), _late_from(lecture)
    on_time, now = line.at(late_from), line.at(attempt.scanned_at)
    closes = max(line.at(session.ends_at), on_time) if session else on_time
    x = 100 - now if get_language_bidi() else now
    words = {
        "start": _time(lecture.starts_at),
        "end": _time(lecture.ends_at),
        "late": _time(late_from),
        "now": _time(attempt.scanned_at),
    }
    return format_html(
        '<figure class="hour"><svg role="img" aria-label="{label}">{base}{open}{late}'
        '<rect class="now" x="{x}" y="-7" width="3" height="22" rx="1"/><text x="{at}" y="-13">{now}</text>'
        '</svg><figcaption><span>{start}</span><span class="note">{note}</span><span>{end}</span></figcaption>'
        "</figure>",
        label=_("Lecture from %(start)s to %(end)s, on time until %(late)s. Scanned at %(now)s.") % words,
        base=line.rect("base", 0, 100),
        open=line.rect("open", 0, on_time),
        late=line.rect("late", on_time, closes),
        x=_share(min(x, 99)),
        at=_share(min(x, 88)),
        note=_("On time until %(late)s.") % words,
        **{name: words[name] for name in ("start", "end", "now")},
    )


def _share(percent: float) -> str:
    return f"{percent:.2f}%"


def _late_from(lecture: Lecture) -> datetime:
    return lecture.starts_at + timedelta(minutes=lecture.organisation.late_after_minutes)


def _time(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"


@register.simple_tag
def sure(attempt: CheckInAttempt) -> SafeString:
    """Return how sure a scan is as dots out of four."""
    dots = attempt.dots
    drawn = format_html_join(
        "", "<i{}></i>", ((SafeString(' class="on"') if n < dots else "",) for n in range(_MOST_DOTS))
    )
    label = _("%(dots)d of %(most)d") % {"dots": dots, "most": _MOST_DOTS}
    return format_html('<span class="sure" role="img" aria-label="{}">{}</span>', label, drawn)


@register.simple_tag
def doubts(attempt: CheckInAttempt) -> str:
    """Return what makes a scan less sure than it could be, in a few words each; empty when nothing does."""
    by_code = {"typed": _("typed code"), "kept": _("sent late")}
    by_device = {"": _("device not known"), "new": _("first time from this device"), "bad": _("signature does not fit")}
    away = _("not from the campus network") if attempt.on_campus is False else ""
    words = [by_code.get(attempt.assurance), by_device.get(attempt.device_proof), away]
    return ", ".join(filter(None, words))


@register.simple_tag
def gap(attempt: CheckInAttempt) -> str:
    """Return how long it took from when the code of a scan was new until the scan arrived."""
    made_at = attempt.code_made_at or attempt.scanned_at
    return length(int((attempt.received_at - made_at).total_seconds()))


@register.simple_tag
def fingerprint(event: AttendanceEvent) -> str:
    """Return the commitment of an event, its start and end, in groups of four."""
    digits = bytes(event.commitment).hex()
    return f"{' '.join(digits[at : at + 4] for at in range(0, 16, 4))} … {digits[-4:]}"


@register.simple_tag
def seats(here: int, expected: int) -> SafeString:
    """Return a point for everybody who is expected, lit for those who are here; nothing for more than fit."""
    if not 0 < expected <= _MOST_SEATS:
        return SafeString()
    rows = -(-expected // _SEATS_IN_A_ROW)
    points = (
        ("on" if seat < here else "off", 5 + 10 * (seat % _SEATS_IN_A_ROW), 5 + 10 * (seat // _SEATS_IN_A_ROW))
        for seat in range(expected)
    )
    label = ngettext("%(here)d of %(expected)d seat lit", "%(here)d of %(expected)d seats lit", expected)
    return format_html(
        '<svg class="seats" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        10 * _SEATS_IN_A_ROW,
        10 * rows,
        label % {"here": here, "expected": expected},
        format_html_join("", '<circle class="{}" cx="{}" cy="{}" r="3.5"/>', points),
    )
