"""What the settings of all compared caches have in common."""

import os

import dj_database_url

SECRET_KEY = "only-for-benchmarks"  # noqa: S105 -- guards nothing
INSTALLED_APPS = ["benchmarks.stale.toys.apps.ToysConfig"]
DATABASES = {"default": {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 600}}
REDIS_URL = os.environ["REDIS_URL"]
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": REDIS_URL}}
USE_TZ = True
