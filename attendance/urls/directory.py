"""Addresses of the directories of students and teachers."""

from django.urls import path

from attendance.views import directory

urlpatterns = [
    path("students/", directory.student_list, name="student_list"),
    path("students/<int:student_id>/", directory.student_show, name="student_show"),
    path("teachers/", directory.teacher_list, name="teacher_list"),
    path("teachers/<int:teacher_id>/", directory.teacher_show, name="teacher_show"),
]
