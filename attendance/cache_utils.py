"""The public names of the cache: values kept by hand, and the decorator that puts a reading function behind it."""

from attendance.caching.accessors import cached
from attendance.caching.face import CacheManager

__all__ = ["CacheManager", "cached"]
