"""Weekly hours and lectures, and who stands in for one. Hours are those on the institution's own clock."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from attendance.importers.records import Kind, Value
from attendance.models import CourseStaff, Lecture, Meeting
from attendance.services.importing.tables.base import (
    Fields,
    Key,
    Known,
    Objection,
    Reference,
    Table,
    of_own_people,
    put_away,
    simply,
)


def hour(moment: time) -> str:
    """Return a time on the clock as `09:00`, with seconds only where there are some."""
    return moment.isoformat("seconds" if moment.second else "minutes")


def on_the_clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment as the clocks of a zone show it: `2026-09-14T09:00`."""
    local = moment.astimezone(zone)
    return f"{local.date().isoformat()}T{hour(local.time())}"


def in_utc(text: str, zone: ZoneInfo) -> str:
    """Return a moment in UTC that is written with an offset, or as the clocks of the zone show it."""
    return _moment(text, zone).astimezone(UTC).isoformat()


def _moment(text: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def normal_lecture_key(key: Key, zone: ZoneInfo) -> Key:
    """Return the key of a lecture with its moment as the clocks of the zone show it."""
    return (*key[:3], on_the_clock(_moment(key[3], zone), zone))


def _above(row: Meeting | Lecture, known: Known) -> Key:
    """Return course, term and section of a stored row."""
    if row.section_id is not None:
        return known.key_of(Kind.SECTION, row.section_id)
    return (*known.key_of(Kind.OFFERING, row.offering_id), "")


def _name_of_room(row: Meeting | Lecture, known: Known) -> str | None:
    """Return what a row's room is called, if it has one."""
    return known.key_of(Kind.ROOM, row.room_id)[0] if row.room_id else None


def _references_above(key: Key) -> Iterator[Reference]:
    """Yield what every key that begins with course, term and section refers to."""
    yield Reference("course", Kind.OFFERING, key[:2])
    if key[2]:
        yield Reference("section", Kind.SECTION, key[:3])


class MeetingTable(Table[Meeting]):
    """Weekly hours of a course or of one of its sections."""

    kind = Kind.MEETING
    model = Meeting
    columns = {"minutes": "minutes", "weeks": "weeks"}
    defaults = {"room": None}
    required = ("minutes", "weeks")

    def stored(self, known: Known) -> Iterable[Meeting]:
        return Meeting.objects.filter(offering__in=known.offerings())

    def key(self, row: Meeting, known: Known) -> Key:
        return (*_above(row, known), str(row.weekday), hour(row.starts_at))

    def fields(self, row: Meeting, known: Known) -> Fields:
        return {"minutes": row.minutes, "weeks": row.weeks, "room": _name_of_room(row, known)}

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        yield from _references_above(key)
        yield from _room(fields)

    def make(self, key: Key, fields: Fields, known: Known) -> Meeting:
        meeting = Meeting(
            offering=known.row(Kind.OFFERING, key[:2]),
            section=known.row(Kind.SECTION, key[:3]) if key[2] else None,
            weekday=int(key[3]),
            starts_at=time.fromisoformat(key[4]),
        )
        self.change(meeting, fields, known)
        return meeting

    def change(self, row: Meeting, fields: Fields, known: Known) -> list[str]:
        return simply(row, fields, self.columns) + _set_room(row, fields, known)


class LectureTable(Table[Lecture]):
    """Lectures, told apart by when they were planned: also one that was moved keeps its name."""

    kind = Kind.LECTURE
    model = Lecture
    columns = {"mode": "mode", "topic": "topic"}
    defaults = {"room": None, "mode": Lecture.Mode.ONSITE.value, "topic": "", "cancelled": False}
    required = ("starts_at", "ends_at")

    def stored(self, known: Known) -> Iterable[Lecture]:
        return Lecture.objects.filter(offering__in=known.offerings())

    def key(self, row: Lecture, known: Known) -> Key:
        planned = on_the_clock(row.starts_at, known.zone)
        if row.meeting_id and row.planned_day:
            planned = f"{row.planned_day.isoformat()}T{known.key_of(Kind.MEETING, row.meeting_id)[4]}"
        return (*_above(row, known), planned)

    def fields(self, row: Lecture, known: Known) -> Fields:
        return {
            "starts_at": row.starts_at.astimezone(UTC).isoformat(),
            "ends_at": row.ends_at.astimezone(UTC).isoformat(),
            "room": _name_of_room(row, known),
            "mode": row.mode,
            "topic": row.topic,
            "cancelled": row.cancelled_at is not None,
        }

    def normal(self, key: Key, fields: Mapping[str, Value], known: Known) -> tuple[Key, Fields]:
        zone = known.zone
        moments = {name: in_utc(str(fields[name]), zone) for name in ("starts_at", "ends_at") if name in fields}
        own = normal_lecture_key(key, zone)
        if "starts_at" in moments and own not in known.fields(self.kind) and not _is_of_a_meeting(own, known):
            own = normal_lecture_key((*key[:3], moments["starts_at"]), zone)  # A single lecture is named by its start.
        return own, {**fields, **moments}

    def key_after(self, key: Key, fields: Fields | None, known: Known) -> Key:
        if fields is None or "starts_at" not in fields or _is_of_a_meeting(key, known):
            return key
        return normal_lecture_key((*key[:3], str(fields["starts_at"])), known.zone)

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        yield from _references_above(key)
        yield from _room(fields)

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        if str(fields["ends_at"]) <= str(fields["starts_at"]):
            return Objection("ends_at", _("The lecture ends before it starts. Choose a later end."))
        if before is not None and before["starts_at"] == fields["starts_at"]:
            return None
        term = known.fields(Kind.TERM)[key[1:2]]
        day = on_the_clock(datetime.fromisoformat(str(fields["starts_at"])), known.zone)[:10]
        if not str(term["first_day"]) <= day <= str(term["last_day"]):
            words = {"day": day, "term": key[1], "first": term["first_day"], "last": term["last_day"]}
            return Objection(
                "starts_at", _("%(day)s lies outside %(term)s, which runs from %(first)s to %(last)s.") % words
            )
        return None

    def make(self, key: Key, fields: Fields, known: Known) -> Lecture:
        meeting = _meeting_of(key, known)
        lecture = Lecture(
            organisation=known.organisation,
            offering=known.row(Kind.OFFERING, key[:2]),
            section=known.row(Kind.SECTION, key[:3]) if key[2] else None,
            meeting=meeting,
            planned_day=date.fromisoformat(key[3][:10]) if meeting else None,
        )
        self.change(lecture, fields, known)
        return lecture

    def change(self, row: Lecture, fields: Fields, known: Known) -> list[str]:
        columns = simply(row, fields, self.columns) + _set_room(row, fields, known)
        for name in ("starts_at", "ends_at"):
            if name in fields:
                setattr(row, name, datetime.fromisoformat(str(fields[name])))
                columns.append(name)
        return columns + (put_away(row, "cancelled_at", fields["cancelled"], known) if "cancelled" in fields else [])

    def ending(self, fields: Fields, known: Known) -> Fields | None:
        return {"cancelled": True}


def _key_of_meeting(key: Key) -> Key:
    """Return the key that the weekly hour of a lecture has, if it is of any: that of its weekday and time."""
    day = date.fromisoformat(key[3][:10])
    return (*key[:3], str(day.weekday()), key[3][11:])


def _is_of_a_meeting(key: Key, known: Known) -> bool:
    return _key_of_meeting(key) in known.fields(Kind.MEETING)


def _meeting_of(key: Key, known: Known) -> Meeting | None:
    return known.rows(Kind.MEETING).get(_key_of_meeting(key))


class StaffTable(Table[CourseStaff]):
    """Owners and assistants of a course, and substitutes in one lecture of it."""

    kind = Kind.STAFF
    model = CourseStaff
    columns = {"duty": "duty"}
    required = ("duty",)

    def stored(self, known: Known) -> Iterable[CourseStaff]:
        return of_own_people(CourseStaff.objects.filter(offering__in=known.offerings()), "user", known)

    def key(self, row: CourseStaff, known: Known) -> Key:
        lecture = known.key_of(Kind.LECTURE, row.lecture_id)[2:] if row.lecture_id else ("", "")
        person = known.key_of(Kind.PERSON, row.user_id)
        return (*known.key_of(Kind.OFFERING, row.offering_id), *person, *lecture)

    def fields(self, row: CourseStaff, known: Known) -> Fields:
        return {"duty": row.duty}

    def normal(self, key: Key, fields: Mapping[str, Value], known: Known) -> tuple[Key, Fields]:
        zone = known.zone
        planned = on_the_clock(_moment(key[4], zone), zone) if key[4] else ""
        return (*key[:4], planned), dict(fields)

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        yield Reference("course", Kind.OFFERING, key[:2])
        yield Reference("number", Kind.PERSON, key[2:3])
        if key[4]:
            yield Reference("planned_for", Kind.LECTURE, (*key[:2], *key[3:]))

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        if (*key[:2], key[2]) in known.fields(Kind.ENROLMENT):
            return Objection(
                "number", _("“%(number)s” is enrolled in this course and cannot work on it.") % _named(key)
            )
        if (fields["duty"] == CourseStaff.Duty.SUBSTITUTE) != bool(key[4]):
            return Objection("duty", _("A substitute stands in for one lecture, and only a substitute does."))
        return None

    def is_kept(self, key: Key, known: Known) -> bool:
        # A course that was there has its staff, whoever that is by now.
        return key[:2] in known.rows(Kind.OFFERING)

    def make(self, key: Key, fields: Fields, known: Known) -> CourseStaff:
        lecture = known.row(Kind.LECTURE, (*key[:2], *key[3:])) if key[4] else None
        offering, user = known.row(Kind.OFFERING, key[:2]), known.row(Kind.PERSON, key[2:3])
        return CourseStaff(offering=offering, user=user, lecture=lecture, duty=str(fields["duty"]))

    def change(self, row: CourseStaff, fields: Fields, known: Known) -> list[str]:
        return simply(row, fields, self.columns)


def _named(key: Key) -> dict[str, str]:
    return {"number": key[2]}


def _room(fields: Fields) -> Iterator[Reference]:
    if fields.get("room"):
        yield Reference("room", Kind.ROOM, (str(fields["room"]),))


def _set_room(row: Meeting | Lecture, fields: Fields, known: Known) -> list[str]:
    if "room" not in fields:
        return []
    row.room = known.row(Kind.ROOM, (str(fields["room"]),)) if fields["room"] else None
    return ["room"]
