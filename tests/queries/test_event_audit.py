"""The audit of events whose texts were erased: what an event of the log erased is in order, and nothing else is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from attendance.ledger.commitment import canonical_text, commitment
from attendance.models import AttendanceEvent, Checkpoint, LedgerEntry
from attendance.queries.event_audit import TamperedError
from attendance.queries.ledger_audit import Audit
from attendance.services.sealing import seal, seal_all
from tests.cast import Campus
from tests.commands.test_verify_ledger import EVENT, Tampering, audit, blocks, event_of, fault
from tests.ledger.stage import behind_the_application, erase, mark

__all__ = ["blocks"]


committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def erased(blocks: list[Checkpoint], campus: Campus) -> list[AttendanceEvent]:
    """Amira is erased, entries 0, 2 and 4, then Bilal, entries 1, 3 and 5; the erasures are entries 6 and 7."""
    erasures = [erase(campus, student) for student in (campus.amira, campus.bilal)]
    assert seal() is not None
    return erasures


def written(event: AttendanceEvent, **columns: Any) -> Callable[[Any], object]:
    """Return what overwrites columns of an event's row."""
    names = ", ".join(f"{name} = %s" for name in columns)
    return lambda cursor: cursor.execute(f"UPDATE {EVENT} SET {names} WHERE id = %s", [*columns.values(), event.pk])


@committed
def test_texts_that_an_event_of_the_log_erased_are_no_fault(erased: list[AttendanceEvent]) -> None:
    assert AttendanceEvent.objects.filter(body=None).count() == 6
    assert "4 blocks, 8 entries, no difference" in audit()


@committed
def test_an_erasure_that_waits_for_its_block_is_one_already(blocks: list[Checkpoint], campus: Campus) -> None:
    waiting = erase(campus, campus.amira)
    assert "3 blocks, 6 entries" in audit() and "1 events wait" in audit()
    with behind_the_application() as cursor:
        written(waiting, body=(waiting.body or "").replace("asked", "axed"))(cursor)
    assert f"Entry 0, event {event_of(0).pk}: its text is gone, and event {waiting.pk}" in fault()


@committed
def test_an_erased_text_that_waits_for_its_block_is_sealed_all_the_same(
    blocks: list[Checkpoint], campus: Campus
) -> None:
    mark(campus, campus.amira)
    erase(campus, campus.amira)
    assert seal() is not None
    assert event_of(6).body is None and "4 blocks, 8 entries" in audit()


@committed
def test_an_audit_that_goes_on_sees_what_was_erased_behind_it(
    blocks: list[Checkpoint], campus: Campus, tmp_path: Path
) -> None:
    state = tmp_path / "audit.json"
    audit(state=state)
    erase(campus, campus.amira)
    assert seal() is not None
    gone = event_of(2)
    with behind_the_application() as cursor:
        written(gone, to_status="absent")(cursor)
    assert f"Event {event_of(6).pk}: the columns of an event that it erased" in fault(state=state)
    with behind_the_application() as cursor:
        written(gone, to_status="present")(cursor)
    assert "4 blocks, 7 entries" in audit(state=state)


Falsified = Callable[[AttendanceEvent, list[AttendanceEvent]], Tampering]


def with_commitment(erasure: AttendanceEvent, **told: Any) -> Tampering:
    """Return what overwrites the text of an erasure, and its commitment."""
    body = canonical_text({**json.loads(erasure.body or ""), **told})
    return written(erasure, body=body, commitment=commitment(body, bytes(erasure.salt or b"")))


def others_named(event: AttendanceEvent, by: list[AttendanceEvent]) -> Tampering:
    both = sorted(" ".join(json.loads(each.body or "")["erased"] for each in by).split())
    return with_commitment(by[0], erased=" ".join(both), events=len(both))


# What is done to entry 2, the second of three events about Amira, or to the two erasures; and what is said of it.
FALSIFIED: dict[str, tuple[Falsified, str]] = {
    "no erasure named": (lambda event, by: written(event, erased_by_id=None), "and its row does not say so"),
    "another's erasure named": (lambda event, by: written(event, erased_by_id=by[1].pk), "and its row does not"),
    "an erasure that is not there": (
        lambda event, by: written(event, erased_by_id=10_000),
        "and its row does not say so",
    ),
    "a mark named as the erasure": (
        lambda event, by: written(event, erased_by_id=event.pk),
        "and its row does not say so",
    ),
    "text put back": (
        lambda event, by: written(event, body="{}", salt=bytes(32), erased_by_id=None),
        "and its row does not say so",
    ),
    "text put beside the erasure": (lambda event, by: written(event, body="{}"), "a text or salt is there again"),
    "salt put beside the erasure": (lambda event, by: written(event, salt=bytes(32)), "a text or salt is there again"),
    "another mark": (lambda event, by: written(event, to_status="absent"), "the columns of an event that it erased"),
    "another moment": (lambda event, by: written(event, received_at="2020-01-01 00:00:00"), "the columns of an event"),
    "another student": (lambda event, by: written(event, student_id=by[0].actor_id), "is not about whom event"),
    "another hash": (lambda event, by: written(event, commitment=bytes(32)), "Entry 2: its hashes are not"),
    "edited erasure": (lambda event, by: written(by[0], body="{}"), "text and salt are not those"),
    "erasure of another kind": (lambda event, by: written(by[0], kind="policy_changed"), "erases nothing"),
    "erasure without text": (lambda event, by: written(by[0], body=None, salt=None), "nothing says that it was erased"),
    "erasure by somebody else": (lambda event, by: written(by[0], actor_id=event.actor_id), "the column actor_id says"),
    "erasure that names more": (others_named, "and its row does not say so"),
    "erasure that names none": (lambda event, by: with_commitment(by[0], erased=""), "does not say so."),
    "erasure that names no list": (lambda event, by: with_commitment(by[0], erased=None), "does not say so."),
    "erasure that counts more": (lambda event, by: with_commitment(by[0], events=4), "does not say how many"),
    "erasure with other words": (
        lambda event, by: with_commitment(by[0], why="retention"),
        "Entry 6: its hashes are not",
    ),
    "deleted erasure": (
        lambda event, by: lambda cursor: cursor.execute(f"DELETE FROM {EVENT} WHERE id = %s", [by[0].pk]),
        "erases nothing",
    ),
    "deleted event": (
        lambda event, by: lambda cursor: cursor.execute(f"DELETE FROM {EVENT} WHERE id = %s", [event.pk]),
        "and its row does not say so",
    ),
}


