"""Orgs and academic sessions of a OneRoster bundle: what becomes a department, and what a term."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from attendance.importers.oneroster_rows import (
    Book,
    Findings,
    UnfitRowError,
    distinct_names,
    fit,
    read_book,
    read_text,
)
from attendance.importers.records import Kind, Place
from attendance.importers.shapes import choice, day, text
from attendance.importers.tables import Row, Table
from attendance.importers.wording import listed, too_early

_DEPARTMENTS = ("department", "school")
SESSION_TYPES = ("term", "semester", "schoolYear", "gradingPeriod")


@dataclass(frozen=True, slots=True)
class Org:
    """An org; `department` is the name of the department it is here, if it is one that stays."""

    name: str
    department: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """An academic session by the name of its term."""

    name: str
    first_day: str
    last_day: str
    line: int
    ends: bool


def read_orgs(tables: Mapping[str, Table], findings: Findings) -> Book[Org] | None:
    """Return the orgs of a bundle, none when it has no such file; departments are put among the findings.

    A department is every org of that type, every school, and whatever a course or class names.
    """
    table = tables.get("orgs")
    if table is None:
        return None
    names = distinct_names({row.cells["sourcedId"]: row.cells.get("name", "") for row in table.rows if _has_id(row)})
    named = _orgs_named(tables)
    aside = []

    def read(row: Row) -> Org:
        ends = findings.ends(row)
        read_text(row, "name", text(200))
        name = str(fit(names[row.cells["sourcedId"]], "name", text(200)))
        if row.cells.get("type", "").casefold() not in _DEPARTMENTS and row.cells["sourcedId"] not in named:
            aside.append(name)
            return Org(name, None)
        findings.add(Kind.DEPARTMENT, (name,), Place(table.file, row.line), {}, ends=ends)
        return Org(name, None if ends else name)

    orgs = read_book(table, findings, read)
    if aside:
        findings.notes.append(_("No department, and named by no course: %(orgs)s.") % {"orgs": listed(aside)})
    return orgs


def _has_id(row: Row) -> bool:
    return bool(row.cells.get("sourcedId"))


def _orgs_named(tables: Mapping[str, Table]) -> set[str]:
    columns = (("courses", "orgSourcedId"), ("classes", "schoolSourcedId"))
    return {row.cells.get(column, "") for file, column in columns if file in tables for row in tables[file].rows}


def read_sessions(tables: Mapping[str, Table], findings: Findings) -> Book[Session]:
    """Return the academic sessions of a bundle by `sourcedId`; which of them are terms follows from classes."""
    table = tables.get("academicSessions")
    if table is None:
        return Book("academicSessions.csv")
    names = distinct_names({row.cells["sourcedId"]: row.cells.get("title", "") for row in table.rows if _has_id(row)})
    types = choice({each.casefold(): each for each in SESSION_TYPES})
    lines: dict[str, int] = {}

    def read(row: Row) -> Session:
        ends = findings.ends(row)
        read_text(row, "title", text(100))
        name = str(fit(names[row.cells["sourcedId"]], "title", text(100)))
        if lines.setdefault(name, row.line) != row.line:
            values: dict[str, object] = {"name": name, "line": lines[name]}
            raise UnfitRowError(
                "title", _("“%(name)s” stands in line %(line)s already. Take one of them away.") % values
            )
        read_text(row, "type", types)
        first_day, last_day = read_text(row, "startDate", day), read_text(row, "endDate", day)
        if last_day < first_day:
            raise UnfitRowError("endDate", too_early(first_day, last_day))
        return Session(name, first_day, last_day, row.line, ends)

    return read_book(table, findings, read)
