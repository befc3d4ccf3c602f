"""Courses of a OneRoster bundle: `courses.csv`, or each class by itself where that file is not delivered."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from attendance.importers.oneroster_orgs import Org
from attendance.importers.oneroster_rows import Book, Findings, UnfitRowError, fit, read_book, read_text
from attendance.importers.records import Kind, Place, Value
from attendance.importers.shapes import text
from attendance.importers.tables import Row, Table

_CODE = text(30)
_TITLE = text(200)


@dataclass(frozen=True, slots=True)
class Course:
    """A course by its code."""

    code: str
    ends: bool


class Courses:
    """Makes courses of rows of `courses.csv` or, where that is not delivered, of rows of `classes.csv`."""

    def __init__(self, tables: Mapping[str, Table], orgs: Book[Org] | None, findings: Findings) -> None:
        table = tables.get("courses")
        self._file = table.file if table else ""
        self._orgs = orgs
        self._findings = findings
        rows = tables["classes"].rows if "classes" in tables else []
        self._class_codes = Counter(row.cells.get("classCode", "") for row in rows)
        self._course_codes = Counter(row.cells.get("courseCode", "") for row in (table.rows if table else []))
        self._classes: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            self._classes[row.cells.get("courseSourcedId", "")].append(row)
        self._book = read_book(table, findings, self._read) if table else None

    def of_class(self, row: Row, place: Place, *, ends: bool) -> Course:
        """Return the course of a class; where the class itself is one, its record is put among the findings.

        Raises:
            UnfitRowError: the class names no course that was taken, or makes none.
        """
        if self._book is not None:
            return self._book.look_up(read_text(row, "courseSourcedId", str), "courseSourcedId")
        code = self._own_code(row)
        title = read_text(row, "title", _TITLE)
        if not ends:
            department = self._department([row], "", column="schoolSourcedId")
            self._findings.add(Kind.COURSE, (code,), place, {"title": title, **department})
        return Course(code, ends)

    def _read(self, row: Row) -> Course:
        ends = self._findings.ends(row)
        code = self._code(row)
        fields: dict[str, Value] = {"title": read_text(row, "title", _TITLE)}
        if not ends:
            classes = self._classes[row.cells["sourcedId"]]
            fields |= self._department(classes, row.cells.get("orgSourcedId", ""), column="orgSourcedId")
        self._findings.add(Kind.COURSE, (code,), Place(self._file, row.line), fields, ends=ends)
        return Course(code, ends)

    # --- Codes --------------------------------------------------------------------------------------------------

    def _code(self, row: Row) -> str:
        """Return a course's own code if it is the only one with it, else that of its only class, else its id."""
        own = row.cells.get("courseCode", "")
        if own and self._course_codes[own] == 1:
            return str(fit(own, "courseCode", _CODE))
        classes = self._classes[row.cells["sourcedId"]]
        if len(classes) == 1 and not self._course_codes[classes[0].cells.get("classCode", "")]:
            return self._own_code(classes[0], otherwise=row)
        return read_text(row, "sourcedId", _CODE)

    def _own_code(self, row: Row, otherwise: Row | None = None) -> str:
        code = row.cells.get("classCode", "")
        if code and self._class_codes[code] == 1:
            return str(fit(code, "classCode", _CODE))
        return read_text(otherwise or row, "sourcedId", _CODE)

    # --- Departments --------------------------------------------------------------------------------------------

    def _department(self, classes: list[Row], org: str, *, column: str) -> dict[str, Value]:
        """Return the department: of the org named, else of the first class that names one, else the only one."""
        if self._orgs is None:
            return {}
        schools = (row.cells.get("schoolSourcedId", "") for row in classes)
        named = org or next(filter(None, schools), "")
        if named:
            found = self._orgs.look_up(named, column).department
            if found is not None:
                return {"department": found}
        every = {each.department for each in self._orgs.found.values()} - {None}
        if named or len(every) != 1:
            raise UnfitRowError(column, _("Nothing says which department this course belongs to."))
        return {"department": every.pop()}
