"""Reads CSV files of our own format, as `attendance/importers/sheets.py` describes them, into records."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from attendance.importers.bundle import Bundle
from attendance.importers.records import KINDS, Place, Reading, Record, Refused, UnreadableError, Value
from attendance.importers.row_checks import Values
from attendance.importers.sheets import SHEETS, UNSAID, Column, Sheet, Unsaid
from attendance.importers.tables import Columns, MisfitError, Row, Table, check_together, header_of, read_table
from attendance.importers.wording import empty_cell

ENDINGS = (".csv", ".tsv")
"""What a file among several ends with, unless it is named as a sheet is; a README may lie beside them."""


def read_plain_csv(bundle: Bundle, *, default_term: str = "") -> Reading:
    """Return the records of every CSV file in a bundle.

    What a file is about follows from its name or, where that says nothing, from its header. Where a file or a row
    names no term, `default_term` is meant.

    Raises:
        UnreadableError: a file cannot be read as a table, what one is about cannot be told, or two are about the same.
    """
    files, notes = _files(bundle)
    records: list[Record] = []
    refused: list[Refused] = []
    tables: list[Table] = []
    for stem, file in sorted(files.items(), key=lambda each: KINDS.index(SHEETS[each[0]].kind)):
        sheet = SHEETS[stem]
        table = _table(bundle[file], file, sheet, default_term)
        tables.append(table)
        check_together(tables)
        records += _records(table, sheet, default_term)
        refused += sorted(table.refused, key=lambda each: each.place.line)
        notes += table.notes
    return Reading(records=tuple(records), refused=tuple(refused), notes=tuple(notes))


# --- Which file is about what -----------------------------------------------------------------------------------


def _files(bundle: Bundle) -> tuple[dict[str, str], list[str]]:
    """Return the name of the file for each sheet that is there, and sentences about files that are left aside."""
    files: dict[str, str] = {}
    notes = []
    for name in bundle:
        if len(bundle) > 1 and not name.casefold().endswith(ENDINGS) and not _sheet_named(name):
            notes.append(_("%(file)s was not read; it is no CSV file.") % {"file": name})
            continue
        stem = _sheet_named(name) or _sheet_with(header_of(bundle[name], name), name)
        if stem in files:
            values = {"file": name, "other": files[stem], "sheet": stem}
            raise UnreadableError(
                _("%(file)s and %(other)s are both about %(sheet)s. Put their rows into one.") % values
            )
        files[stem] = name
    if not files:
        raise UnreadableError(_("There is no CSV file in it."))
    return files, notes


def _sheet_named(file: str) -> str | None:
    stem = PurePosixPath(file).stem.strip().casefold()
    return stem if stem in SHEETS else None


def _sheet_with(header: Iterable[str], file: str) -> str:
    """Return the sheet whose columns the header has, of several the one that knows most of them."""
    known = {name.casefold() for name in header}
    fitting = {stem: _columns_known(sheet, known) for stem, sheet in SHEETS.items() if _fits(sheet, known)}
    best = [stem for stem, count in fitting.items() if count == max(fitting.values())]
    if len(best) == 1:
        return best[0]
    choices = {"file": file, "names": ", ".join(f"{stem}.csv" for stem in best or SHEETS)}
    raise UnreadableError(_("What %(file)s is about cannot be told. Name it as one of these: %(names)s.") % choices)


def _fits(sheet: Sheet, header: set[str]) -> bool:
    needed = (column for column in sheet.columns if column.needed and column.name != "term")
    return all(column.name in header or column.instead in header for column in needed)


def _columns_known(sheet: Sheet, header: set[str]) -> int:
    return sum(column.name in header for column in sheet.columns)


# --- From rows to records ---------------------------------------------------------------------------------------


def _table(content: bytes, file: str, sheet: Sheet, default_term: str) -> Table:
    header = {name.casefold() for name in header_of(content, file)}
    needed = [
        column.name
        for column in sheet.columns
        if column.needed and column.instead not in header and not (column.name == "term" and default_term)
    ]
    return read_table(content, file, Columns(needed, [column.name for column in sheet.columns]))


def _records(table: Table, sheet: Sheet, default_term: str) -> Iterator[Record]:
    """Yield the record of each row that can be taken; the others are put among those the table refuses."""
    lines: dict[tuple[str, ...], int] = {}
    for row in table.rows:
        values = _values(table, row, sheet, default_term)
        if values is None:
            continue
        key = tuple(str(values.pop(name) or "") for name in sheet.key)
        if key in lines:
            reason = _("The same stands in line %(line)s already. Take one of them away.") % {"line": lines[key]}
            table.refuse(row.line, sheet.key[0] if sheet.key else "", reason)
            continue
        lines[key] = row.line
        yield Record(kind=sheet.kind, key=key, fields=values, place=Place(table.file, row.line))


def _values(table: Table, row: Row, sheet: Sheet, default_term: str) -> Values | None:
    """Return what a row says by column, or None once it is refused."""
    values: Values = {}
    for column in sheet.columns:
        try:
            value = _value(column, row, default_term)
        except MisfitError as error:
            table.refuse(row.line, column.name, str(error))
            return None
        if not isinstance(value, Unsaid) and column.kept:
            values[column.name] = value
    for name in sheet.key:
        values.setdefault(name, "")
    for check in sheet.checks:
        if wrong := check(values):
            table.refuse(row.line, *wrong)
            return None
    return values


def _value(column: Column, row: Row, default_term: str) -> Value | Unsaid:
    cell = row.cells.get(column.name)
    if not cell and column.instead:
        cell = row.cells.get(column.instead)
    if not cell and column.name == "term":
        cell = default_term
    if cell:
        return column.shape(cell)
    if column.needed:
        raise MisfitError(empty_cell())
    return UNSAID if cell is None else column.blank
