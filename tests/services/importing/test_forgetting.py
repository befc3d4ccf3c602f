"""An import forgets a person who was erased: it neither brings them back nor stands in the way of what else it does."""

from collections.abc import Iterator

import pytest
import time_machine

from attendance.models import Organisation, User
from attendance.services.erased_texts import ErasureReason
from attendance.services.erasure import erase_person
from attendance.services.importing.applying import apply
from attendance.services.importing.undoing import undo
from attendance.services.refusals import Refusal
from tests.services.importing.small_set import AMIRA, BILAL, EVERYTHING, HASH, ROOM, applied, prepared

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_november() -> Iterator[None]:
    with time_machine.travel("2026-11-01T08:00:00Z", tick=False):
        yield


def erase(number: str, admin: User) -> User:
    somebody = User.objects.get(number=number)
    erase_person(person=somebody, actor=admin, why=ErasureReason.ASKED)
    return somebody


def test_every_row_about_the_person_goes_and_the_counts_stay(school: Organisation, admin: User) -> None:
    done = applied(school, *EVERYTHING)
    counts, rows = done.counts, done.rows.count()
    erase("S1", admin)
    done.refresh_from_db()
    assert done.counts == counts
    gone = 4  # The person, the enrolment and two marks.
    assert done.rows.count() == rows - gone
    assert not [row for row in done.rows.all() if "S1" in row.key]


def test_an_import_that_is_applied_later_does_not_bring_the_person_back(school: Organisation, admin: User) -> None:
    applied(school, BILAL)
    waiting = prepared(school, AMIRA, ROOM, BILAL)
    assert waiting.rows.filter(key=["S1"]).exists()
    User.objects.create(organisation=school, role="student", username="s1", number="S1", family_name="Haddad")
    erase("S1", admin)
    apply(prepared=waiting, file_hash=HASH, actor=admin)
    assert not User.objects.filter(number="S1").exists()
    assert school.room_set.get().name == "Hall B-12"


def test_an_import_that_changed_nothing_else_of_the_person_is_undone(school: Organisation, admin: User) -> None:
    done = applied(school, AMIRA, ROOM)
    erased = erase("S1", admin)
    undo(applied=done, actor=admin)
    assert not school.room_set.exists()
    assert User.objects.get(pk=erased.pk).full_name == "Erased person"


def test_what_the_erased_person_still_stands_in_is_not_undone(school: Organisation, admin: User) -> None:
    done = applied(school, *EVERYTHING)
    erase("S1", admin)
    with pytest.raises(Refusal, match="is in use by now, so the import cannot be undone"):
        undo(applied=done, actor=admin)
