"""An event that was written stays as it was: the database refuses, whoever asks and by whichever road."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from attendance.models import AttendanceEvent
from tests.models.institution import event, found_institution

TABLE = AttendanceEvent._meta.db_table


def save_changed(written: AttendanceEvent) -> None:
    written.to_status = "present"
    written.save()


def save_the_same(written: AttendanceEvent) -> None:
    written.save(update_fields=["to_status"])


def by_hand(statement: str) -> Callable[[AttendanceEvent], None]:
    def run(written: AttendanceEvent) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [written.pk])

    return run


ATTEMPTS: dict[str, Callable[[AttendanceEvent], object]] = {
    "saving a change": save_changed,
    "saving it unchanged": save_the_same,
    "updating all": lambda written: AttendanceEvent.objects.update(to_status="present"),
    "updating in bulk": lambda written: AttendanceEvent.objects.bulk_update([written], ["to_status"]),
    "erasing the text": lambda written: AttendanceEvent.objects.filter(pk=written.pk).update(body=None, salt=None),
    "deleting the row": lambda written: written.delete(),
    "deleting all": lambda written: AttendanceEvent.objects.all().delete(),
    "UPDATE by hand": by_hand(f"UPDATE {TABLE} SET to_status = 'present' WHERE id = %s"),
    "DELETE by hand": by_hand(f"DELETE FROM {TABLE} WHERE id = %s"),
}
# The same row again, in place of the one that is there.
REPLACEMENT = {
    "sqlite": f"INSERT OR REPLACE INTO {TABLE} SELECT * FROM {TABLE} WHERE id = %s",
    "postgresql": f"INSERT INTO {TABLE} SELECT * FROM {TABLE} WHERE id = %s ON CONFLICT (id) DO UPDATE SET kind = ''",
}
ATTEMPTS["replacing the row"] = lambda written: by_hand(REPLACEMENT[connection.vendor])(written)


@pytest.fixture
def opened(db: None) -> AttendanceEvent:
    """The event that Dr Novak opened check-in."""
    university = found_institution()
    return event(university.lecture, by=university.novak)


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_an_event_cannot_be_changed_or_deleted(
    opened: AttendanceEvent, attempt: Callable[[AttendanceEvent], object]
) -> None:
    before = AttendanceEvent.objects.values().get()

    with pytest.raises(IntegrityError, match=r"append-only: (UPDATE|DELETE) refused"), transaction.atomic():
        attempt(opened)

    assert AttendanceEvent.objects.values().get() == before


def test_the_next_event_is_written_behind_it(opened: AttendanceEvent) -> None:
    closed = event(opened.lecture, by=opened.actor, kind=AttendanceEvent.Kind.SESSION_CLOSED)

    assert list(AttendanceEvent.objects.all()) == [opened, closed]
