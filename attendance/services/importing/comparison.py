"""Holding what a file says against what is stored: which rows are new, changed, gone, the same, or refused."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from attendance import clock
from attendance.importers.records import Kind, Place, Reading, Record
from attendance.models import ImportRow, Organisation
from attendance.services.importing.planned_lectures import lectures_of
from attendance.services.importing.tables import tables
from attendance.services.importing.tables.base import Fields, Key, Known, Objection, Table, missing, referring

Action = ImportRow.Action
BELOW_A_COURSE = {Kind.OFFERING, Kind.SECTION, Kind.ENROLMENT, Kind.MEETING, Kind.LECTURE, Kind.STAFF, Kind.MARK}
COMPLETE_KINDS = {Kind.ENROLMENT, Kind.STAFF}
"""Kinds of which a file that is complete names all rows of a course that it names."""
SAME = "same"
_NOWHERE = Place("", 0)


class Comparison:
    """One file held against one institution; `counts` says by kind what became of its records so far."""

    def __init__(self, *, organisation: Organisation, reading: Reading, complete: bool, moment: datetime) -> None:
        named = {record.key[:2] for record in reading.records if record.kind in BELOW_A_COURSE}
        self._tables = tables()
        self._known = Known(organisation, moment, {(code, term) for code, term in named}, self._tables)
        moved = [record.fields.get("time_zone") for record in reading.records if record.kind is Kind.INSTITUTION]
        self._known.zone = ZoneInfo(str(moved[0])) if moved and moved[0] else organisation.zone
        self._reading, self._complete = reading, complete
        self._seen: dict[Kind, set[Key]] = defaultdict(set)
        self._meetings: list[tuple[Key, Fields | None, Place]] = []
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def rows(self) -> Iterator[ImportRow | None]:
        """Yield for each record the row to be kept of it, or None where it changes nothing; refused ones come first."""
        for each in self._reading.refused:
            yield self._refused("", (), each.place, Objection(each.field, each.reason))
        by_kind: dict[Kind, list[Record]] = defaultdict(list)
        for record in self._reading.records:
            by_kind[record.kind].append(record)
        for kind, table in self._tables.items():
            for record in table.in_order(by_kind[kind], self._known):
                yield self._compared(table, record)
            if kind is Kind.LECTURE:
                yield from self._planned_lectures(table)
            if self._complete and kind in COMPLETE_KINDS:
                yield from self._left_out(table, by_kind[kind])

    def _planned_lectures(self, table: Table[Any]) -> Iterator[ImportRow | None]:
        for key, before, place in self._meetings:
            for record in lectures_of(key, before, place, self._known):
                if record.key not in self._seen[Kind.LECTURE]:  # What the file says itself goes first.
                    yield self._compared(table, record)

    def _left_out(self, table: Table[Any], records: list[Record]) -> Iterator[ImportRow | None]:
        """End what a complete file leaves out of the courses that it names."""
        courses = {record.key[:2] for record in records}
        for key in sorted(self._known.rows(table.kind)):
            is_whole = table.kind is Kind.ENROLMENT or not key[-1]  # Substitutes of one lecture are no part of it.
            if key[:2] in courses and key not in self._seen[table.kind] and is_whole:
                yield self._ended(table, key, _NOWHERE)

    def _compared(self, table: Table[Any], record: Record) -> ImportRow | None:
        key, fields = table.normal(record.key, record.fields, self._known)
        if key in self._seen[table.kind]:
            return self._refused(table.kind, key, record.place, Objection("", _("This row stands in the file twice.")))
        self._seen[table.kind].add(key)
        stored = self._known.fields(table.kind).get(key)
        if record.ends:
            return self._ended(table, key, record.place)
        if record.keeps and table.is_kept(key, self._known):
            return self._as_it_is(table, key, stored, record.place)
        if stored is None:
            return self._new(table, key, fields, record.place)
        return self._changed(table, key, stored, fields, record.place)

    def _new(self, table: Table[Any], key: Key, fields: Fields, place: Place) -> ImportRow | None:
        lacking = next((name for name in table.required if fields.get(name) in (None, "")), None)
        if lacking is not None:
            return self._refused(table.kind, key, place, Objection(lacking, _("A new row needs this field.")))
        objection = self._lost_reference(table, key, fields)
        if objection is None:
            fields = table.completed(key, fields, self._known)
            objection = table.objection(key, fields, None, self._known)
        if objection is not None:
            return self._refused(table.kind, key, place, objection)
        self._known.fields(table.kind)[key] = fields
        self._note_meeting(table, key, None, place)
        return self._row(table.kind, Action.NEW, key, place, before=None, after=fields)

    def _changed(self, table: Table[Any], key: Key, stored: Fields, fields: Fields, place: Place) -> ImportRow | None:
        changes = table.changes(stored, fields)
        if not changes:
            return self._as_it_is(table, key, stored, place)
        objection = self._lost_reference(table, key, changes) or table.objection(
            key, {**stored, **changes}, stored, self._known
        )
        if objection is not None:
            if table.kind is Kind.TERM:
                self._forget_term(key)
            return self._refused(table.kind, key, place, objection)
        self._known.fields(table.kind)[key] = {**stored, **changes}
        self._note_meeting(table, key, stored, place)
        before = {name: stored[name] for name in changes}
        return self._row(table.kind, Action.CHANGED, key, place, before=before, after=changes)

    def _forget_term(self, term: Key) -> None:
        """Let nothing else of the file be taken to speak of the stored term, when its own one is another."""
        del self._known.fields(Kind.TERM)[term]
        offerings = self._known.fields(Kind.OFFERING)
        for key in [key for key in offerings if key[1:] == term]:
            del offerings[key]

    def _as_it_is(self, table: Table[Any], key: Key, stored: Fields | None, place: Place) -> ImportRow | None:
        if stored is not None:
            self._note_meeting(table, key, stored, place)
        self.counts[table.kind][SAME] += 1
        return None

    def _ended(self, table: Table[Any], key: Key, place: Place) -> ImportRow | None:
        stored = self._known.fields(table.kind).get(key)
        if stored is None:
            self.counts[table.kind][SAME] += 1
            return None
        ending = table.ending(stored, self._known)
        if ending is None:
            if any(referring([self._known.row(table.kind, key)])):
                return self._refused(table.kind, key, place, Objection("", _("This is still in use, so it stays.")))
            del self._known.fields(table.kind)[key]
            return self._row(table.kind, Action.GONE, key, place, before=stored, after=None)
        if all(stored[name] == value for name, value in ending.items()) or _is_over(stored, ending):
            self.counts[table.kind][SAME] += 1
            return None
        self._known.fields(table.kind)[key] = {**stored, **ending}
        before = {name: stored[name] for name in ending}
        return self._row(table.kind, Action.GONE, key, place, before=before, after=ending)

    def _lost_reference(self, table: Table[Any], key: Key, fields: Fields) -> Objection | None:
        for reference in table.references(key, fields):
            if reference.key not in self._known.fields(reference.kind):
                return missing(reference)
        return None

    def _note_meeting(self, table: Table[Any], key: Key, before: Fields | None, place: Place) -> None:
        if table.kind is Kind.MEETING:
            self._meetings.append((key, before, place))

    def _refused(self, kind: str, key: Key, place: Place, objection: Objection) -> ImportRow:
        row = self._row(kind, Action.REFUSED, key, place, before=None, after=None)
        row.field, row.reason = objection.field, objection.reason
        return row

    def _row(
        self,
        kind: str,
        action: ImportRow.Action,
        key: Key,
        place: Place,
        *,
        before: Fields | None,
        after: Fields | None,
    ) -> ImportRow:
        self.counts[kind][action.value] += 1
        return ImportRow(
            kind=str(kind), action=action, key=list(key), file=place.file, line=place.line, before=before, after=after
        )


def _is_over(stored: Fields, ending: Fields) -> bool:
    """Say whether an enrolment that would end has ended before."""
    return bool("until_day" in ending and stored["until_day"] and str(stored["until_day"]) <= str(ending["until_day"]))


def compare(*, organisation: Organisation, reading: Reading, complete: bool = False) -> Comparison:
    """Return the comparison of a file with an institution as it is now.

    `complete` says that the file names all enrolments and staff of the courses that it names, so that others end.
    """
    as_stored = Organisation.objects.get(pk=organisation.pk)
    return Comparison(organisation=as_stored, reading=reading, complete=complete, moment=clock.now())
