"""cachalot as its documentation sets it up: added to the apps, on the default cache, all its settings as they are."""

from benchmarks.stale.settings_plain import *  # noqa: F403
from benchmarks.stale.settings_plain import INSTALLED_APPS

INSTALLED_APPS = ["cachalot", *INSTALLED_APPS]
LIBRARY = "benchmarks.stale.libraries.orm"
