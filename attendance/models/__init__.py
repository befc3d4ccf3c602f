"""What exists: one module per area, all names gathered here."""

from attendance.models.catalogue import Course, CourseStaff, Department, Enrolment, Offering, Room, Section, Term
from attendance.models.organisation import Organisation
from attendance.models.people import Invitation, LoginSession, Throttle, User
from attendance.models.records import Attendance, AttendanceEvent, AttendanceSession, Status
from attendance.models.timetable import Lecture, Meeting

__all__ = [
    "Attendance",
    "AttendanceEvent",
    "AttendanceSession",
    "Course",
    "CourseStaff",
    "Department",
    "Enrolment",
    "Invitation",
    "Lecture",
    "LoginSession",
    "Meeting",
    "Offering",
    "Organisation",
    "Room",
    "Section",
    "Status",
    "Term",
    "Throttle",
    "User",
]
