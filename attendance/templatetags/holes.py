"""Places of a page that belong to its reader, and pieces that are the same for many readers but for these places.

`{% hole "name" %}` is such a place, see `attendance.caching.holes`. `{% kept value ... %} ... {% endkept %}` renders
what it encloses once in a process for each language, time zone and each of these values: the frame is longer than most
of what it frames. What is in it depends on nothing else but its holes, form tokens and `{% here %}`.
"""

from itertools import chain
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from attendance.caching import holes
from attendance.views.holes import FILLERS, Shown

register = template.Library()

MOST_PIECES = 500
"""So many versions of one piece are kept; with one more all of them go, and those in use come back."""
_HERE = "here"
_KEEPING = "is_kept"
"""Under this name a context says that what is rendered in it is kept for others."""


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


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """Return the address to come back to; none after a form was sent."""
    if context.get(_KEEPING):
        return holes.marker(_HERE) or ""
    request: Any = context.get("request")
    return request.get_full_path() if request is not None and request.method == "GET" else ""


class KeptNode(template.Node):
    """A piece of a page, cut at the places that belong to the reader."""

    child_nodelists = ()  # Django looks through these for blocks at each render, and a piece has none.

    def __init__(self, nodelist: NodeList, values: list[FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self.pieces: dict[tuple[Any, ...], tuple[list[str], list[str]]] = {}

    def render(self, context: Context) -> SafeString:
        """Return the piece with everything filled in."""
        zone = timezone.get_current_timezone_name()
        key = (get_language(), zone, *(value.resolve(context) for value in self.values))
        piece = self.pieces.get(key)
        if piece is None:
            if len(self.pieces) >= MOST_PIECES:
                self.pieces.clear()
            piece = self.pieces[key] = self._cut(context)
        parts, names = piece
        filled = {name: _filled(context, name) for name in set(names)}
        pairs = zip(parts, (*map(filled.__getitem__, names), ""), strict=True)
        return mark_safe("".join(chain.from_iterable(pairs)))  # noqa: S308 -- rendered and escaped

    def _cut(self, context: Context) -> tuple[list[str], list[str]]:
        with holes.marked() as nonce, context.push(csrf_token=holes.marker(holes.CSRF), **{_KEEPING: True}):
            parts, names = holes.cut(self.nodelist.render(context).encode(), nonce)
        return [part.decode() for part in parts], names


def _filled(context: Context, name: str) -> str:
    """Return what stands in a place now: a marker again where the page around it is made for the cache."""
    if name == holes.CSRF:
        return conditional_escape(str(context.get("csrf_token", "")))
    return conditional_escape(here(context) if name == _HERE else hole(context, name))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Read `{% kept value ... %}` up to its end."""
    values = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, values)
