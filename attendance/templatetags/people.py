"""Small pieces of the pages about people."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attendance.queries.activations import Progress

register = template.Library()

_TONES = {Progress.NEW: "off", Progress.FAILED: "bad", Progress.ENDED: "warn", Progress.ACTIVATED: "good"}


@register.simple_tag
def progress(value: str) -> SafeString:
    """Return the tag that says how far somebody is on the way in; nothing for nothing."""
    if not value:
        return SafeString()
    state = Progress(value)
    return format_html('<span class="tag" data-tone="{}">{}</span>', _TONES.get(state, "info"), state.label)
