"""Enrollments of a OneRoster bundle: students become enrolments, those who teach become course staff."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from attendance.importers.oneroster_classes import ClassEntry, Offering
from attendance.importers.oneroster_people import STUDENT, Person, role_of
from attendance.importers.oneroster_rows import Book, Findings, UnfitRowError, fit, read_book, read_text
from attendance.importers.records import Kind, Place, Value
from attendance.importers.shapes import YES_NO, choice, day
from attendance.importers.tables import Row, Table
from attendance.importers.wording import listed, too_early

SeatKey = tuple[str, str, str]
"""Course, term and number of a person."""


@dataclass(frozen=True, slots=True)
class _Seat:
    """One enrollment that was taken."""

    key: SeatKey
    section: str
    word: str
    primary: bool
    days: Mapping[str, str | None]
    line: int
    sourced_id: str
    ends: bool

    @property
    def offering(self) -> Offering:
        return self.key[0], self.key[1]


class Enrollments:
    """Makes one enrolment or one duty of all rows about the same person in the same offering."""

    def __init__(self, table: Table, people: Book[Person], classes: Book[ClassEntry], findings: Findings) -> None:
        self._table = table
        self._people = people
        self._classes = classes
        self._findings = findings

    def read(self) -> None:
        """Put the records of all enrollments among the findings."""
        seats = list(read_book(self._table, self._findings, self._seat).found.values())
        students = _together([seat for seat in seats if role_of(seat.word, "role") == STUDENT])
        staff = _together([seat for seat in seats if role_of(seat.word, "role") != STUDENT])
        for rows in students.values():
            self._add(Kind.ENROLMENT, rows[0].key, rows, _enrolment(rows))
        owners = _owners(staff)
        for key, rows in staff.items():
            duty = "owner" if owners.get(rows[0].offering) == key else "assistant"
            self._add(Kind.STAFF, (*key, "", ""), rows, {"duty": duty})
        joined = [seat.sourced_id for rows in (*students.values(), *staff.values()) for seat in rows[1:]]
        if joined:
            note = _("Joined with another enrollment of the same person in the same course: %(enrollments)s.")
            self._findings.notes.append(note % {"enrollments": listed(joined)})

    def _seat(self, row: Row) -> _Seat:
        ends = self._findings.ends(row)
        word = read_text(row, "role", str)
        role_of(word, "role")
        entry = self._classes.look_up(read_text(row, "classSourcedId", str), "classSourcedId")
        person = self._people.look_up(read_text(row, "userSourcedId", str), "userSourcedId")
        primary = row.cells.get("primary", "")
        return _Seat(
            key=(*entry.offering, person.number),
            section=entry.section,
            word=word.casefold(),
            primary=bool(primary and fit(primary, "primary", choice(YES_NO))),
            days=_days(row),
            line=row.line,
            sourced_id=row.cells["sourcedId"],
            ends=ends or entry.ends or person.ends,
        )

    def _add(self, kind: Kind, key: tuple[str, ...], rows: Sequence[_Seat], fields: Mapping[str, Value]) -> None:
        place = Place(self._table.file, rows[0].line)
        self._findings.add(kind, key, place, fields, ends=all(row.ends for row in rows))


def _days(row: Row) -> dict[str, str | None]:
    """Return first and last day, as far as the file has these columns; None where the day is open."""
    days: dict[str, str | None] = {}
    for name, column in (("from_day", "beginDate"), ("until_day", "endDate")):
        cell = row.cells.get(column)
        if cell is not None:
            days[name] = str(fit(cell, column, day)) if cell else None
    start, end = days.get("from_day"), days.get("until_day")
    if start and end and end < start:
        raise UnfitRowError("endDate", too_early(start, end))
    return days


def _together(seats: Sequence[_Seat]) -> dict[SeatKey, list[_Seat]]:
    groups: dict[SeatKey, list[_Seat]] = defaultdict(list)
    for seat in seats:
        groups[seat.key].append(seat)
    return groups


def _enrolment(rows: Sequence[_Seat]) -> dict[str, Value]:
    """Return the fields of an enrolment: its sections, and from the first day of any of its rows until the last."""
    staying = [row for row in rows if not row.ends]
    fields: dict[str, Value] = {}
    for name, outermost in (("from_day", min), ("until_day", max)):
        days = [row.days[name] for row in staying if name in row.days]
        if days:
            known = [each for each in days if each is not None]
            fields[name] = outermost(known) if len(known) == len(days) else None
    sections = [row.section for row in staying if row.section]
    if sections:
        fields["sections"] = [*dict.fromkeys(sections)]
    return fields


def _owners(staff: Mapping[SeatKey, Sequence[_Seat]]) -> dict[Offering, SeatKey]:
    """Return who owns each offering: the first primary teacher, or else the first teacher."""
    owners: dict[Offering, SeatKey] = {}
    teachers = [seat for rows in staff.values() for seat in rows if seat.word == "teacher" and not seat.ends]
    for seat in sorted(teachers, key=lambda seat: (not seat.primary, seat.line)):
        owners.setdefault(seat.offering, seat.key)
    return owners
