"""The lectures that come of weekly hours when these are imported.

A new hour brings its lectures, but none on a holiday. When an hour changes, those of its lectures follow that are still
to come and that nobody moved by hand.
"""

from collections.abc import Iterator
from datetime import date, time, timedelta

from attendance.importers.records import Kind, Place, Record
from attendance.services.importing.tables.base import Fields, Key, Known
from attendance.services.importing.tables.hours import hour, in_utc
from attendance.timetable.expansion import expand


def lectures_of(key: Key, before: Fields | None, place: Place, known: Known) -> Iterator[Record]:
    """Yield records of the lectures of an hour, `before` being its fields so far where it was there."""
    after = known.fields(Kind.MEETING)[key]
    now = _planned(key, after, known)
    earlier = _planned(key, before, known) if before and before != after else {}
    for lecture, fields in now.items():
        follows = lecture in earlier and _is_untouched(lecture, earlier[lecture], known)
        yield Record(kind=Kind.LECTURE, key=lecture, fields=fields, place=place, keeps=not follows)
    for lecture in earlier.keys() - now.keys():
        if _is_untouched(lecture, earlier[lecture], known):
            yield Record(kind=Kind.LECTURE, key=lecture, fields={}, place=place, ends=True)


def _planned(key: Key, meeting: Fields, known: Known) -> dict[Key, Fields]:
    """Return the lectures by key as the hour plans them."""
    starts_at = time.fromisoformat(key[4])
    occurrences = expand(
        first_day=date.fromisoformat(str(known.fields(Kind.TERM)[key[1:2]]["first_day"])),
        weeks=str(meeting["weeks"]),
        weekday=int(key[3]),
        starts_at=starts_at,
        minutes=int(str(meeting["minutes"])),
        zone=known.zone,
    )
    free = _days_free(known)
    return {
        (*key[:3], f"{each.planned_day.isoformat()}T{hour(starts_at)}"): {
            "starts_at": each.starts_at.isoformat(),
            "ends_at": each.ends_at.isoformat(),
            "room": meeting["room"],
        }
        for each in occurrences
        if each.planned_day not in free
    }


def _is_untouched(lecture: Key, planned: Fields, known: Known) -> bool:
    """Say whether a lecture is still to come and is as its hour had planned it."""
    stored = known.fields(Kind.LECTURE).get(lecture)
    if stored is None or str(stored["starts_at"]) <= in_utc(known.moment.isoformat(), known.zone):
        return False
    return not stored["cancelled"] and all(stored[name] == value for name, value in planned.items())


def _days_free(known: Known) -> set[date]:
    spans = [
        (date.fromisoformat(key[0]), date.fromisoformat(str(fields["last_day"])))
        for key, fields in known.fields(Kind.HOLIDAY).items()
    ]
    return {first + timedelta(days=number) for first, last in spans for number in range((last - first).days + 1)}
