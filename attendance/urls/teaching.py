"""Addresses of courses, lectures and registers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
