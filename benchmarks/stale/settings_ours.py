"""The engine of this project, with rules for the toys (see `toys.apps`) and its threads running."""

from benchmarks.stale.settings_plain import *  # noqa: F403

INSTALLED_APPS = ["benchmarks.stale.toys.apps.RuledToysConfig", "attendance.caching.apps.CachingConfig"]
CACHE_ENABLED = CACHE_BACKGROUND = True
CACHE_LOG_HITS = False
CODE_VERSION = "toys"
CACHE_MEMORY_ITEMS = 100
LIBRARY = "benchmarks.stale.libraries.ours"
