"""cacheops as its documentation sets it up: a Redis database of its own, all operations of one app, an hour."""

from benchmarks.stale.settings_plain import *  # noqa: F403
from benchmarks.stale.settings_plain import INSTALLED_APPS, REDIS_URL

INSTALLED_APPS = ["cacheops", *INSTALLED_APPS]
CACHEOPS_REDIS = REDIS_URL
CACHEOPS_DEFAULTS = {"timeout": 60 * 60}
CACHEOPS = {"toys.*": {"ops": "all"}}
LIBRARY = "benchmarks.stale.libraries.orm"
