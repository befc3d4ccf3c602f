"""The audit: a ledger that is whole passes, and each way to tamper with it is named by its first row."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from attendance import clock
from attendance.ledger.commitment import commitment
from attendance.ledger.signing import SigningKey, new_signing_key
from attendance.ledger.tree import Frontier
from attendance.ledger.verify_receipt import Checkpoint as SignedState
from attendance.models import AttendanceEvent, Checkpoint, LedgerEntry, LedgerKey
from attendance.queries.ledger_audit import Audit
from attendance.services.ledger_keys import DEVELOPMENT_NAME, rotate_key, signing_key
from tests.cast import Campus
from tests.ledger.stage import behind_the_application, log_of_three_blocks, mark, sealed_block

pytestmark = pytest.mark.django_db(transaction=True)
EVENT, ENTRY, BLOCK = "attendance_attendanceevent", "attendance_ledgerentry", "attendance_checkpoint"
SHARE, KEY = "attendance_blockshare", "attendance_ledgerkey"


@pytest.fixture
def blocks(campus: Campus) -> list[Checkpoint]:
    """Three blocks with entries 0 to 2, 3, 4 and 5."""
    return log_of_three_blocks(campus)


def audit(**options: Any) -> str:
    said = StringIO()
    call_command("verify_ledger", stdout=said, **options)
    return said.getvalue()


def fault(**options: Any) -> str:
    with pytest.raises(CommandError, match=r"^NOT WHOLE\. ") as found:
        audit(**options)
    return str(found.value)


def event_of(index: int) -> AttendanceEvent:
    return AttendanceEvent.objects.get(ledger_entry=index)


def test_a_whole_ledger_passes_and_says_what_waits(blocks: list[Checkpoint], campus: Campus) -> None:
    assert "whole: 3 blocks, 6 entries, no difference" in audit() and "0 events wait" in audit()
    mark(campus, campus.amira)
    assert "1 events wait" in audit()


def test_blocks_that_are_sealed_meanwhile_are_no_fault(blocks: list[Checkpoint], campus: Campus) -> None:
    states = Audit(None, None).run(lambda _done, _all: None)
    assert next(states).block == 1
    sealed_block(campus, campus.amira)
    assert [state.block for state in states][-1] >= 3


def test_an_empty_ledger_is_whole(campus: Campus) -> None:
    assert "0 blocks, 0 entries" in audit()


# --- One row ----------------------------------------------------------------------------------------------------------

Tampering = Callable[[Any], object]


def run(statement: str, *values: Any) -> Tampering:
    return lambda cursor: cursor.execute(statement, values)


def edit_text(cursor: Any) -> None:
    cursor.execute(f"UPDATE {EVENT} SET body = replace(body, 'present', 'absent') WHERE id = %s", [event_of(2).pk])


def edit_column(cursor: Any) -> None:
    cursor.execute(f"UPDATE {EVENT} SET to_status = 'absent' WHERE id = %s", [event_of(2).pk])


def edit_salt(cursor: Any) -> None:
    cursor.execute(f"UPDATE {EVENT} SET salt = %s WHERE id = %s", [bytes(32), event_of(2).pk])


def edit_with_commitment(cursor: Any) -> None:
    event = event_of(2)
    body = (event.body or "").replace("present", "absent")
    changed = [body, commitment(body, bytes(event.salt or b"")), event.pk]
    cursor.execute(f"UPDATE {EVENT} SET body = %s, commitment = %s, to_status = 'absent' WHERE id = %s", changed)


def edit_with_hashes(cursor: Any) -> None:
    edit_with_commitment(cursor)
    rebuild(cursor)


def delete_text(cursor: Any) -> None:
    cursor.execute(f"UPDATE {EVENT} SET body = NULL, salt = NULL WHERE id = %s", [event_of(2).pk])


def delete_event(cursor: Any) -> None:
    cursor.execute(f"DELETE FROM {EVENT} WHERE id = %s", [event_of(2).pk])


def delete_both(cursor: Any) -> None:
    delete_event(cursor)
    cursor.execute(f'DELETE FROM {ENTRY} WHERE "index" = 2')


def delete_and_close_up(cursor: Any) -> None:
    delete_both(cursor)
    for index in range(3, 6):
        cursor.execute(f'UPDATE {ENTRY} SET "index" = %s WHERE "index" = %s', [index - 1, index])


def insert_event(cursor: Any) -> None:
    columns = [field.column for field in AttendanceEvent._meta.local_concrete_fields if not field.primary_key]
    values = ["%s" if column in ("event_id", "commitment") else column for column in columns]
    low = f"INSERT INTO {EVENT} (id, {', '.join(columns)}) SELECT -1, {', '.join(values)} FROM {EVENT} WHERE id = %s"
    cursor.execute(low, ["0" * 32, b"inserted", event_of(2).pk])


def swap_entries(cursor: Any) -> None:
    one, other = event_of(1).pk, event_of(2).pk
    for event, index in ((-1, 1), (one, 2), (other, 1)):
        cursor.execute(f'UPDATE {ENTRY} SET event_id = %s WHERE "index" = %s', [event, index])


TAMPERED = {
    "edited text": (edit_text, "Entry 2, event"),
    "edited column": (edit_column, "Entry 2, event"),
    "edited salt": (edit_salt, "Entry 2, event"),
    "edited event with its commitment": (edit_with_commitment, "Entry 2: its hashes"),
    "edited event with all hashes": (edit_with_hashes, "Block 1: its root"),
    "deleted text": (delete_text, "Entry 2, event"),
    "deleted event": (delete_event, "Entry 2: its event"),
    "deleted event and entry": (delete_both, "Entry 2 is missing"),
    "deleted and closed up": (delete_and_close_up, "Entry 2: its hashes"),
    "inserted event": (insert_event, "Event -1 has no entry"),
    "swapped entries": (swap_entries, "Entry 1: its hashes"),
    "deleted last entry": (run(f'DELETE FROM {ENTRY} WHERE "index" = 5'), "Entry 5 is missing"),
    "edited hashes": (run(f'UPDATE {ENTRY} SET hashes = %s WHERE "index" = 4', bytes(32)), "Entry 4: its hashes"),
    "edited root": (run(f"UPDATE {BLOCK} SET root = %s WHERE number = 2", bytes(32)), "Block 2: its root"),
    "edited size": (run(f"UPDATE {BLOCK} SET size = 5 WHERE number = 2"), "Block 2: its root"),
    "block of nothing": (run(f"UPDATE {BLOCK} SET size = 2 WHERE number = 2"), "Block 2 does not add"),
    "edited note": (run(f"UPDATE {BLOCK} SET note = replace(note, '4', '5') WHERE number = 2"), "Block 2: The "),
    "deleted block": (run(f"DELETE FROM {BLOCK} WHERE number = 2"), "Block 2 is missing"),
    "deleted last block": (run(f"DELETE FROM {BLOCK} WHERE number = 3"), "Entry 4 is in no block"),
    "replaced key": (run(f"UPDATE {KEY} SET text = %s", new_signing_key("a").public.text), "Block 1: The checkpoint"),
    "damaged key": (run(f"UPDATE {KEY} SET text = 'key'"), "A key of the log was replaced"),
    "edited count": (run(f"UPDATE {SHARE} SET sealed = 5 WHERE sealed = 4"), "Block 2: organisation"),
    "deleted count": (run(f"DELETE FROM {SHARE} WHERE sealed = 4"), "Block 2: organisation"),
}


@pytest.mark.parametrize(("tamper", "why"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_tampered_with_is_named(blocks: list[Checkpoint], tamper: Tampering, why: str) -> None:
    with behind_the_application() as cursor:
        tamper(cursor)
    assert why in fault()


EDITABLE = [
    *(
        (EVENT, name)
        for name in ("kind", "to_status", "method", "body", "salt", "commitment", "student_id", "actor_id")
    ),
    *((EVENT, name) for name in ("lecture_id", "schema_version")),
    (ENTRY, "hashes"),
    (BLOCK, "root"),
    (BLOCK, "note"),
]
KEYS = {EVENT: "id", ENTRY: '"index"', BLOCK: "number"}


def edited(value: Any, place: int) -> Any:
    """Return a value that differs from this one, in one character or bit where it has several."""
    if isinstance(value, int):
        return value + 1 + place
    place %= len(value)
    if isinstance(value, str):
        return value[:place] + ("y" if value[place] == "x" else "x") + value[place + 1 :]
    return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(where=st.sampled_from(EDITABLE), row=st.integers(0, 5), place=st.integers(0, 500))
def test_every_part_of_every_value_counts(
    blocks: list[Checkpoint], where: tuple[str, str], row: int, place: int
) -> None:
    table, column = where
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {KEYS[table]}, "{column}" FROM {table} ORDER BY 1')
        rows = cursor.fetchall()
    found, value = rows[row % len(rows)]
    value = bytes(value) if isinstance(value, memoryview) else value
    change = f'UPDATE {table} SET "{column}" = %s WHERE {KEYS[table]} = %s'
    with behind_the_application() as cursor:
        cursor.execute(change, [edited(value, place), found])
    fault()
    with behind_the_application() as cursor:
        cursor.execute(change, [value, found])
    audit()


# --- The whole log ----------------------------------------------------------------------------------------------------


def rebuild(cursor: Any) -> list[bytes]:
    """Compute all hashes of the tree again, and return the root after each entry."""
    edge = Frontier(0, [])
    roots = [edge.root]
    for entry in LedgerEntry.objects.select_related("event").order_by("index"):
        hashes = edge.append(bytes(entry.event.commitment))
        cursor.execute(f'UPDATE {ENTRY} SET hashes = %s WHERE "index" = %s', [hashes, entry.index])
        roots.append(edge.root)
    return roots


def rewrite(key: SigningKey) -> None:
    """Edit an event, compute everything that follows from it, and sign all blocks again."""
    with behind_the_application() as cursor:
        edit_with_commitment(cursor)
        roots = rebuild(cursor)
        cursor.execute(f"UPDATE {KEY} SET text = %s", [key.public.text])
        for block in Checkpoint.objects.all():
            note = key.sealed(SignedState(DEVELOPMENT_NAME, block.size, roots[block.size]))
            changed = [roots[block.size], note, block.number]
            cursor.execute(f"UPDATE {BLOCK} SET root = %s, note = %s WHERE number = %s", changed)


def test_who_has_another_key_is_found_by_the_key_that_was_noted(blocks: list[Checkpoint]) -> None:
    noted = signing_key().public.text
    rewrite(new_signing_key(DEVELOPMENT_NAME))
    assert "whole" in audit()
    assert "Key 1 of the log was replaced" in fault(key=noted)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_who_has_the_key_itself_is_found_by_any_block_that_was_kept(
    blocks: list[Checkpoint], tmp_path: Path, number: int
) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(blocks[number - 1].note, "utf-8")
    assert "whole" in audit(checkpoint=[kept])
    rewrite(signing_key())
    assert "whole" in audit()
    assert "are not those of the checkpoint that was kept" in fault(checkpoint=[kept])


def test_a_log_that_was_cut_off_is_shorter_than_a_block_that_was_kept(blocks: list[Checkpoint], tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(blocks[2].note, "utf-8")
    with behind_the_application() as cursor:
        for statement in (
            f"DELETE FROM {SHARE} WHERE sealed = 6",
            f"DELETE FROM {BLOCK} WHERE number = 3",
            f'DELETE FROM {EVENT} WHERE id = (SELECT event_id FROM {ENTRY} WHERE "index" = 5)',
            f'DELETE FROM {EVENT} WHERE id = (SELECT event_id FROM {ENTRY} WHERE "index" = 4)',
            f'DELETE FROM {ENTRY} WHERE "index" > 3',
        ):
            cursor.execute(statement)
    assert "whole" in audit()
    assert "shorter than the 6 entries" in fault(checkpoint=[kept])


def test_a_block_of_another_log_is_none_of_ours(blocks: list[Checkpoint], tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(new_signing_key(DEVELOPMENT_NAME).sealed(SignedState(DEVELOPMENT_NAME, 3, bytes(32))), "utf-8")
    assert "None of the log's keys" in fault(checkpoint=[kept])


def test_a_key_that_was_exchanged_is_in_order(campus: Campus, settings: Settings, tmp_path: Path) -> None:
    settings.LEDGER_KEY_FILE = str(tmp_path / "ledger.key")
    log_of_three_blocks(campus)
    first = signing_key().public.text
    rotate_key()
    sealed_block(campus, campus.amira)
    assert "4 blocks, 8 entries" in audit(key=first)
    with behind_the_application() as cursor:
        cursor.execute(f"UPDATE {BLOCK} SET key_id = 2 WHERE number = 3")
    assert "Block 3: The checkpoint is not signed by this key" in fault()


def test_a_key_that_was_slipped_in_was_signed_for_by_nobody(blocks: list[Checkpoint]) -> None:
    LedgerKey.objects.create(number=2, text=new_signing_key(DEVELOPMENT_NAME).public.text, added_at=clock.now())
    assert "Key 2 of the log was replaced" in fault()


# --- Going on ---------------------------------------------------------------------------------------------------------


def test_an_audit_goes_on_where_the_last_one_ended(blocks: list[Checkpoint], campus: Campus, tmp_path: Path) -> None:
    state = tmp_path / "audit.json"
    audit(state=state)
    assert json.loads(state.read_text())["block"] == 3
    sealed_block(campus, campus.amira)
    with behind_the_application() as cursor:
        edit_salt(cursor)
    assert "4 blocks, 7 entries" in audit(state=state)
    assert "Entry 2, event" in fault()


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            f'UPDATE {ENTRY} SET hashes = root FROM {BLOCK} WHERE "index" = 5 AND number = 1',
            "hashes of entries before 6",
        ),
        (f'DELETE FROM {ENTRY} WHERE "index" = 5', "Entry 5 is missing"),
        (f"DELETE FROM {BLOCK} WHERE number = 3", "Block 3 is not what an earlier audit found"),
    ],
)
def test_what_the_last_audit_saw_has_to_be_there(
    blocks: list[Checkpoint], tmp_path: Path, statement: str, why: str
) -> None:
    state = tmp_path / "audit.json"
    audit(state=state)
    with behind_the_application() as cursor:
        cursor.execute(statement)
    assert why in fault(state=state)


def test_a_log_that_was_rewritten_since_the_last_audit_is_found(blocks: list[Checkpoint], tmp_path: Path) -> None:
    state = tmp_path / "audit.json"
    audit(state=state)
    rewrite(signing_key())
    assert "Block 3 is not what an earlier audit found" in fault(state=state)


def test_a_file_that_no_audit_wrote_is_named(tmp_path: Path) -> None:
    state = tmp_path / "audit.json"
    for text in ("", "[]", '{"block": "x"}'):
        state.write_text(text)
        with pytest.raises(CommandError, match="was not written by an audit"):
            audit(state=state)
