"""Addresses of the cache's statistics, below those of Django's admin, which takes what is left over there."""

from django.urls import path

from attendance.views import cache_acts, cache_stats

urlpatterns = [
    path("admin/cache-stats/", cache_stats.cache_stats, name="cache_stats"),
    path("admin/cache-stats/live/", cache_stats.cache_stats_live, name="cache_stats_live"),
    path("admin/cache-stats/clear/", cache_acts.cache_clear, name="cache_clear"),
    path("admin/cache-stats/warm/", cache_acts.cache_warm, name="cache_warm"),
]
