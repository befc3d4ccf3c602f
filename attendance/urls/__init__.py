"""Addresses of the product's pages, by area; names are `<noun>_<verb>`."""

from attendance.urls import accounts, api, check_in, directory, institution, requests, teaching

urlpatterns = [
    *accounts.urlpatterns,
    *api.urlpatterns,
    *check_in.urlpatterns,
    *directory.urlpatterns,
    *institution.urlpatterns,
    *requests.urlpatterns,
    *teaching.urlpatterns,
]
