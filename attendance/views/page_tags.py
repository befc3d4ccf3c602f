"""What each cached page depends on: tags of its reader and of what its address names, never of what was loaded."""

from collections.abc import Callable

from django.conf import settings

from attendance import cache_tags as tags
from attendance.queries.readers import Reader


def _of_each(organisations: list[str], *kinds: Callable[[str], str]) -> list[str]:
    return [kind(organisation) for organisation in organisations for kind in kinds]


def _what_is_taught(reader: Reader) -> list[str]:
    """Return the tags of the catalogue and its terms, and of what tells which part of it is this reader's."""
    catalogue = _of_each(reader.reach, tags.offerings_of, tags.courses_of, tags.departments_of, tags.terms_of)
    if reader.organisations:  # All of it is; such readers share their pages, so that nothing may hang on one of them.
        return catalogue
    return [*catalogue, tags.duties_of(reader.user), tags.enrolments_of(reader.user)]


def course_list(reader: Reader) -> list[str]:
    """Return the tags of courses with their owners and numbers of students."""
    people = (tags.people_of, tags.staff_of_organisation, tags.enrolments_of_organisation)
    return [*_what_is_taught(reader), *_of_each(reader.reach, *people)]


def course_show(reader: Reader, offering_id: int) -> list[str]:
    """Return the tags of one course: lectures, students and how they stand, or the reader's own record in it."""
    around = (tags.organisation, tags.courses_of, tags.departments_of, tags.terms_of, tags.rooms_of, tags.people_of)
    if reader.organisations or any(offering == offering_id for offering, _lecture in reader.duties):
        return [*tags.around_offering(offering_id), *_of_each(reader.reach, *around)]
    course = [*tags.timetable_of_offering(offering_id), tags.staff_of_offering(offering_id)]
    return [*course, *_own(reader), *_of_each(reader.reach, *around)]


def _own(reader: Reader) -> list[str]:
    """Return the tags of where the reader works and learns, and of the reader's own marks."""
    kinds = (tags.duties_of, tags.enrolments_of, tags.seats_of, tags.attendance_of_student)
    return [kind(reader.user) for kind in kinds]


def student_list(reader: Reader) -> list[str]:
    """Return the tags of the students a reader may look up, and of the course the list is narrowed to."""
    people = (tags.organisation, tags.people_of, tags.staff_of_organisation, tags.enrolments_of_organisation)
    return [*_what_is_taught(reader), *_of_each(reader.reach, *people)]


def teacher_list(reader: Reader) -> list[str]:
    """Return the tags of the teachers of the reader's organisation."""
    return _of_each(reader.reach, tags.organisation, tags.people_of, tags.departments_of)


def lecture_show(reader: Reader, lecture_id: int) -> list[str]:
    """Return the tags of what a lecture is, whatever becomes of it."""
    around = (tags.organisation, tags.rooms_of, tags.sections_of_organisation)
    course = (tags.offerings_of, tags.courses_of, tags.terms_of)
    return [tags.lecture(lecture_id), *_of_each(reader.reach, *course, *around)]


def dashboard(reader: Reader) -> list[str]:
    """Return the tags of today: of the whole institution for whoever oversees it, of the own courses for others."""
    around = (tags.organisation, tags.courses_of, tags.terms_of, tags.rooms_of)
    if not reader.organisations:
        lectures = [tag for offering in reader.offerings for tag in tags.timetable_of_offering(offering)]
        return [*lectures, *_own(reader), *_of_each(reader.reach, *around)]
    everything = (
        tags.offerings_of,
        tags.sections_of_organisation,
        tags.lectures_of,
        tags.sessions_of_organisation,
        tags.taken_of_organisation,
        tags.people_of,
        tags.enrolments_of_organisation,
    )
    return _of_each(reader.reach, *around, *everything)


def blockchain_statistics(reader: Reader) -> list[str]:
    """Return the tags of what the ledger's blocks hold of the reader's own organisation, and of their anchors.

    For operators it is all organisations as well.
    """
    own = _of_each([reader.organisation], tags.organisation, tags.blocks_of_organisation)
    of_all = [tags.blocks_of_all(), tags.names_of_organisations()] if reader.is_operator else []
    return [*own, *of_all, tags.anchors_in(settings.STELLAR_NETWORK)]


def course_list_json(reader: Reader) -> list[str]:
    """Return the tags of an organisation's courses with their owners and numbers of students."""
    catalogue = (tags.offerings_of, tags.courses_of, tags.departments_of, tags.terms_of)
    people = (tags.people_of, tags.staff_of_organisation, tags.enrolments_of_organisation)
    return _of_each([reader.organisation], *catalogue, *people)


def people_json(reader: Reader) -> list[str]:
    """Return the tags of an organisation's people with their departments."""
    return _of_each([reader.organisation], tags.people_of, tags.departments_of)
