"""What is taught in which term, in which sections, and who is enrolled in it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count

from django.utils.translation import gettext as _

from attendance import clock
from attendance.importers.records import Kind, Record, Value
from attendance.models import Course, Enrolment, Offering, Section, User
from attendance.services.importing.tables.base import (
    BATCH,
    Fields,
    Key,
    Known,
    Objection,
    Reference,
    RuledTable,
    Table,
    of_own_people,
    put_away,
    simply,
)


class CourseTable(Table[Course]):
    """Courses of the catalogue by code."""

    kind = Kind.COURSE
    model = Course
    columns = {"title": "title"}
    defaults = {"archived": False}
    required = ("title", "department")

    def stored(self, known: Known) -> Iterable[Course]:
        return Course.objects.filter(organisation=known.organisation).select_related("department")

    def key(self, row: Course, known: Known) -> Key:
        return (row.code,)

    def fields(self, row: Course, known: Known) -> Fields:
        return {"title": row.title, "department": row.department.name, "archived": row.archived_at is not None}

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        if "department" in fields:
            yield Reference("department", Kind.DEPARTMENT, (str(fields["department"]),))

    def make(self, key: Key, fields: Fields, known: Known) -> Course:
        course = Course(organisation=known.organisation, code=key[0])
        self.change(course, fields, known)
        return course

    def change(self, row: Course, fields: Fields, known: Known) -> list[str]:
        columns = simply(row, fields, self.columns)
        if "department" in fields:
            row.department = known.row(Kind.DEPARTMENT, (str(fields["department"]),))
            columns.append("department")
        return columns + (put_away(row, "archived_at", fields["archived"], known) if "archived" in fields else [])

    def ending(self, fields: Fields, known: Known) -> Fields | None:
        return {"archived": True}


_POLICY = ("late_weight", "left_early_weight", "remote_weight", "blank_counts_absent", "drop_lowest")


class OfferingTable(RuledTable[Offering]):
    """Courses in a term, with their policy."""

    kind = Kind.OFFERING
    model = Offering
    columns = {name: name for name in _POLICY}
    defaults = {name: getattr(Offering(), name) for name in _POLICY}

    def stored(self, known: Known) -> Iterable[Offering]:
        return Offering.objects.filter(organisation=known.organisation).select_related("course", "term")

    def key(self, row: Offering, known: Known) -> Key:
        return row.course.code, row.term.name

    def fields(self, row: Offering, known: Known) -> Fields:
        return {name: getattr(row, name) for name in _POLICY}

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        yield Reference("course", Kind.COURSE, key[:1])
        yield Reference("term", Kind.TERM, key[1:])

    def make(self, key: Key, fields: Fields, known: Known) -> Offering:
        course, term = known.row(Kind.COURSE, key[:1]), known.row(Kind.TERM, key[1:])
        return Offering(organisation=known.organisation, course=course, term=term, **fields)

    def change(self, row: Offering, fields: Fields, known: Known) -> list[str]:
        return simply(row, fields, self.columns)


class SectionTable(Table[Section]):
    """Sections of a course in a term, by name."""

    kind = Kind.SECTION
    model = Section
    columns = {"limit": "limit"}
    defaults = {"limit": None}

    def stored(self, known: Known) -> Iterable[Section]:
        return Section.objects.filter(offering__in=known.offerings())

    def key(self, row: Section, known: Known) -> Key:
        return (*known.key_of(Kind.OFFERING, row.offering_id), row.name)

    def fields(self, row: Section, known: Known) -> Fields:
        return {"limit": row.limit}

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        yield Reference("course", Kind.OFFERING, key[:2])

    def make(self, key: Key, fields: Fields, known: Known) -> Section:
        return Section(offering=known.row(Kind.OFFERING, key[:2]), name=key[2], **fields)

    def change(self, row: Section, fields: Fields, known: Known) -> list[str]:
        return simply(row, fields, self.columns)


class EnrolmentTable(Table[Enrolment]):
    """Students in a course of a term, with their sections."""

    kind = Kind.ENROLMENT
    model = Enrolment
    columns = {"roll_number": "roll_number"}
    defaults = {"from_day": None, "until_day": None, "sections": []}

    def __init__(self) -> None:
        self._taken: dict[Key, set[str]] | None = None
        self._counters: dict[Key, count[int]] = defaultdict(lambda: count(1))
        self._seats: dict[int, list[str]] = {}

    def stored(self, known: Known) -> Iterable[Enrolment]:
        self._seats = defaultdict(list)
        seats = Enrolment.sections.through._default_manager.filter(enrolment__offering__in=known.offerings())
        for enrolment, section in seats.values_list("enrolment", "section"):
            self._seats[enrolment].append(known.key_of(Kind.SECTION, section)[2])
        return of_own_people(Enrolment.objects.filter(offering__in=known.offerings()), "student", known)

    def key(self, row: Enrolment, known: Known) -> Key:
        return (*known.key_of(Kind.OFFERING, row.offering_id), *known.key_of(Kind.PERSON, row.student_id))

    def fields(self, row: Enrolment, known: Known) -> Fields:
        return {
            "roll_number": row.roll_number,
            "from_day": row.from_day.isoformat() if row.from_day else None,
            "until_day": row.until_day.isoformat() if row.until_day else None,
            "sections": sorted(self._seats.get(row.pk, ())),
        }

    def normal(self, key: Key, fields: Mapping[str, Value], known: Known) -> tuple[Key, Fields]:
        own = dict(fields)
        if isinstance(own.get("sections"), list):
            own["sections"] = sorted(set(own["sections"]))  # type: ignore[arg-type]
        return key, own

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        yield Reference("course", Kind.OFFERING, key[:2])
        yield Reference("number", Kind.PERSON, key[2:])
        for section in _sections(fields):
            yield Reference("sections", Kind.SECTION, (*key[:2], section))

    def in_order(self, records: Sequence[Record], known: Known) -> Sequence[Record]:
        """Put students in the order of their names, in which new ones get their roll numbers."""
        people = known.fields(Kind.PERSON)

        def listed(record: Record) -> tuple[str, ...]:
            person = people.get(record.key[2:], {})
            return str(person.get("family_name", "")), str(person.get("given_name", "")), record.key[2]

        return sorted(records, key=listed)

    def completed(self, key: Key, fields: Fields, known: Known) -> Fields:
        """Give a new enrolment the next free roll number of its course."""
        own = {**self.defaults, **fields}
        if not own.get("roll_number"):
            taken = self._roll_numbers(known)[key[:2]]
            own["roll_number"] = next(
                text for text in (f"{number:04}" for number in self._counters[key[:2]]) if text not in taken
            )
        return own

    def _roll_numbers(self, known: Known) -> dict[Key, set[str]]:
        """Return the roll numbers of each course that are taken, also by people whom no file can name."""
        if self._taken is None:
            self._taken = defaultdict(set)
            enrolments = Enrolment.objects.filter(offering__in=known.offerings())
            for offering, roll_number in enrolments.values_list("offering", "roll_number"):
                self._taken[known.key_of(Kind.OFFERING, offering)].add(roll_number)
        return self._taken

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        if known.fields(Kind.PERSON)[key[2:]]["role"] != User.Role.STUDENT:
            return Objection(
                "number", _("“%(number)s” is not a student, and only students are enrolled.") % _named(key)
            )
        if str(fields["until_day"] or "9") < str(fields["from_day"] or ""):
            return Objection("until_day", _("The last day lies before the first one."))
        taken = self._roll_numbers(known)[key[:2]]
        number = str(fields["roll_number"])
        if number in taken and (before is None or before["roll_number"] != number):
            return Objection("roll_number", _("Roll number %(number)s is taken.") % {"number": number})
        taken.add(number)
        return None

    def make(self, key: Key, fields: Fields, known: Known) -> Enrolment:
        student, offering = known.row(Kind.PERSON, key[2:]), known.row(Kind.OFFERING, key[:2])
        enrolment = Enrolment(offering=offering, student=student)
        self.change(enrolment, fields, known)
        return enrolment

    def change(self, row: Enrolment, fields: Fields, known: Known) -> list[str]:
        columns = simply(row, fields, self.columns)
        for name in ("from_day", "until_day"):
            if name in fields:
                day = fields[name]
                setattr(row, name, date.fromisoformat(str(day)) if day else None)
                columns.append(name)
        return columns

    def ending(self, fields: Fields, known: Known) -> Fields | None:
        yesterday = (clock.today(known.zone) - timedelta(days=1)).isoformat()
        return {"until_day": max(yesterday, str(fields["from_day"] or ""))}

    def store(self, rows: Sequence[tuple[Enrolment, Fields]], known: Known) -> None:
        super().store(rows, known)
        self._seat(rows, known)

    def store_changes(self, rows: Sequence[tuple[Enrolment, Fields]], known: Known) -> None:
        super().store_changes(rows, known)
        moved = [(row, fields) for row, fields in rows if "sections" in fields]
        seats = Enrolment.sections.through.objects
        for start in range(0, len(moved), BATCH):
            seats.filter(enrolment__in=[row.pk for row, _fields in moved[start : start + BATCH]]).delete()
        self._seat(moved, known)

    def _seat(self, rows: Sequence[tuple[Enrolment, Fields]], known: Known) -> None:
        """Put students into their sections."""
        seat = Enrolment.sections.through
        seat._default_manager.bulk_create(
            [
                seat(enrolment_id=row.pk, section_id=known.row(Kind.SECTION, (*course, name)).pk)
                for row, fields in rows
                for course in [known.key_of(Kind.OFFERING, row.offering_id)]
                for name in _sections(fields)
            ],
            batch_size=BATCH,
        )


def _sections(fields: Fields) -> list[str]:
    names = fields.get("sections")
    return names if isinstance(names, list) else []


def _named(key: Key) -> dict[str, str]:
    return {"number": key[-1]}
