"""Lists of the reader's organisation and one lecture as JSON, for programs that speak with a browser's session."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from attendance.access import SignedInRequest, see_lecture
from attendance.api.answers import for_roles, listed
from attendance.caching.pages import cached_page
from attendance.models import User
from attendance.queries import directories
from attendance.queries.grants import may_see_lecture
from attendance.views import page_tags

_COURSES = timedelta(seconds=settings.CACHE_TIMEOUT_COURSE_LIST)
_PEOPLE = timedelta(seconds=settings.CACHE_TIMEOUT_STUDENT_LIST)
_LECTURE = timedelta(seconds=settings.CACHE_TIMEOUT_LECTURE_DETAIL)
_OVERSEERS = (User.Role.ADMIN, User.Role.AUDITOR)


@cached_page("course_list_json", scope="role", timeout=_COURSES, tags=page_tags.course_list_json, kind="json")
@require_safe
@for_roles(*_OVERSEERS)
def course_list(request: SignedInRequest) -> HttpResponse:
    """Return `{"courses": [...]}`, the courses of all terms that are not archived, by code."""
    return listed("courses", directories.course_list.serialised(organisation=request.user.organisation_id.hex))


@cached_page("student_list_json", scope="role", timeout=_PEOPLE, tags=page_tags.people_json, kind="json")
@require_safe
@for_roles(*_OVERSEERS)
def student_list(request: SignedInRequest) -> HttpResponse:
    """Return `{"students": [...]}`, every student by name."""
    return listed("students", directories.student_list.serialised(organisation=request.user.organisation_id.hex))


@cached_page("teacher_list_json", scope="organisation", timeout=_PEOPLE, tags=page_tags.people_json, kind="json")
@require_safe
@for_roles(*User.Role)
def teacher_list(request: SignedInRequest) -> HttpResponse:
    """Return `{"teachers": [...]}`, every teacher by name."""
    return listed("teachers", directories.teacher_list.serialised(organisation=request.user.organisation_id.hex))


@cached_page(
    "lecture_detail_json",
    scope="organisation",
    timeout=_LECTURE,
    tags=page_tags.lecture_show,
    grant=may_see_lecture,
    kind="json",
)
@require_safe
@for_roles(*User.Role)
def lecture_show(request: SignedInRequest, lecture_id: int) -> HttpResponse:
    """Return `{"lecture": {...}}`: hours, room, course; no sessions and no marks."""
    lecture, _rights = see_lecture(request.user, lecture_id)
    own = lecture.organisation_id.hex
    return listed("lecture", directories.lecture_detail.serialised(lecture=lecture_id, organisation=own))
