"""Addresses of the product's pages; names are `<noun>_<verb>`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
