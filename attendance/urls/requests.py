"""Addresses of requests, and of the scans behind a claim."""

from django.urls import path

from attendance.views import requests

urlpatterns = [
    path("requests/", requests.request_list, name="request_list"),
    path("requests/new/", requests.request_create, name="request_create"),
    path("requests/new/leave/", requests.leave_create, name="leave_create"),
    path("requests/new/correction/", requests.correction_create, name="correction_create"),
    path("requests/new/drop/", requests.drop_create, name="drop_create"),
    path("requests/<int:request_id>/", requests.request_show, name="request_show"),
    path("requests/<int:request_id>/cancel/", requests.request_cancel, name="request_cancel"),
    path("requests/<int:request_id>/decide/", requests.request_decide, name="request_decide"),
    path("requests/<int:request_id>/complete/", requests.request_complete, name="request_complete"),
    path("me/scans/", requests.scan_list, name="scan_list"),
]
