"""What the readers of OneRoster's files have in common: rows that name each other by `sourcedId`."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from attendance.importers.records import Kind, Place, Record, Refused, Value
from attendance.importers.shapes import Shape
from attendance.importers.tables import MisfitError, Row, Table
from attendance.importers.wording import empty_cell, shortened, taken_in_line

Entry = TypeVar("Entry")
_LIVES = ("", "active")
_ENDS = {"1.1": ("tobedeleted", "inactive"), "1.2": ("tobedeleted",)}


class UnfitRowError(ValueError):
    """A row that cannot be taken; `field` is the column that is why, the message the sentence that says so."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.field = column


@dataclass
class Findings:
    """What was made of a bundle so far."""

    version: str
    records: list[Record] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _lines: dict[tuple[Kind, tuple[str, ...]], int] = field(default_factory=dict)

    def add(
        self, kind: Kind, key: tuple[str, ...], place: Place, fields: Mapping[str, Value], *, ends: bool = False
    ) -> None:
        """Put a record among the others; one that ends says nothing else.

        Raises:
            UnfitRowError: another row has made one of the same name.
        """
        line = self._lines.setdefault((kind, key), place.line)
        if line != place.line:
            raise UnfitRowError("", taken_in_line(", ".join(key), line))
        self.records.append(Record(kind=kind, key=key, fields={} if ends else fields, place=place, ends=ends))

    def refuse(self, place: Place, error: UnfitRowError) -> Refused:
        """Note that a row cannot be taken, and return the note."""
        refused = Refused(place, error.field, str(error))
        self.refused.append(refused)
        return refused

    def ends(self, row: Row) -> bool:
        """Say whether a row is about something that shall come to an end.

        Raises:
            UnfitRowError: its status is none of the version's.
        """
        status = row.cells.get("status", "").casefold()
        if status in _LIVES:
            return False
        if status not in _ENDS[self.version]:
            values = {"value": shortened(status), "choices": ", ".join(("active", *_ENDS[self.version]))}
            raise UnfitRowError("status", _("“%(value)s” is none of these: %(choices)s.") % values)
        return True


@dataclass
class Book(Generic[Entry]):
    """What became of the rows of one file, by `sourcedId`."""

    file: str
    found: dict[str, Entry] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)

    def look_up(self, sourced_id: str, column: str) -> Entry:
        """Return what a row names in a column.

        Raises:
            UnfitRowError: there is no such row, or it was refused itself.
        """
        if sourced_id in self.found:
            return self.found[sourced_id]
        values: dict[str, object] = {"id": shortened(sourced_id), "file": self.file}
        if sourced_id not in self.refused:
            raise UnfitRowError(column, _("“%(id)s” does not stand in %(file)s.") % values)
        refused = self.refused[sourced_id]
        values |= {"line": refused.place.line, "reason": refused.reason}
        raise UnfitRowError(column, _("“%(id)s” was refused in line %(line)s of %(file)s: %(reason)s") % values)


def read_book(table: Table, findings: Findings, read: Callable[[Row], Entry]) -> Book[Entry]:
    """Return what a function makes of each row; the rows it refuses are noted, and so is an id that comes twice."""
    book: Book[Entry] = Book(table.file)
    findings.refused += table.refused
    findings.notes += table.notes
    lines: dict[str, int] = {}
    for row in table.rows:
        place = Place(table.file, row.line)
        sourced_id = row.cells.get("sourcedId", "")
        try:
            _check_id(sourced_id, row, lines)
        except UnfitRowError as error:
            findings.refuse(place, error)
            continue
        try:
            book.found[sourced_id] = read(row)
        except UnfitRowError as error:
            book.refused[sourced_id] = findings.refuse(place, error)
    return book


def _check_id(sourced_id: str, row: Row, lines: dict[str, int]) -> None:
    if not sourced_id:
        raise UnfitRowError("sourcedId", empty_cell())
    if lines.setdefault(sourced_id, row.line) != row.line:
        raise UnfitRowError("sourcedId", taken_in_line(sourced_id, lines[sourced_id]))


def read_text(row: Row, column: str, shape: Shape) -> str:
    """Return what a cell says that has to say something.

    Raises:
        UnfitRowError: it is empty, or not of that shape.
    """
    cell = row.cells.get(column, "")
    if not cell:
        raise UnfitRowError(column, empty_cell())
    return str(fit(cell, column, shape))


def fit(cell: str, column: str, shape: Shape) -> Value:
    """Return the value of a cell that says something.

    Raises:
        UnfitRowError: it is not of that shape.
    """
    try:
        return shape(cell)
    except MisfitError as error:
        raise UnfitRowError(column, str(error)) from error


def distinct_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return a name for each id: its own, or wherever several share one, each of them with its id behind it.

    A name does not depend on which of them comes first, so that the same bundle gives the same names again.
    """
    count = Counter(names.values())
    return {each: name if count[name] == 1 else f"{name} ({each})" for each, name in names.items()}
