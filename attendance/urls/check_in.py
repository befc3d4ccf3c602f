"""Addresses of checking in: short and in capitals where a code holds them."""

from django.urls import path

from attendance.views import camera, check_in, devices, offline_scans, projector

urlpatterns = [
    path("C/", check_in.check_in_type, name="check_in_type"),
    path("C/<str:code>", check_in.check_in_scan, name="check_in_scan"),
    path("c/", check_in.check_in_lower, name="check_in_type_lower"),
    path("c/<str:code>", check_in.check_in_lower, name="check_in_scan_lower"),
    path("check-in/", check_in.check_in_send, name="check_in_send"),
    path("check-in/scan/", camera.check_in_camera, name="check_in_camera"),
    path("check-in/offline/", offline_scans.offline_scan_send, name="offline_scan_send"),
    path("devices/<int:device_id>/forget/", devices.device_forget, name="device_forget"),
    path("students/<int:student_id>/devices/", devices.device_list, name="device_list"),
    path("lectures/<int:lecture_id>/projector/", projector.projector_show, name="projector_show"),
    path("lectures/<int:lecture_id>/projector/codes/", projector.projector_codes, name="projector_codes"),
    path("me/scans/<int:scan_id>/", check_in.scan_show, name="scan_show"),
]
