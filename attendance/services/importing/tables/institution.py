"""The institution itself, its departments, rooms, terms and holidays."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from attendance.importers.records import Kind
from attendance.models import Department, Holiday, Organisation, Room, Term
from attendance.services.importing.tables.base import Fields, Key, Known, Objection, RuledTable, Table, put_away, simply

_SETTINGS = (
    "name",
    "time_zone",
    "at_risk_percent",
    "warning_percent",
    "late_after_minutes",
    "session_minutes",
    "school_year_month",
    "school_year_day",
)


class InstitutionTable(RuledTable[Organisation]):
    """The one row of the institution, which a file may change and nothing else."""

    kind = Kind.INSTITUTION
    model = Organisation
    columns = {name: name for name in _SETTINGS}

    def stored(self, known: Known) -> Iterable[Organisation]:
        return [known.organisation]

    def key(self, row: Organisation, known: Known) -> Key:
        return ()

    def fields(self, row: Organisation, known: Known) -> Fields:
        return {name: getattr(row, name) for name in _SETTINGS}

    def make(self, key: Key, fields: Fields, known: Known) -> Organisation:
        raise NotImplementedError("An institution is there before anything is imported into it.")

    def change(self, row: Organisation, fields: Fields, known: Known) -> list[str]:
        return simply(row, fields, self.columns)

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        if int(str(fields["warning_percent"])) > int(str(fields["at_risk_percent"])):
            return Objection("warning_percent", _("The warning lies above the line of those at risk. Choose less."))
        return None


class DepartmentTable(Table[Department]):
    """Departments, which are their names."""

    kind = Kind.DEPARTMENT
    model = Department

    def stored(self, known: Known) -> Iterable[Department]:
        return Department.objects.filter(organisation=known.organisation)

    def key(self, row: Department, known: Known) -> Key:
        return (row.name,)

    def fields(self, row: Department, known: Known) -> Fields:
        return {}

    def make(self, key: Key, fields: Fields, known: Known) -> Department:
        return Department(organisation=known.organisation, name=key[0])

    def change(self, row: Department, fields: Fields, known: Known) -> list[str]:
        return []


class RoomTable(Table[Room]):
    """Rooms by name."""

    kind = Kind.ROOM
    model = Room
    columns = {"capacity": "capacity"}
    defaults = {"capacity": None, "archived": False}

    def stored(self, known: Known) -> Iterable[Room]:
        return Room.objects.filter(organisation=known.organisation)

    def key(self, row: Room, known: Known) -> Key:
        return (row.name,)

    def fields(self, row: Room, known: Known) -> Fields:
        return {"capacity": row.capacity, "archived": row.archived_at is not None}

    def make(self, key: Key, fields: Fields, known: Known) -> Room:
        room = Room(organisation=known.organisation, name=key[0])
        self.change(room, fields, known)
        return room

    def change(self, row: Room, fields: Fields, known: Known) -> list[str]:
        columns = simply(row, fields, self.columns)
        return columns + (put_away(row, "archived_at", fields["archived"], known) if "archived" in fields else [])

    def ending(self, fields: Fields, known: Known) -> Fields | None:
        return {"archived": True}


def _in_order(fields: Fields) -> Objection | None:
    if str(fields["last_day"]) < str(fields["first_day"]):
        return Objection("last_day", _("The last day lies before the first one."))
    return None


class TermTable(Table[Term]):
    """Terms by name."""

    kind = Kind.TERM
    model = Term
    required = ("first_day", "last_day")

    def stored(self, known: Known) -> Iterable[Term]:
        return Term.objects.filter(organisation=known.organisation)

    def key(self, row: Term, known: Known) -> Key:
        return (row.name,)

    def fields(self, row: Term, known: Known) -> Fields:
        return {"first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}

    def make(self, key: Key, fields: Fields, known: Known) -> Term:
        term = Term(organisation=known.organisation, name=key[0])
        self.change(term, fields, known)
        return term

    def change(self, row: Term, fields: Fields, known: Known) -> list[str]:
        for name, day in fields.items():
            setattr(row, name, date.fromisoformat(str(day)))
        return list(fields)

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        """Refuse another term of the same name, too: many systems call one "Semester 1" every year."""
        if (
            before is not None
            and _in_order(fields) is None
            and (
                str(fields["last_day"]) < str(before["first_day"]) or str(fields["first_day"]) > str(before["last_day"])
            )
        ):
            words = {"term": key[0], "first": before["first_day"], "last": before["last_day"]}
            sentence = _("Another term has the name “%(term)s”, from %(first)s to %(last)s. Rename that one first.")
            return Objection("first_day", sentence % words)
        return _in_order(fields)


class HolidayTable(Table[Holiday]):
    """Holidays by first day and name."""

    kind = Kind.HOLIDAY
    model = Holiday
    required = ("last_day",)

    def stored(self, known: Known) -> Iterable[Holiday]:
        return Holiday.objects.filter(organisation=known.organisation)

    def key(self, row: Holiday, known: Known) -> Key:
        return row.first_day.isoformat(), row.name

    def fields(self, row: Holiday, known: Known) -> Fields:
        return {"last_day": row.last_day.isoformat()}

    def make(self, key: Key, fields: Fields, known: Known) -> Holiday:
        holiday = Holiday(organisation=known.organisation, first_day=date.fromisoformat(key[0]), name=key[1])
        self.change(holiday, fields, known)
        return holiday

    def change(self, row: Holiday, fields: Fields, known: Known) -> list[str]:
        row.last_day = date.fromisoformat(str(fields["last_day"]))
        return ["last_day"]

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        return _in_order({"first_day": key[0], **fields})
