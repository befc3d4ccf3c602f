"""Files that are handed in to be imported: what one is, what it does not say itself, and how it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from attendance.importers.bundle import Bundle
from attendance.importers.records import Reading
from attendance.importers.sources import ITC2019, guess_source, read, read_itc2019
from attendance.models import Organisation
from attendance.queries.imports import term_named
from attendance.timetable.faculty import FacultyNames
from attendance.timetable.plan import PlannedTerm


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A file with what was said about it: `source` is known by now, `term` is for rows that name none.

    A timetable of ITC-2019 lies in that term; `first_day` counts when the institution has no such term yet.
    """

    organisation: Organisation
    bundle: Bundle
    source: str
    term: str = ""
    first_day: date | None = None

    def first_day_of_term(self) -> date | None:
        """Return when the term starts: as it is stored or else as it was said, None when neither is the case."""
        existing = term_named(organisation_slug=self.organisation.slug, name=self.term)
        return existing.first_day if existing else self.first_day


def source_of(bundle: Bundle, said: str) -> str:
    """Return what a file is: what was said, or else what it looks like."""
    return said or guess_source(bundle)


def reader_of(handed_in: HandedIn) -> Callable[[], Reading]:
    """Return the function that reads a file, which may take seconds.

    Raises:
        ValueError: it is a timetable of ITC-2019, and the term's name or first day is not known.
    """
    if handed_in.source == ITC2019:
        names = _names(handed_in)
        return lambda: read_itc2019(handed_in.bundle, names=names)
    return lambda: read(handed_in.source, handed_in.bundle, default_term=handed_in.term)


def _names(handed_in: HandedIn) -> FacultyNames:
    organisation, first_day = handed_in.organisation, handed_in.first_day_of_term()
    if not handed_in.term or first_day is None:
        raise ValueError("A timetable of ITC-2019 lies in a term, whose first day is not known.")
    return FacultyNames(
        slug=organisation.slug,
        name=organisation.name,
        time_zone=organisation.time_zone,
        term=PlannedTerm(name=handed_in.term, first_day=first_day, weeks=0),  # The file knows how many weeks.
    )
