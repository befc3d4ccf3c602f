"""What share of its reads each cached resource should answer from the cache, in percent.

The page of cache statistics, its command and replayed teaching days measure against this one table. A resource without
a target is counted and shown without one.
"""

from collections.abc import Mapping

TARGETS: Mapping[str, int] = {
    "course_list": 85,
    "student_list": 75,
    "teacher_list": 75,  # Read and changed as the list of students is.
    "lecture_detail": 70,
    "blockchain_stats": 90,
}
