"""The addresses of the site, with `cache_page` around each page that this project caches, a copy for each cookie."""

from django.views.decorators.cache import cache_page
from django.views.decorators.vary import vary_on_cookie

from attendance import urls
from attendance_system.urls import *  # noqa: F403

for pattern in urls.urlpatterns:
    page = getattr(pattern.callback, "cached_page", None)
    if page is not None:
        pattern.callback = cache_page(page.timeout.total_seconds())(vary_on_cookie(pattern.callback))
