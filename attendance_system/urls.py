"""Addresses of the whole site: the product's own pages, and Django's admin for operators.

The product's come first: Django's admin takes every address below its own, and one of the product's is there.
"""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("attendance.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "attendance.views.errors.bad_request"
handler403 = "attendance.views.errors.permission_denied"
handler404 = "attendance.views.errors.page_not_found"
handler500 = "attendance.views.errors.server_error"
