"""What share of its reads each cached resource is meant to answer from the cache.

A target stands where many readers ask for the same thing: entries of rows, and pages that a whole role shares. A page
of one person is mostly a first look, which no cache answers; what it is made of has the target. See decision 0008.
"""

from collections.abc import Mapping

_COURSES, _PEOPLE, _LECTURES, _STATISTICS = 0.85, 0.75, 0.70, 0.90
TARGETS: Mapping[str, float] = {
    "offering_timetable": _COURSES,
    "offering_staff": _COURSES,
    "course_list_json": _COURSES,
    "offering_counts": _PEOPLE,
    "student_list_json": _PEOPLE,
    "teacher_list": _PEOPLE,
    "teacher_list_json": _PEOPLE,
    "lecture_detail": _LECTURES,
    "lecture_detail_json": _LECTURES,
    "blockchain_statistics": _STATISTICS,
}
"""By resource; a resource without a line has no target."""
