"""What exists: one module per area, all names gathered here."""

from attendance.models.activation import Activation
from attendance.models.anchors import Anchor
from attendance.models.catalogue import Course, CourseStaff, Department, Enrolment, Offering, Room, Section, Term
from attendance.models.devices import Device
from attendance.models.imports import Import, ImportRow
from attendance.models.ledger import BlockShare, Checkpoint, LedgerEntry, LedgerKey
from attendance.models.organisation import Organisation
from attendance.models.people import Invitation, LinkedIdentity, LoginSession, Throttle, User
from attendance.models.records import Attendance, AttendanceEvent, AttendanceSession, CheckInAttempt, Status
from attendance.models.requests import Request
from attendance.models.timetable import Holiday, Lecture, Meeting, TimeConfig, TimeSlot

__all__ = [
    "Activation",
    "Anchor",
    "Attendance",
    "AttendanceEvent",
    "AttendanceSession",
    "BlockShare",
    "CheckInAttempt",
    "Checkpoint",
    "Course",
    "CourseStaff",
    "Department",
    "Device",
    "Enrolment",
    "Holiday",
    "Import",
    "ImportRow",
    "Invitation",
    "Lecture",
    "LedgerEntry",
    "LedgerKey",
    "LinkedIdentity",
    "LoginSession",
    "Meeting",
    "Offering",
    "Organisation",
    "Request",
    "Room",
    "Section",
    "Status",
    "Term",
    "Throttle",
    "TimeConfig",
    "TimeSlot",
    "User",
]
