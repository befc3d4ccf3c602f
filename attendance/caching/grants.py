"""Grants: whether one person may see one object, itself kept like any other read; a refusal never is.

@granted("lecture_grant", timeout=timedelta(minutes=20), tags=lecture_grant_tags)
def may_see_lecture(*, lecture: int, user: int) -> bool:
    ...
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from attendance.caching.accessors import CachedAccessor, cached
from attendance.caching.entries import NotStorableError

Arguments = ParamSpec("Arguments")


def granted(
    resource: str, *, timeout: timedelta, tags: Callable[Arguments, list[str]]
) -> Callable[[Callable[Arguments, bool]], CachedAccessor[Arguments, bool]]:
    """Return a decorator that keeps a function's yes; see `accessors.cached` for the arguments.

    The accessor raises NotStorableError where the function says no.
    """

    def decorate(function: Callable[Arguments, bool]) -> CachedAccessor[Arguments, bool]:
        @wraps(function)
        def yes(*args: Arguments.args, **kwargs: Arguments.kwargs) -> bool:
            if not function(*args, **kwargs):
                raise NotStorableError("not granted")
            return True

        return cached(resource, timeout=timeout, tags=tags)(yes)

    return decorate
