"""Addresses of the product's pages, by area; names are `<noun>_<verb>`."""

from attendance.urls import accounts, api, cache, check_in, directory, institution, operations, requests, teaching

urlpatterns = [
    *accounts.urlpatterns,
    *api.urlpatterns,
    *cache.urlpatterns,
    *check_in.urlpatterns,
    *directory.urlpatterns,
    *institution.urlpatterns,
    *operations.urlpatterns,
    *requests.urlpatterns,
    *teaching.urlpatterns,
]
