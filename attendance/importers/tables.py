"""Rows of a CSV file under the columns that somebody asked for, their cells cleaned."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from attendance.importers.csv_rows import MAX_ROWS_TOGETHER, RawRow, raw_rows
from attendance.importers.records import Place, Refused, UnreadableError
from attendance.importers.wording import nearest, shortened

MAX_COLUMNS = 200
# What our own exports put an apostrophe before, so that no spreadsheet takes a text for a formula.
PROTECTED = "=+-@\t\r"
_GUARDED = re.compile(f"'+[{re.escape(PROTECTED)}]")
"""A text with the apostrophe; one that began so already got one more, so taking one away always gives the text."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MINUS = re.compile(r"-[0-9.,]*")


class MisfitError(ValueError):
    """A cell that cannot be taken; the message is the sentence that says why."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a header may name: columns that have to be there, others that are read, and others that are not."""

    needed: Sequence[str]
    read: Sequence[str] = ()
    unread: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its cells by column; a column that its header or the row itself does not have is not among them."""

    line: int
    cells: dict[str, str]


@dataclass
class Table:
    """The rows of one file that could be read, those that are refused, and sentences about its header."""

    file: str
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, line: int, column: str, reason: str) -> None:
        """Note that the row in that line cannot be taken."""
        self.refused.append(Refused(Place(self.file, line), column, reason))


def header_of(content: bytes, file: str) -> list[str]:
    """Return the names of a file's columns as they stand there; none when the file is blank.

    Raises:
        UnreadableError: as `raw_rows`.
    """
    first = next(raw_rows(content, file), RawRow(1, []))
    return [cell.strip() for cell in first.cells]


def read_table(content: bytes, file: str, columns: Columns) -> Table:
    """Return the table that a file holds; its columns are named as in `columns`, whatever their capitals.

    Raises:
        UnreadableError: as `raw_rows`; or a needed column is missing, one stands there twice, or there is no header.
    """
    rows = raw_rows(content, file)
    header = next(rows, None)
    if header is None:
        raise UnreadableError(_("%(file)s is empty.") % {"file": file})
    if header.problem:
        raise UnreadableError(f"{file}: {header.problem}")
    names = [cell.strip() for cell in header.cells]
    places, notes = _places(names, file, columns)
    table = Table(file, tuple(places.values()), notes=notes)
    width = max(index for index, name in enumerate(names) if name) + 1
    for row in rows:
        _add(table, row, places, width)
    return table


def check_together(tables: Iterable[Table]) -> None:
    """Accept tables that together have no more rows than can be held at once.

    Raises:
        UnreadableError: they have.
    """
    if sum(len(table.rows) + len(table.refused) for table in tables) > MAX_ROWS_TOGETHER:
        raise UnreadableError(
            _("The files together have more than %(limit)s rows. Split them.") % {"limit": MAX_ROWS_TOGETHER}
        )


def clean(cell: str) -> str:
    """Return a cell without space around it and without the apostrophe that protects it from being a formula.

    Raises:
        MisfitError: it is a formula, or holds characters that cannot be seen.
    """
    text = cell.strip()
    if not text:
        return ""
    if _GUARDED.match(text):
        text = text[1:].strip()
    elif text[0] in "=+@" or (text[0] == "-" and not _MINUS.fullmatch(text)):
        raise MisfitError(
            _("“%(value)s” is a formula. Write what it gives, or an apostrophe before it.") % {"value": shortened(text)}
        )
    if not text.isprintable() and _CONTROLS.search(text):
        raise MisfitError(
            _("“%(value)s” holds a line break or a character that cannot be seen. Take it out.")
            % {"value": shortened(text)}
        )
    return text


# --- Headers ----------------------------------------------------------------------------------------------------


def _places(names: list[str], file: str, columns: Columns) -> tuple[dict[int, str], list[str]]:
    """Return which column stands where, and a sentence for each that nobody knows."""
    if len(names) > MAX_COLUMNS:
        raise UnreadableError(_("%(file)s has more than %(limit)s columns.") % {"file": file, "limit": MAX_COLUMNS})
    by_lower = {name.casefold(): name for name in (*columns.needed, *columns.read, *columns.unread)}
    known = {index: by_lower[name.casefold()] for index, name in enumerate(names) if name.casefold() in by_lower}
    unknown = [name for name in names if name and name.casefold() not in by_lower]
    _check_once(names, file)
    _check_needed(set(known.values()), unknown, file, columns.needed)
    missing = [name for name in by_lower.values() if name not in known.values()]
    unread = set(columns.unread)
    places = {index: name for index, name in known.items() if name not in unread}
    return places, list(_unknown(unknown, missing, file))


def _check_once(names: Iterable[str], file: str) -> None:
    seen = set()
    for name in filter(None, names):
        if name.casefold() in seen:
            raise UnreadableError(
                _("Column “%(column)s” stands in %(file)s twice. Take one away.")
                % {"column": shortened(name), "file": file}
            )
        seen.add(name.casefold())


def _check_needed(known: set[str], unknown: list[str], file: str, needed: Iterable[str]) -> None:
    for name in needed:
        if name in known:
            continue
        meant = nearest(name, (shortened(each) for each in unknown))
        values = {"file": file, "column": name, "meant": meant}
        if meant:
            raise UnreadableError(_("%(file)s has no column “%(column)s”. Is it the one named “%(meant)s”?") % values)
        raise UnreadableError(_("%(file)s has no column “%(column)s”.") % values)


def _unknown(unknown: Iterable[str], missing: Sequence[str], file: str) -> Iterator[str]:
    for name in unknown:
        meant = nearest(shortened(name), missing)
        values = {"file": file, "column": shortened(name), "meant": meant}
        if meant:
            yield _("Column “%(column)s” of %(file)s was not read. Is “%(meant)s” meant?") % values
        else:
            yield _("Column “%(column)s” of %(file)s was not read.") % values


# --- Rows -------------------------------------------------------------------------------------------------------


def _add(table: Table, row: RawRow, places: Mapping[int, str], width: int) -> None:
    """Put a row among the table's rows or among those refused; one of blank cells is neither."""
    if row.problem:
        table.refuse(row.line, "", row.problem)
        return
    if not any(row.cells) or not any(cell.strip() for cell in row.cells):
        return
    if any(cell.strip() for cell in row.cells[width:]):
        values = {"cells": len(row.cells), "columns": width}
        table.refuse(
            row.line,
            "",
            _("The row has %(cells)s cells and the header %(columns)s. Quote what holds a comma.") % values,
        )
        return
    cells = {}
    for index, name in places.items():
        if index >= len(row.cells):
            break
        try:
            cells[name] = clean(row.cells[index])
        except MisfitError as error:
            table.refuse(row.line, name, str(error))
            return
    table.rows.append(Row(row.line, cells))
