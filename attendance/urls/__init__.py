"""Addresses of the product's pages, by area; names are `<noun>_<verb>`."""

from attendance.urls import (
    accounts,
    api,
    blockchain,
    cache,
    check_in,
    directory,
    institution,
    operations,
    requests,
    teaching,
)

urlpatterns = [
    *check_in.urlpatterns,  # First, because in a rush nothing else is asked for.
    *accounts.urlpatterns,
    *api.urlpatterns,
    *blockchain.urlpatterns,
    *cache.urlpatterns,
    *directory.urlpatterns,
    *institution.urlpatterns,
    *operations.urlpatterns,
    *requests.urlpatterns,
    *teaching.urlpatterns,
]
