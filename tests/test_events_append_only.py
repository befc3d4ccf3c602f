"""An event that was written stays as it was: the database refuses, whoever asks and by whichever road."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from attendance.ledger.commitment import canonical_text, new_salt
from attendance.models import AttendanceEvent, LedgerEntry
from tests.models.institution import MONDAY_NINE, Institution, event, found_institution

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


# --- The one change there is: an erasure takes the text --------------------------------------------------------------

Kind = AttendanceEvent.Kind


@pytest.fixture
def uppsala(db: None) -> Institution:
    """A university."""
    return found_institution()


@pytest.fixture
def marked(uppsala: Institution) -> AttendanceEvent:
    """The event that Dr Novak marked Amira."""
    return event(uppsala.lecture, by=uppsala.novak, kind=Kind.MARKED, student=uppsala.amira)


def erasure(at: Institution, of: AttendanceEvent, kind: str = Kind.PERSON_ERASED, **told: Any) -> AttendanceEvent:
    """Store and return an event that says that Amira was erased, and with her this event."""
    text = {"person": at.amira.pk, "erased": f"{'0' * 32} {of.event_id.hex} {'f' * 32}", "schema": 1, **told}
    return AttendanceEvent.objects.create(
        organisation=at.organisation,
        kind=kind,
        actor=at.novak,
        received_at=MONDAY_NINE,
        schema_version=1,
        body=canonical_text(text),
        salt=new_salt(),
        commitment=new_salt(),
    )


def erase(written: AttendanceEvent, by: AttendanceEvent, **columns: Any) -> None:
    changed = {"body": None, "salt": None, "erased_by": by, **columns}
    with transaction.atomic():
        assert AttendanceEvent.objects.filter(pk=written.pk).update(**changed) == 1


def assert_refused(written: AttendanceEvent, by: AttendanceEvent, **columns: Any) -> None:
    before = AttendanceEvent.objects.filter(pk=written.pk).values().get()
    with pytest.raises(IntegrityError, match="append-only: UPDATE refused"):
        erase(written, by, **columns)
    assert AttendanceEvent.objects.filter(pk=written.pk).values().get() == before


def test_an_event_that_names_it_takes_its_text(uppsala: Institution, marked: AttendanceEvent) -> None:
    before = AttendanceEvent.objects.filter(pk=marked.pk).values().get()
    by = erasure(uppsala, marked)
    erase(marked, by)
    after = AttendanceEvent.objects.filter(pk=marked.pk).values().get()
    assert after == {**before, "body": None, "salt": None, "erased_by_id": by.pk}


def test_nothing_else_changes_with_it(uppsala: Institution, marked: AttendanceEvent) -> None:
    by = erasure(uppsala, marked)
    changes: dict[str, Any] = {
        "id": 10_000,
        "event_id": "a" * 32,
        "organisation": found_institution("lund").organisation,
        "kind": Kind.SESSION_OPENED,
        "lecture": uppsala.next_lecture,
        "student": uppsala.ben,
        "actor": uppsala.amira,
        "from_status": "late",
        "to_status": "present",
        "method": "scan",
        "scanned_at": MONDAY_NINE,
        "received_at": "2026-10-05T09:00:01Z",
        "schema_version": 2,
        "commitment": bytes(32),
    }
    fields = {field.name for field in AttendanceEvent._meta.local_concrete_fields}
    assert changes.keys() == fields - {"body", "salt", "erased_by"}
    for column, value in changes.items():
        assert_refused(marked, by, **{column: value})


def test_text_and_salt_go_together_and_whole(uppsala: Institution, marked: AttendanceEvent) -> None:
    by = erasure(uppsala, marked)
    for kept in ({"body": marked.body}, {"body": "{}"}, {"body": ""}, {"salt": marked.salt}, {"salt": b""}):
        assert_refused(marked, by, **kept)
    assert_refused(marked, by, erased_by=None)


def test_who_erases_is_an_erasure_that_names_event_and_person(uppsala: Institution, marked: AttendanceEvent) -> None:
    others = event(uppsala.lecture, by=uppsala.novak, kind=Kind.MARKED, student=uppsala.ben)
    assert_refused(marked, event(uppsala.lecture, by=uppsala.novak))
    assert_refused(marked, marked)
    assert_refused(marked, erasure(uppsala, marked, erased=others.event_id.hex))
    assert_refused(marked, erasure(uppsala, marked, erased=None))
    assert_refused(marked, erasure(uppsala, marked, person=uppsala.ben.pk))
    assert_refused(marked, erasure(uppsala, marked, person=None))
    assert_refused(marked, erasure(uppsala, marked, kind=Kind.POLICY_CHANGED))
    assert_refused(others, erasure(uppsala, others))


def test_a_sealed_erasure_takes_nothing_more(uppsala: Institution, marked: AttendanceEvent) -> None:
    by = erasure(uppsala, marked)
    LedgerEntry.objects.create(index=0, event=by, hashes=bytes(32))
    assert_refused(marked, by)


def test_what_was_erased_stays_erased(uppsala: Institution, marked: AttendanceEvent) -> None:
    by, other = erasure(uppsala, marked), erasure(uppsala, marked)
    erase(marked, by)
    assert_refused(marked, by)
    assert_refused(marked, other)
    assert_refused(marked, by, body=marked.body, salt=marked.salt, erased_by=None)
    for gone in (marked, by):
        with pytest.raises(IntegrityError, match="append-only: DELETE refused"), transaction.atomic():
            by_hand(f"DELETE FROM {TABLE} WHERE id = %s")(gone)


def test_no_event_begins_erased(uppsala: Institution, marked: AttendanceEvent) -> None:
    by = erasure(uppsala, marked)
    row = AttendanceEvent.objects.filter(pk=marked.pk).values().get()
    new = {**row, "id": None, "event_id": "b" * 32, "commitment": new_salt()}
    erased = {"body": None, "salt": None, "erased_by_id": by.pk}
    for changed in ({"body": None}, {"salt": None}, {"erased_by_id": by.pk}, erased):
        with pytest.raises(IntegrityError, match="begin with their text: INSERT refused"), transaction.atomic():
            AttendanceEvent.objects.create(**{**new, **changed})
    AttendanceEvent.objects.create(**new)
