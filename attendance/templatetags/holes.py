"""`{% hole "name" %}`: a place of the page that belongs to its reader; see `attendance.caching.holes`."""

from typing import Any

from django import template
from django.template.context import Context

from attendance.caching import holes
from attendance.views.holes import FILLERS, Shown

register = template.Library()


@register.simple_tag(takes_context=True)
def hole(context: Context, name: str) -> str:
    """Return the marker of a hole while the page is made for the cache, else what stands in it for this reader."""
    marker = holes.marker(name)
    if marker is not None:
        return marker
    request: Any = context.get("request")
    if request is None:  # The page that says that something broke is made without one.
        return ""
    user = getattr(request, "user", None)
    shown = Shown.of(user) if user is not None and user.is_authenticated else None
    return FILLERS[name](request, shown)
