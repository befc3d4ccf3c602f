"""Grants: whether one reader may see one object, decided by what is kept of the reader and of the object.

    may_see_lecture = Grant(lookup=lambda reader, lecture_id: lecture_place.lookup(lecture=lecture_id), admits=may_see)

What the object says is read once for all readers. A refusal is never kept: who is not admitted is answered by the view.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from attendance.caching.lookups import Lookup


@dataclass(frozen=True)
class Grant:
    """Who may see an object.

    Attributes:
        lookup: called with the principal and the arguments of the address, returns the call of a cached accessor that
            says of the object what decides. The accessor raises NotStorableError where there is no such object.
        admits: says whether a principal may see the object of which that was read.
    """

    lookup: Callable[..., Lookup]
    admits: Callable[[Any, Any], bool]
