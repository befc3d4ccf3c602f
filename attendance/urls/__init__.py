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
    *accounts.urlpatterns,
    *api.urlpatterns,
    *blockchain.urlpatterns,
    *cache.urlpatterns,
    *check_in.urlpatterns,
    *directory.urlpatterns,
    *institution.urlpatterns,
    *operations.urlpatterns,
    *requests.urlpatterns,
    *teaching.urlpatterns,
]
