"""Reads rosters in the CSV format of OneRoster 1.1 and 1.2 (1EdTech) into records.

Every row of users, classes and enrollments becomes a record, part of one, or is refused with a sentence.
`dateLastModified` plays no part: the whole bundle is held against what is stored.
"""

from attendance.importers.bundle import Bundle
from attendance.importers.oneroster_classes import ClassEntry, Classes
from attendance.importers.oneroster_courses import Courses
from attendance.importers.oneroster_files import read_delivery
from attendance.importers.oneroster_orgs import read_orgs, read_sessions
from attendance.importers.oneroster_people import read_people
from attendance.importers.oneroster_rows import Book, Findings
from attendance.importers.oneroster_seats import Enrollments
from attendance.importers.records import KINDS, Reading


def read_oneroster(bundle: Bundle) -> Reading:
    """Return the records of a OneRoster bundle.

    Raises:
        UnreadableError: no manifest, a version that is not read, a file that was announced and is missing, or one that
            is no table with the columns it has to have.
    """
    delivery = read_delivery(bundle)
    tables = delivery.tables
    findings = Findings(delivery.version, notes=list(delivery.notes))
    orgs = read_orgs(tables, findings)
    people = read_people(tables, orgs, findings)
    sessions = read_sessions(tables, findings)
    courses = Courses(tables, orgs, findings)
    classes: Book[ClassEntry] = Book("classes.csv")
    if "classes" in tables:
        classes = Classes(tables["classes"], courses, sessions, orgs, findings).read()
    if "enrollments" in tables:
        Enrollments(tables["enrollments"], people, classes, findings).read()
    return Reading(
        records=tuple(sorted(findings.records, key=lambda record: KINDS.index(record.kind))),
        refused=tuple(sorted(findings.refused, key=lambda refused: (refused.place.file, refused.place.line))),
        notes=tuple(findings.notes),
    )
