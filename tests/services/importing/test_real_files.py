"""Real files: each row is stored or refused, the same file again changes nothing, and undoing brings back what was."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from attendance.importers.bundle import Bundle, open_bundle
from attendance.importers.records import Reading
from attendance.importers.sources import guess_source, read, read_itc2019
from attendance.models import Import, Organisation, User
from attendance.services.importing.applying import apply
from attendance.services.importing.preparing import begin, prepare
from attendance.services.importing.undoing import undo
from attendance.timetable.faculty import FacultyNames
from attendance.timetable.plan import PlannedTerm
from tests.services.importing.small_set import totals
from tests.services.stored_rows import everything
from tests.timetable.real_input import real_problem, real_roster

pytestmark = pytest.mark.django_db


def stored() -> dict[str, list[dict[str, Any]]]:
    return {name: rows for name, rows in everything().items() if name not in ("Import", "ImportRow")}


def compared(school: Organisation, bundle: Bundle, reader: Callable[[], Reading]) -> Import:
    source = guess_source(bundle)
    begun = begin(organisation=school, source=source, file_name=bundle.name, file_hash=bundle.content_hash, actor=None)
    return prepare(started=begun, read=reader)


def gone_through(school: Organisation, bundle: Bundle, reader: Callable[[], Reading]) -> dict[str, dict[str, int]]:
    """Compare, apply, compare again, undo; return the counts of the first comparison by kind."""
    before = stored()
    first = compared(school, bundle, reader)
    done = apply(prepared=first, file_hash=bundle.content_hash, actor=None)
    assert stored() != before
    again = compared(school, bundle, reader)
    assert set(totals(again)) <= {"same", "refused"}
    assert totals(again).get("refused", 0) == totals(first).get("refused", 0)
    undo(applied=done, actor=None)
    assert stored() == before
    return {str(kind): dict(counts) for kind, counts in first.counts.items()}


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("muni-fsps-spr17", {"room": 44, "course": 226, "person": 945, "enrolment": 6_715, "lecture": 4_967}),
        ("muni-fi-spr17", {"room": 35, "course": 186, "enrolment": 9_137}),
    ],
)
def test_a_timetable_of_a_faculty(school: Organisation, name: str, figures: dict[str, int]) -> None:
    bundle = open_bundle(real_problem(name))
    term = PlannedTerm(name="Spring", first_day=date(2026, 9, 14), weeks=1)
    names = FacultyNames(slug=school.slug, name=school.name, time_zone=school.time_zone, term=term)
    counts = gone_through(school, bundle, lambda: read_itc2019(bundle, names=names))
    assert {kind: counts[kind].get("new") for kind in figures} == figures
    assert not [kind for kind, each in counts.items() if set(each) != {"new"}]


@pytest.mark.parametrize(
    ("name", "new", "refused"),
    [("Test_minimal_data_set", 15, 3), ("oneroster_test_data", 6, 0), ("v1p2_full_dataset", 11, 3)],
)
def test_a_roster(school: Organisation, admin: User, name: str, new: int, refused: int) -> None:
    bundle = open_bundle(real_roster(name))
    assert guess_source(bundle) == "oneroster"
    counts = gone_through(school, bundle, lambda: read("oneroster", bundle))
    figures = (sum(each.get("new", 0) for each in counts.values()), sum(e.get("refused", 0) for e in counts.values()))
    assert figures == (new, refused), counts
