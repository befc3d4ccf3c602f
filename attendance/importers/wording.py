"""How sentences about a file name what stands in it."""

import difflib
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

LONGEST_QUOTE = 60
LONGEST_LIST = 5


def shortened(text: str) -> str:
    """Return a text as it can stand in a sentence: on one line, without what cannot be seen, and not too long."""
    visible = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:80])
    return visible if len(visible) <= LONGEST_QUOTE else f"{visible[:LONGEST_QUOTE]}…"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word that was probably meant, if one is near, whatever its capitals."""
    by_lower = {each.casefold(): each for each in words}
    near = difflib.get_close_matches(word.casefold(), by_lower, n=1, cutoff=0.75)
    return by_lower[near[0]] if near else None


def listed(names: Sequence[str]) -> str:
    """Return the first few names with commas between them, and a sign that there are more."""
    return ", ".join([*(shortened(name) for name in names[:LONGEST_LIST]), *(["…"] if names[LONGEST_LIST:] else [])])


def empty_cell() -> str:
    """Return the sentence about a cell that has to say something."""
    return _("The cell is empty, and it has to say something.")


def too_early(start: str, end: str) -> str:
    """Return the sentence about an end that is before its start."""
    return _("%(end)s is before %(start)s. Write a later one.") % {"start": start, "end": end}


def taken_in_line(name: str, line: int) -> str:
    """Return the sentence about a name that stands in the file already."""
    values = {"name": shortened(name), "line": line}
    return _("“%(name)s” stands in line %(line)s already. Take one of them away.") % values
