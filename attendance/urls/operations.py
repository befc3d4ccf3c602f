"""Addresses for whoever runs the installation."""

from django.urls import path

from attendance.views import metrics

urlpatterns = [
    path("metrics", metrics.metrics_show, name="metrics_show"),
]
