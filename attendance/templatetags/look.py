"""Small pieces of the look that templates repeat: icons, marks, percentages."""

from datetime import timedelta
from fractions import Fraction

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from attendance.models import Status
from attendance.views.durations import duration

register = template.Library()

# Strokes on a 16-unit grid.
_ICONS = {
    "calendar": "M2.5 4.5h11v9h-11zM2.5 7.5h11M5.5 2.5v3M10.5 2.5v3",
    "book": "M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12zM3 12a1.5 1.5 0 0 1 1.5-1.5H13",
    "check": "M2.5 8.5l3.5 3.5 7.5-8",
    "people": "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4"
    "M10.5 2.8a2.3 2.3 0 0 1 0 4.4M12 9.8c1.6.5 2.5 1.8 2.5 3.7",
    "person": "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c0-3 2.5-4.500 5.500-4.500s5.500 1.500 5.500 4.500",
    "key": "M10 6.500a3 3 0 1 1-2.200-2.900A3 3 0 0 1 10 6.500zM9.200 8.200 13.500 12.500v1.500h-2v-1.500H10",
    "building": "M3 13.500v-11h7v11M10 6h3v7.500M1.500 13.500h13M5 5h3M5 7.500h3M5 10h3",
    "inbox": "M2.500 9.500 4.500 3h7l2 6.500v3.500h-11zM2.500 9.500h3l1 1.500h3l1-1.500h3",
    "clock": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.500V8l2.500 1.500",
    "log": "M3.500 2.500h9v11h-9zM6 5.500h4M6 8h4M6 10.500h2.500",
    "link": "M6.5 9.5l3-3M7 4.8l1.7-1.7a3 3 0 0 1 4.2 4.2L11.2 9M9 11.2l-1.7 1.7a3 3 0 0 1-4.2-4.2L4.8 7",
    "save": "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11",
    "chevron": "M4 6l4 4 4-4",
    "search": "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6 14 14",
    "scan": "M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3M5.500 5.500h5v5h-5z",
    "screen": "M2 3h12v8H2zM6 14h4M8 11v3",
    "print": "M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the drawing of that name; a word always stands beside it, so it is hidden from screen readers."""
    return format_html(
        '<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{}"/></svg>',
        _ICONS[name],
    )


def status_style(status: str) -> str:
    """Return the name under which the style sheet knows a status; a blank is `none`."""
    return {"": "none", Status.LEFT_EARLY.value: "left"}.get(status, status)


@register.simple_tag
def mark(status: str, size: str = "", labelled: bool = True) -> SafeString:
    """Return the tile of a status (empty for a blank); `size` is `s`, `l` or nothing.

    Without `labelled` the tile is hidden from screen readers, for use beside the word itself.
    """
    letter, label = (Status(status).letter, Status(status).label) if status else ("", _("Blank"))
    label_attributes = (
        format_html('role="img" aria-label="{}" title="{}"', label, label)
        if labelled
        else mark_safe('aria-hidden="true"')
    )
    size_class = f" mark--{size}" if size else ""
    return format_html(
        '<span class="mark{}" data-s="{}" {}>{}</span>', size_class, status_style(status), label_attributes, letter
    )


@register.filter
def percent(share: Fraction | None) -> str:
    """Return a share between 0 and 1 as `77.8 %`, cut and not rounded up: 74.96 % is not yet 75 %."""
    if share is None:
        return "–"
    tenths = int(share * 1000)
    return f"{tenths // 10}.{tenths % 10}\N{NARROW NO-BREAK SPACE}%"


@register.filter
def in_words(time: timedelta) -> str:
    """Return a length of time in the unit that fits it, none when two clocks made it less: `1.5 s`, `3 h 52 min`."""
    return duration(max(time.total_seconds(), 0))


@register.filter
def short_hash(value: bytes) -> str:
    """Return a hash as its first and last hex digits, `c41d 77e0 … a91b`."""
    digits = bytes(value).hex()
    return f"{digits[:4]} {digits[4:8]} … {digits[-4:]}"
