"""Who may see one thing, decided without a query by what is kept of the reader and of the thing."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404

from attendance import cache_tags as tags
from attendance.access import Rights
from attendance.caching.accessors import cached
from attendance.caching.entries import NotStorableError
from attendance.caching.grants import Grant
from attendance.models import Lecture, User
from attendance.queries.belongings import belongings_of
from attendance.queries.readers import Reader
from attendance.queries.timetables import TaughtCourse, courses_named

Place = dict[str, Any]


def _place_tags(*, lecture: int, reach: list[str]) -> list[str]:
    return [tags.lecture(lecture), *(tags.offerings_of(each) for each in reach)]


@cached("lecture_grant", timeout=timedelta(seconds=settings.CACHE_TIMEOUT_LECTURE_DETAIL), tags=_place_tags)
def lecture_place(*, lecture: int, reach: list[str]) -> Place:
    """Return of a lecture what decides who may see it: id, organisation, offering, section (0 for none); 1 query.

    `reach` are the organisations whose rows the reader can come to see; of those of others nothing is told.

    Raises:
        NotStorableError: there is no such lecture in them.
    """
    rows = Lecture.objects.filter(pk=lecture).select_related("offering")
    found = next((each for each in rows if each.offering.organisation_id.hex in reach), None)
    if found is None:
        raise NotStorableError("no such lecture")
    return {
        "lecture": lecture,
        "organisation": found.offering.organisation_id.hex,
        "offering": found.offering_id,
        "section": found.section_id or 0,
    }


def _admits(reader: Reader, place: Place) -> bool:
    """Say whether a reader may see a lecture, as `access.see_lecture` does."""
    return reader.rights_in(place["organisation"], place["offering"], place["lecture"], place["section"]).see


may_see_lecture = Grant(
    lookup=lambda reader, lecture_id: lecture_place.lookup(lecture=lecture_id, reach=reader.reach), admits=_admits
)


def see_course(user: User, offering_id: int) -> tuple[TaughtCourse, Rights]:
    """Return a course with its lectures, and what the reader may do in it, as `access.see_offering` does.

    Raises:
        Http404: there is none, or not for this reader.
    """
    own = belongings_of(user)
    # Whoever oversees nothing is told by the own places alone, so that nobody else's courses are looked up for them.
    known = own.organisations or offering_id in own.offerings
    course = next(iter(courses_named([offering_id], own.reach) if known else []), None)
    rights = own.rights_in(course.organisation, offering_id) if course else None
    if course is None or rights is None or not rights.see:
        raise Http404
    return course, rights
