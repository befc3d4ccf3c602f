"""Addresses of the product's pages, by area; names are `<noun>_<verb>`."""

from attendance.urls import accounts, teaching

urlpatterns = [*accounts.urlpatterns, *teaching.urlpatterns]
