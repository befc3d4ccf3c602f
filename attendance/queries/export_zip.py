"""The export of an institution: one zip of CSV files, made while it is being fetched."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from attendance.archives.csv_files import csv_file
from attendance.archives.zips import Member, zipped
from attendance.models import Attendance, CourseStaff, Enrolment, Lecture, Organisation, User
from attendance.queries.export_expressions import nameable, with_plan
from attendance.queries.exports import FILES
from attendance.queries.snapshots import one_snapshot
from attendance.queries.tables import tables_kept

_README = """\
{name}: everything that was put in, as CSV files (RFC 4180, UTF-8).

Files name each other's rows by code, name and number. Moments are in UTC; planned_for is on the clock of {time_zone}.
A text that a spreadsheet would take for a formula has an apostrophe in front, which importing takes away.

Left out, because no file can name it:
  administrators, who are invited and not imported: {administrators}
  other people without a number: {people_without_number}
  enrolments of these: {enrolments}
  work of these in courses: {duties}
  marks of these: {marks}
Named alike, so that importing takes them for one: {lectures_alike} lectures of one section and one hour.

Passwords, requests, scans and the history of marks are in a backup, and not here.
"""


@dataclass(frozen=True)
class LeftOut:
    """How many rows no file can name."""

    administrators: int
    people_without_number: int
    enrolments: int
    duties: int
    marks: int
    lectures_alike: int


def left_out(own: Organisation) -> LeftOut:
    """Return how many rows the files leave out, because they could not say whom they are about; 6 queries."""
    people, administrators = User.objects.filter(organisation=own), Q(role=User.Role.ADMIN)
    alike = with_plan(Lecture.objects.filter(organisation=own), own).order_by()
    keys = alike.values("offering", "section", "day", "hour")
    numbers = keys.annotate(number=Count("pk")).filter(number__gt=1).values_list("number", flat=True)
    return LeftOut(
        administrators=people.filter(administrators).count(),
        people_without_number=people.filter(number="").exclude(administrators).count(),
        enrolments=Enrolment.objects.filter(offering__organisation=own).exclude(nameable("student", own)).count(),
        duties=CourseStaff.objects.filter(offering__organisation=own).exclude(nameable("user", own)).count(),
        marks=Attendance.objects.filter(lecture__organisation=own)
        .exclude(Q(status="") | nameable("student", own))
        .count(),
        lectures_alike=sum(numbers),
    )


def export_zip(organisation: Organisation) -> Iterator[bytes]:
    """Yield the bytes of the zip, as everything is at the moment when the first of them is fetched.

    The same rows give the same bytes.
    """
    with one_snapshot(tables_kept()):
        yield from zipped(_members(organisation))


def _members(organisation: Organisation) -> Iterator[Member]:
    numbers = vars(left_out(organisation))
    readme = _README.format(name=organisation.name, time_zone=organisation.time_zone, **numbers)
    yield "README.txt", [readme.encode()]
    for name, file in FILES.items():
        yield name, csv_file(file.columns, file.rows(organisation))
