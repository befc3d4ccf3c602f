"""Who may see one thing, decided without a query by what is kept of the reader and of the thing."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from attendance import cache_tags as tags
from attendance.caching.accessors import cached
from attendance.caching.entries import NotStorableError
from attendance.caching.grants import Grant
from attendance.models import Lecture
from attendance.queries.readers import Reader

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
    if place["organisation"] in reader.organisations:
        return True
    if place["organisation"] != reader.organisation:
        return False
    works = [[place["offering"], lecture] in reader.duties for lecture in (0, place["lecture"])]
    return any(works) or [place["offering"], place["section"]] in reader.places


may_see_lecture = Grant(
    lookup=lambda reader, lecture_id: lecture_place.lookup(lecture=lecture_id, reach=reader.reach), admits=_admits
)
