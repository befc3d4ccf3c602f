"""Django's `cache_page` on the pages that this project caches, for the same times; cookies tell readers apart."""

from attendance_system.settings import *  # noqa: F403
from attendance_system.settings import CACHES

ROOT_URLCONF = "benchmarks.rivals.urls_cache_page"
# What it keeps is pickled, which this project's own settings do not allow.
CACHES["default"]["OPTIONS"].pop("SERIALIZER", None)
