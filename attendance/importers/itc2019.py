"""Turns a problem of the International Timetabling Competition 2019 into records, by way of a plan with names."""

from dataclasses import replace

from django.utils.translation import gettext as _

from attendance.importers.bundle import Bundle
from attendance.importers.plans import records_of_plan
from attendance.importers.records import Reading, UnreadableError
from attendance.timetable.faculty import FacultyNames, plan_faculty
from attendance.timetable.itc2019 import ProblemError, read_problem
from attendance.timetable.problem import Problem
from attendance.timetable.seating import SeatingError, seat_students


def problem_in(bundle: Bundle) -> Problem:
    """Return the problem that the one XML file of a bundle holds.

    Raises:
        UnreadableError: there is none or more than one, or it is no problem that can be imported.
    """
    files = [name for name in bundle if len(bundle) == 1 or name.casefold().endswith(".xml")]
    if len(files) != 1:
        raise UnreadableError(_("There has to be one XML file in it; there are %(count)s.") % {"count": len(files)})
    try:
        return read_problem(bundle[files[0]])
    except ProblemError as error:
        raise UnreadableError(str(error)) from error


def read_itc2019(bundle: Bundle, *, names: FacultyNames) -> Reading:
    """Return the records of a problem; its term has as many weeks as the problem, whatever `names` says.

    Raises:
        UnreadableError: as `problem_in`; or a course that nobody can take.
    """
    return reading_of(problem_in(bundle), names=names, file=bundle.name)


def reading_of(problem: Problem, *, names: FacultyNames, file: str) -> Reading:
    """Return the records of a problem from a file of that name, with a note on sections that got more than fit.

    Raises:
        UnreadableError: a course that nobody can take.
    """
    try:
        seating = seat_students(problem)
    except SeatingError as error:
        raise UnreadableError(str(error)) from error
    names = replace(names, term=replace(names.term, weeks=problem.weeks))
    reading = records_of_plan(plan_faculty(problem=problem, seating=seating, names=names), file)
    if not seating.over_limit:
        return reading
    note = _("Enrolments over the limit of a section: %(count)s.") % {"count": f"{seating.over_limit:,}"}
    return replace(reading, notes=(note,))
