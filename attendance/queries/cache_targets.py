"""What share of its reads each cached resource is meant to answer from the cache."""

from collections.abc import Mapping

_COURSES, _PEOPLE, _LECTURES, _STATISTICS = 0.85, 0.75, 0.70, 0.90
TARGETS: Mapping[str, float] = {
    "course_list": _COURSES,
    "course_list_json": _COURSES,
    "course_detail": _COURSES,
    "student_list": _PEOPLE,
    "student_list_json": _PEOPLE,
    "teacher_list": _PEOPLE,
    "teacher_list_json": _PEOPLE,
    "lecture_detail": _LECTURES,
    "lecture_detail_json": _LECTURES,
    "blockchain_statistics": _STATISTICS,
}
"""By resource; a resource without a line has no target."""
