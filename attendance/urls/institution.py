"""Addresses of what an administrator sets up."""

from django.urls import path

from attendance.views import exports, import_create, imports, institution

urlpatterns = [
    path("institution/", institution.institution_edit, name="institution_edit"),
    path("departments/", institution.department_list, name="department_list"),
    path("departments/new/", institution.department_create, name="department_create"),
    path("departments/<int:department_id>/", institution.department_edit, name="department_edit"),
    path("rooms/", institution.room_list, name="room_list"),
    path("rooms/new/", institution.room_create, name="room_create"),
    path("rooms/<int:room_id>/", institution.room_edit, name="room_edit"),
    path("rooms/<int:room_id>/archive/", institution.room_archive, name="room_archive"),
    path("rooms/<int:room_id>/restore/", institution.room_restore, name="room_restore"),
    path("terms/", institution.term_list, name="term_list"),
    path("terms/new/", institution.term_create, name="term_create"),
    path("terms/<int:term_id>/", institution.term_edit, name="term_edit"),
    path("holidays/", institution.holiday_list, name="holiday_list"),
    path("holidays/new/", institution.holiday_create, name="holiday_create"),
    path("holidays/<int:holiday_id>/", institution.holiday_show, name="holiday_show"),
    path("holidays/<int:holiday_id>/edit/", institution.holiday_edit, name="holiday_edit"),
    path("holidays/<int:holiday_id>/clear/", institution.holiday_clear, name="holiday_clear"),
    path("holidays/<int:holiday_id>/delete/", institution.holiday_delete, name="holiday_delete"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", import_create.import_create, name="import_create"),
    path("imports/formats/", imports.import_formats, name="import_formats"),
    path("imports/export/", exports.export_download, name="export_download"),
    path("imports/<int:import_id>/", imports.import_show, name="import_show"),
    path("imports/<int:import_id>/refused.csv", imports.import_rows_csv, name="import_rows_csv"),
    path("imports/<int:import_id>/apply/", imports.import_apply, name="import_apply"),
    path("imports/<int:import_id>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<int:import_id>/discard/", imports.import_discard, name="import_discard"),
]