@committed
@pytest.mark.parametrize(("falsify", "why"), FALSIFIED.values(), ids=FALSIFIED)
def test_what_was_done_about_an_erasure_is_named(erased: list[AttendanceEvent], falsify: Falsified, why: str) -> None:
    tamper = falsify(event_of(2), erased)
    with behind_the_application() as cursor:
        tamper(cursor)
    assert why in fault()


@committed
def test_a_text_is_not_put_back_unseen_even_the_true_one(blocks: list[Checkpoint], campus: Campus) -> None:
    event = event_of(2)
    erase(campus, campus.amira)
    assert seal() is not None
    with behind_the_application() as cursor:
        written(event, body=event.body, salt=event.salt, erased_by_id=None)(cursor)
    assert f"erased the text of event {event.event_id.hex}, and its row" in fault()


@committed
def test_who_deletes_a_text_finds_no_erasure_to_hide_it_behind(blocks: list[Checkpoint], campus: Campus) -> None:
    theirs = erase(campus, campus.bilal)
    assert seal() is not None
    event = event_of(2)
    with behind_the_application() as cursor:
        written(event, body=None, salt=None, erased_by_id=theirs.pk)(cursor)
    assert f"Event {event.pk} is not about whom event {theirs.pk} erased" in fault()


@committed
def test_who_names_an_erasure_that_is_none_is_named(blocks: list[Checkpoint], campus: Campus) -> None:
    event = event_of(2)
    for key, why in ((10_000, "event 10000, which it names for that, erases nothing"), (event.pk, "erases nothing")):
        with behind_the_application() as cursor:
            written(event, body=None, salt=None, erased_by_id=key)(cursor)
        assert f"Entry 2, event {event.pk}" in fault() and why in fault()


# --- Any order of acts, and any one change afterwards -----------------------------------------------------------------

ACTS = ["mark amira", "mark bilal", "mark outsider", "erase amira", "erase bilal", "seal"]
COLUMNS = ["body", "salt", "erased_by_id", "commitment", "kind", "to_status", "method", "schema_version", "event_id"]
COLUMNS += ["lecture_id", "actor_id"]


def act(campus: Campus, words: str) -> None:
    what, _space, who = words.partition(" ")
    if what == "seal":
        seal()
    elif what == "mark":
        mark(campus, getattr(campus, who))
    else:
        erase(campus, getattr(campus, who))


def behind_in_this_transaction(cursor: Any) -> None:
    """Let nothing stop this transaction, whose end will roll it back."""
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica")
        return
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%refuses%'")
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP TRIGGER "{name}"')


def another(column: str, value: Any, number: int) -> Any:
    """Return what stands in a column instead of its value: nothing, something else, or the number of an event."""
    if column in ("body", "salt", "erased_by_id") and value is not None and number % 2:
        return None
    if column == "erased_by_id":
        events = [pk for pk in AttendanceEvent.objects.values_list("pk", flat=True) if pk != value]
        return events[number % len(events)]
    if column in ("salt", "commitment"):
        return bytes(31) + bytes([number]) if value != bytes(31) + bytes([number]) else bytes(32)
    if column == "event_id":
        return f"{number + 1:032x}"
    return value + 1 + number if isinstance(value, int) else f"{value or ''}x"


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    acts=st.lists(st.sampled_from(ACTS), min_size=6, max_size=16),
    column=st.sampled_from(COLUMNS),
    row=st.integers(0, 40),
    number=st.integers(0, 9),
)
@pytest.mark.django_db
def test_whatever_was_erased_any_change_afterwards_is_named(
    campus: Campus, acts: list[str], column: str, row: int, number: int
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for words in ["mark amira", "mark bilal", "mark amira", "seal", "erase amira", *acts]:
            act(campus, words)
        seal_all()
        list(Audit(None, None).run(lambda _done, _all: None))
        behind_in_this_transaction(cursor)
        event = AttendanceEvent.objects.get(ledger_entry=row % LedgerEntry.objects.count())
        value = another(column, getattr(event, column), number)
        cursor.execute(f"UPDATE {EVENT} SET {column} = %s WHERE id = %s", [value, event.pk])
        with pytest.raises(TamperedError):
            list(Audit(None, None).run(lambda _done, _all: None))
        transaction.set_rollback(True)
