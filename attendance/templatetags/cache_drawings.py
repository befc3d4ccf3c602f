"""Drawings of the cache's figures: a share against its target, parts of a whole, an hour's course.

Widths and points are attributes of SVG, because the policy allows no style in a page. Each stands beside its figure in
words, so all of them are hidden from screen readers but the course of an hour, which says in words what it draws.
"""

from collections.abc import Sequence
from itertools import accumulate

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from attendance.views.cache_words import Part

register = template.Library()

WIDTH, HEIGHT, EDGE = 112, 28, 2
"""Of the course of an hour, in the units it is drawn in, with room for half a line at its edges."""


@register.simple_tag
def meter(ratio: float, target: int | None, tone: str) -> SafeString:
    """Return a share as a bar, with a tick where its target is."""
    tick = format_html('<rect class="target" x="{}%" y="-2" width="2" height="12"/>', target) if target else ""
    return format_html(
        '<svg class="meter" aria-hidden="true" data-tone="{}"><rect class="track" width="100%" height="100%"/>'
        '<rect class="fill" width="{}%" height="100%"/>{}</svg>',
        tone,
        f"{100 * ratio:.1f}",
        tick,
    )


@register.simple_tag
def parts_bar(parts: Sequence[Part]) -> SafeString:
    """Return parts of a whole as one bar, in their order and colours."""
    total = sum(part.number for part in parts)
    ends = accumulate(part.number for part in parts)
    bars = [
        (part.style, f"{100 * (end - part.number) / total:.2f}", f"{100 * part.number / total:.2f}")
        for part, end in zip(parts, ends, strict=True)
    ]
    drawn = format_html_join("", '<rect class="{}" x="{}%" width="{}%" height="100%"/>', bars)
    return format_html('<svg class="causes" aria-hidden="true">{}</svg>', drawn)


@register.simple_tag
def spark(minutes: Sequence[tuple[int, int]], target: int | None, tone: str) -> SafeString:
    """Return the share of hits minute by minute, oldest first; a minute in which nothing was read is a gap.

    Time runs with the script, so in Arabic it runs to the left.
    """
    ratios = [hits / (hits + misses) if hits + misses else None for hits, misses in minutes]
    measured = [ratio for ratio in ratios if ratio is not None]
    if not measured:
        return format_html('<span class="muted">{}</span>', "–")
    line = format_html('<path class="target" d="M0 {}H{}"/>', _height(target / 100), WIDTH) if target else ""
    words = _("Share of hits by the minute: lowest %(lowest)d %%, at last %(last)d %%") % {
        "lowest": int(100 * min(measured)),
        "last": int(100 * measured[-1]),
    }
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}" data-tone="{}">'
        '{}<path d="{}" vector-effect="non-scaling-stroke"/></svg>',
        WIDTH,
        HEIGHT,
        words,
        tone,
        line,
        _course(ratios),
    )


def _course(ratios: Sequence[float | None]) -> str:
    """Return the commands of an SVG path (SVG 2, 9.3) through the ratios; a lone one is a dot, by its round ends."""
    step = WIDTH / max(1, len(ratios) - 1)
    commands = []
    for place, ratio in enumerate(ratios):
        if ratio is None:
            continue
        goes_on = place > 0 and ratios[place - 1] is not None
        x = WIDTH - place * step if get_language_bidi() else place * step
        commands.append(f"{'L' if goes_on else 'M'}{x:.1f} {_height(ratio)}" + ("" if goes_on else "h0"))
    return "".join(commands)


def _height(ratio: float) -> float:
    return round(EDGE + (HEIGHT - 2 * EDGE) * (1 - ratio), 1)
