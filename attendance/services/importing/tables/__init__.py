"""What importing knows of each kind of row, in the order in which rows build on each other."""

from typing import Any

from attendance.importers.records import Kind
from attendance.services.importing.tables.base import Table
from attendance.services.importing.tables.hours import LectureTable, MeetingTable, StaffTable
from attendance.services.importing.tables.institution import (
    DepartmentTable,
    HolidayTable,
    InstitutionTable,
    RoomTable,
    TermTable,
)
from attendance.services.importing.tables.marks import MarkTable
from attendance.services.importing.tables.people import PersonTable
from attendance.services.importing.tables.teaching import CourseTable, EnrolmentTable, OfferingTable, SectionTable

_KINDS: tuple[type[Table[Any]], ...] = (
    InstitutionTable,
    DepartmentTable,
    RoomTable,
    TermTable,
    HolidayTable,
    PersonTable,
    CourseTable,
    OfferingTable,
    SectionTable,
    EnrolmentTable,
    MeetingTable,
    LectureTable,
    StaffTable,
    MarkTable,
)


def tables() -> dict[Kind, Table[Any]]:
    """Return new tables by kind; each remembers what one comparison has seen, so nobody shares them."""
    return {table.kind: table() for table in _KINDS}
