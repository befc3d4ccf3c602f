"""Addresses that answer JSON."""

from django.urls import path

from attendance.api import lists

urlpatterns = [
    path("api/courses/", lists.course_list, name="course_list_json"),
    path("api/students/", lists.student_list, name="student_list_json"),
    path("api/teachers/", lists.teacher_list, name="teacher_list_json"),
    path("api/lectures/<int:lecture_id>/", lists.lecture_show, name="lecture_show_json"),
]
