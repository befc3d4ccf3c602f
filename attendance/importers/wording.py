"""How sentences about a file name what stands in it."""

import difflib
from collections.abc import Iterable

LONGEST_QUOTE = 60


def shortened(text: str) -> str:
    """Return a text as it can stand in a sentence: on one line, without what cannot be seen, and not too long."""
    visible = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:80])
    return visible if len(visible) <= LONGEST_QUOTE else f"{visible[:LONGEST_QUOTE]}…"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word that was probably meant, if one is near, whatever its capitals."""
    by_lower = {each.casefold(): each for each in words}
    near = difflib.get_close_matches(word.casefold(), by_lower, n=1, cutoff=0.75)
    return by_lower[near[0]] if near else None
