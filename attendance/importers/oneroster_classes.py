"""Classes of a OneRoster bundle: a class is an offering of its course, or a section where a course has several."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from attendance.importers.oneroster_courses import Courses
from attendance.importers.oneroster_orgs import Org, Session
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
from attendance.importers.shapes import text
from attendance.importers.tables import Row, Table
from attendance.importers.wording import listed

_LONGEST_SECTION = 60

Offering = tuple[str, str]
"""Course and term, as a record names them."""


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """A class that was taken: the offering, its section where there are several, and whether it ends."""

    offering: Offering
    section: str
    ends: bool


@dataclass(frozen=True, slots=True)
class _Class:
    offering: Offering
    session: str
    name: str
    row: Row
    ends: bool


class Classes:
    """Makes offerings, sections and the terms they are in."""

    def __init__(
        self, table: Table, courses: Courses, sessions: Book[Session], orgs: Book[Org] | None, findings: Findings
    ) -> None:
        self._table = table
        self._courses = courses
        self._sessions = sessions
        self._orgs = orgs
        self._findings = findings
        self._several: list[str] = []

    def read(self) -> Book[ClassEntry]:
        """Return the classes by `sourcedId`, and put terms, offerings and sections among the findings."""
        drafts = read_book(self._table, self._findings, self._draft)
        book = Book(drafts.file, refused=drafts.refused, found=dict[str, ClassEntry]())
        siblings: dict[Offering, dict[str, _Class]] = defaultdict(dict)
        for sourced_id, each in drafts.found.items():
            siblings[each.offering][sourced_id] = each
        self._add_terms(drafts)
        for group in siblings.values():
            self._add_group(group, book)
        if self._several:
            note = _("Classes with several terms were taken for the first of them: %(classes)s.")
            self._findings.notes.append(note % {"classes": listed(self._several)})
        return book

    def _draft(self, row: Row) -> _Class:
        ends = self._findings.ends(row)
        read_text(row, "title", text(200))
        school = row.cells.get("schoolSourcedId", "")
        if school and self._orgs is not None:
            self._orgs.look_up(school, "schoolSourcedId")
        session = self._session(row, ends=ends)
        course = self._courses.of_class(row, Place(self._table.file, row.line), ends=ends)
        name = row.cells.get("classCode") or row.cells["title"]
        offering = (course.code, self._sessions.found[session].name)
        return _Class(offering, session, name, row, ends or course.ends)

    def _session(self, row: Row, *, ends: bool) -> str:
        """Return the id of the first term that is there and stays; a class that ends may be in one that ends too."""
        named = [each.strip() for each in read_text(row, "termSourcedIds", str).split(",") if each.strip()]
        found = [each for each in named if each in self._sessions.found]
        usable = [each for each in found if ends or not self._sessions.found[each].ends]
        if len(named) > 1 and usable:
            self._several.append(row.cells["sourcedId"])
        if usable:
            return usable[0]
        if found:
            raise UnfitRowError("termSourcedIds", _("The term of this class is to be deleted, and the class is not."))
        self._sessions.look_up(named[0] if named else "", "termSourcedIds")
        raise AssertionError("A session that is found was usable or to be deleted.")

    def _add_terms(self, drafts: Book[_Class]) -> None:
        used = {each.session: each.ends for each in drafts.found.values()}
        used |= {each.session: False for each in drafts.found.values() if not each.ends}
        for sourced_id, all_end in used.items():
            session = self._sessions.found[sourced_id]
            if all_end and not session.ends:
                continue
            place = Place(self._sessions.file, session.line)
            days = {"first_day": session.first_day, "last_day": session.last_day}
            self._findings.add(Kind.TERM, (session.name,), place, days, ends=session.ends)
        unused = [sourced_id for sourced_id in self._sessions.found if sourced_id not in used]
        if unused:
            note = _("No class is in these academic sessions: %(sessions)s.")
            self._findings.notes.append(note % {"sessions": listed(unused)})

    def _add_group(self, group: Mapping[str, _Class], book: Book[ClassEntry]) -> None:
        """Add the classes of one offering: an only one is the offering, several are its sections."""
        names = distinct_names({sourced_id: each.name for sourced_id, each in group.items()})
        taken: dict[str, ClassEntry] = {}
        for sourced_id, each in group.items():
            place = Place(self._table.file, each.row.line)
            try:
                section = "" if len(group) == 1 else _section_name(names[sourced_id], sourced_id)
                if section:
                    self._findings.add(Kind.SECTION, (*each.offering, section), place, {}, ends=each.ends)
            except UnfitRowError as error:
                book.refused[sourced_id] = self._findings.refuse(place, error)
                continue
            taken[sourced_id] = ClassEntry(each.offering, section, each.ends)
        book.found |= taken
        if taken:
            first = group[next(iter(taken))]
            ends = all(each.ends for each in taken.values())
            self._findings.add(Kind.OFFERING, first.offering, Place(self._table.file, first.row.line), {}, ends=ends)


def _section_name(name: str, sourced_id: str) -> str:
    """Return the name if there is room for it, else the id."""
    return name if len(name) <= _LONGEST_SECTION else str(fit(sourced_id, "sourcedId", text(_LONGEST_SECTION)))
