"""cachalot as its documentation sets it up: added to the apps, on the default cache, all its settings as they are."""

from attendance_system.settings import *  # noqa: F403
from attendance_system.settings import CACHES, INSTALLED_APPS

INSTALLED_APPS = ["cachalot", *INSTALLED_APPS]
# What it keeps is pickled, which this project's own settings do not allow.
CACHES["default"]["OPTIONS"].pop("SERIALIZER", None)
