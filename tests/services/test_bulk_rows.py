"""One row appended by a known statement is the row that `save()` would have stored."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from attendance import clock
from attendance.models import CheckInAttempt, Lecture, Room
from attendance.services.bulk_rows import append
from tests.cast import Campus


def attempt_of(campus: Campus) -> CheckInAttempt:
    return CheckInAttempt(
        organisation=campus.organisation,
        student=campus.amira,
        lecture=campus.lecture,
        outcome="code_expired",
        code_made_at=clock.now() - timedelta(seconds=14),
        scanned_at=clock.now(),
    )


def test_every_column_is_stored(campus: Campus) -> None:
    appended = append(attempt_of(campus))
    stored = CheckInAttempt.objects.get()
    names = [field.attname for field in CheckInAttempt._meta.concrete_fields]
    assert {name: getattr(stored, name) for name in names} == {name: getattr(appended, name) for name in names}


def test_it_takes_one_statement_and_is_a_row_from_then_on(campus: Campus) -> None:
    with CaptureQueriesContext(connection) as queries:
        room = append(Room(organisation=campus.organisation, name="Hall 100 %s", capacity=30))
    assert len(queries) == 1
    room.name = "Hall A"
    room.save()
    assert set(Room.objects.values_list("pk", "name")) == {(campus.room.pk, "Hall B-12"), (room.pk, "Hall A")}


def test_a_constraint_holds(campus: Campus) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        append(Room(organisation=campus.organisation, name="Hall B-12"))
    with pytest.raises(IntegrityError), transaction.atomic():
        append(Lecture(organisation=campus.organisation, starts_at=clock.now(), ends_at=clock.now()))
    assert Room.objects.count() == 1
