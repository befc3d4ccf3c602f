"""Addresses of getting in, and of the people an administrator looks after."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
