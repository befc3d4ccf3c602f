"""The directories of students and teachers."""

from typing import Any

from tests.cast import Campus

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    student_list             GET     login   404     404     200     200     200     200     200     200
    student_show             GET     login   404     404     404     200     200     200     200     404
    teacher_list             GET     login   200     200     200     200     200     200     200     200
    teacher_show             GET     login   200     200     200     200     200     200     200     404
"""

STAFF = ["student_list", "student_show", "teacher_list", "teacher_show"]
PAGES = {"amira": ["teacher_list", "teacher_show"], "ines": STAFF, "auditor": STAFF, "admin": STAFF}


def stage(campus: Campus) -> dict[str, Any]:
    """Ines is looked up; the student is the one of the other areas."""
    return {"teacher_id": campus.ines.pk}
