"""Who may see one thing, kept like any other read; a refusal never is."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404

from attendance import cache_tags as tags
from attendance.access import see_lecture
from attendance.caching.grants import granted
from attendance.models import User


def _lecture_tags(*, lecture: int, user: int, reach: list[str]) -> list[str]:
    return [
        tags.lecture(lecture),
        tags.account(user),
        tags.duties_of(user),
        tags.enrolments_of(user),
        tags.seats_of(user),
        *(kind(each) for each in reach for kind in (tags.organisation, tags.organisations_under, tags.offerings_of)),
    ]


@granted("lecture_grant", timeout=timedelta(seconds=settings.CACHE_TIMEOUT_LECTURE_DETAIL), tags=_lecture_tags)
def may_see_lecture(*, lecture: int, user: int, reach: list[str]) -> bool:
    """Say whether a person may see a lecture; `reach` are the organisations whose rows this person can come to see."""
    try:
        see_lecture(User.objects.select_related("organisation").get(pk=user), lecture)
    except Http404:
        return False
    return True
