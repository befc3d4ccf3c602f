"""cacheops as its documentation sets it up: a Redis database of its own, all operations of the product, an hour."""

from attendance_system.settings import *  # noqa: F403
from attendance_system.settings import INSTALLED_APPS, REDIS_URL

INSTALLED_APPS = ["cacheops", *INSTALLED_APPS]
CACHEOPS_REDIS = REDIS_URL
CACHEOPS_DEFAULTS = {"timeout": 60 * 60}
CACHEOPS = {"attendance.*": {"ops": "all"}}
