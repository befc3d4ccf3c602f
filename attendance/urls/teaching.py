"""Addresses of courses, lectures and registers."""

from django.urls import path

from attendance.views import courses, dashboard, excuses, lectures, planning, record, registers

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("me/attendance/", dashboard.record_show, name="record_show"),
    path("courses/", courses.course_list, name="course_list"),
    path("courses/new/", courses.course_create, name="course_create"),
    path("courses/<int:offering_id>/", courses.course_show, name="course_show"),
    path("courses/<int:offering_id>/edit/", courses.course_edit, name="course_edit"),
    path("courses/<int:offering_id>/policy/", courses.policy_edit, name="policy_edit"),
    path("courses/<int:offering_id>/archive/", courses.course_archive, name="course_archive"),
    path("courses/<int:offering_id>/restore/", courses.course_restore, name="course_restore"),
    path("courses/<int:offering_id>/staff/", courses.assistant_add, name="assistant_add"),
    path("courses/<int:offering_id>/staff/<int:person_id>/remove/", courses.assistant_remove, name="assistant_remove"),
    path("courses/<int:offering_id>/excuse/", excuses.excuse_create, name="excuse_create"),
    path("courses/<int:offering_id>/code/", courses.code_issue, name="code_issue"),
    path("courses/<int:offering_id>/code/withdraw/", courses.code_withdraw, name="code_withdraw"),
    path("courses/<int:offering_id>/lectures/new/", planning.lecture_create, name="lecture_create"),
    path("lectures/", record.lecture_list, name="lecture_list"),
    path("attendance/events/", record.event_list, name="event_list"),
    path("lectures/<int:lecture_id>/", lectures.lecture_show, name="lecture_show"),
    path("lectures/<int:lecture_id>/now/", lectures.lecture_live, name="lecture_live"),
    path("lectures/<int:lecture_id>/edit/", planning.lecture_edit, name="lecture_edit"),
    path("lectures/<int:lecture_id>/cancel/", planning.lecture_cancel, name="lecture_cancel"),
    path("lectures/<int:lecture_id>/restore/", planning.lecture_restore, name="lecture_restore"),
    path("lectures/<int:lecture_id>/substitutes/", planning.substitute_add, name="substitute_add"),
    path(
        "lectures/<int:lecture_id>/substitutes/<int:person_id>/remove/",
        planning.substitute_remove,
        name="substitute_remove",
    ),
    path("lectures/<int:lecture_id>/session/open/", lectures.session_open, name="session_open"),
    path("lectures/<int:lecture_id>/session/close/", lectures.session_close, name="session_close"),
    path("lectures/<int:lecture_id>/register/", registers.register_edit, name="register_edit"),
    path("lectures/<int:lecture_id>/register/undo/", registers.register_undo, name="register_undo"),
    path("lectures/<int:lecture_id>/headcount/", registers.headcount_note, name="headcount_note"),
    path("lectures/<int:lecture_id>/history/<int:student_id>/", lectures.history_show, name="history_show"),
]
