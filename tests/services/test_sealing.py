"""Sealing: what waits becomes entries of the log, once, in order, and signed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from pytest_django import Settings

from attendance import clock
from attendance.ledger.signing import follows
from attendance.ledger.tree import Frontier
from attendance.ledger.verify_receipt import check, key_of, opened
from attendance.models import AttendanceEvent, BlockShare, Checkpoint, LedgerEntry, LedgerKey
from attendance.queries.ledger import receipts_of
from attendance.services import sealing
from attendance.services.ledger_keys import create_key, rotate_key, signing_key
from attendance.services.refusals import Refusal
from attendance.services.sealing import seal, seal_all
from tests.cast import Campus
from tests.ledger.stage import behind_the_application, log_of_three_blocks, mark, sealed_block


def test_what_waits_becomes_a_block_that_the_key_signed(campus: Campus) -> None:
    events = [mark(campus, campus.amira), mark(campus, campus.bilal)]
    block = seal()
    assert block is not None and (block.number, block.size) == (1, 2)
    assert list(LedgerEntry.objects.values_list("index", "event")) == [(0, events[0].pk), (1, events[1].pk)]
    state = opened(block.note, signing_key().public)
    edge = Frontier(0, [])
    for event in events:
        edge.append(event.commitment)
    assert (state.size, state.root) == (2, edge.root) == (block.size, bytes(block.root))
    assert block.key.text == signing_key().public.text
    assert block.events_through == events[1].pk


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE attendance_ledgerentry SET hashes = (SELECT hashes FROM attendance_ledgerentry WHERE \"index\" = 0)"
         " WHERE \"index\" = 2", "The ledger is not what its last block says"),
        ('DELETE FROM attendance_ledgerentry WHERE "index" = 2', "Entry 2 of the ledger is missing"),
    ],
)  # fmt: skip
def test_nothing_is_built_on_a_log_that_was_tampered_with(campus: Campus, statement: str, sentence: str) -> None:
    sealed_block(campus, campus.amira, campus.bilal, campus.amira)
    with behind_the_application() as cursor:
        cursor.execute(statement)
    mark(campus, campus.bilal)
    with pytest.raises(Refusal, match=sentence):
        seal()
    assert Checkpoint.objects.count() == 1


def test_nothing_is_sealed_twice_and_nothing_without_need(campus: Campus) -> None:
    sealed_block(campus, campus.amira)
    assert seal() is None
    assert Checkpoint.objects.count() == LedgerEntry.objects.count() == LedgerKey.objects.count() == 1


def test_blocks_follow_each_other_and_every_receipt_holds(campus: Campus) -> None:
    blocks = log_of_three_blocks(campus)
    assert [(block.number, block.size) for block in blocks] == [(1, 3), (2, 4), (3, 6)]
    for block in blocks:
        entries = LedgerEntry.objects.filter(index__lt=block.size).select_related("event")
        receipts = receipts_of(list(entries), block)
        assert [receipt.entry for receipt in receipts] == list(range(block.size))
        assert {check(receipt) for receipt in receipts} == {opened(block.note, key_of(block.key.text))}


def test_a_block_says_what_it_holds_of_each_organisation(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_IN_A_BLOCK", 2)
    for _time in range(5):
        mark(campus, campus.amira, at=clock.now() - timedelta(minutes=1))
    assert [block.size for block in seal_all()] == [2, 4, 5]
    shares = BlockShare.objects.filter(organisation=campus.organisation)
    assert [(share.entries, share.sealed, share.waiting) for share in shares] == [(2, 2, 3), (2, 4, 1), (1, 5, 0)]
    assert {share.recorded for share in shares} == {5}
    assert all(timedelta(minutes=1) <= share.longest_wait < timedelta(minutes=2) for share in shares)


def test_what_a_block_left_waiting_is_found_by_the_next(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_IN_A_BLOCK", 2)
    first, second, third = (mark(campus, campus.amira) for _time in range(3))
    block = seal()
    assert block is not None and block.events_through == second.pk < third.pk
    assert list(LedgerEntry.objects.values_list("event", flat=True)) == [first.pk, second.pk]


@pytest.mark.parametrize("model", [LedgerEntry, LedgerKey, Checkpoint])
@pytest.mark.parametrize("statement", ['UPDATE {table} SET "{key}" = "{key}"', "DELETE FROM {table}"])
def test_nothing_of_it_can_be_changed_or_deleted(campus: Campus, model: type[Model], statement: str) -> None:
    sealed_block(campus, campus.amira)
    before = list(model._default_manager.values())
    refused = pytest.raises(IntegrityError, match="the ledger is append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=model._meta.db_table, key=model._meta.pk.column))
    assert list(model._default_manager.values()) == before


# --- Keys -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_key(settings: Settings, tmp_path: Path) -> Path:
    """The file of a key that no other test has."""
    settings.LEDGER_KEY_FILE = str(tmp_path / "ledger.key")
    return tmp_path / "ledger.key"


def test_another_key_signs_nothing(campus: Campus, settings: Settings, tmp_path: Path) -> None:
    sealed_block(campus, campus.amira)
    settings.LEDGER_KEY_FILE = str(tmp_path / "other.key")
    mark(campus, campus.amira)
    with pytest.raises(Refusal, match="Put that key back"):
        seal()
    assert Checkpoint.objects.count() == LedgerEntry.objects.count() == 1


def test_a_development_installation_makes_its_key_and_production_does_not(settings: Settings, tmp_path: Path) -> None:
    settings.LEDGER_KEY_FILE = str(tmp_path / "ledger.key")
    settings.PRODUCTION = True
    with pytest.raises(Refusal, match="ledger_key create"):
        signing_key()
    settings.PRODUCTION = False
    made = signing_key()
    assert signing_key().text == made.text
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("ledger.key", 0o600)]


def test_a_key_is_made_once_and_never_overwritten(settings: Settings, tmp_path: Path) -> None:
    settings.LEDGER_KEY_FILE = str(tmp_path / "ledger.key")
    made = create_key(name="aldermoor.example/ledger")
    with pytest.raises(Refusal, match="never overwritten"):
        create_key(name="aldermoor.example/ledger")
    assert signing_key().text == made.text


@pytest.mark.parametrize(
    ("name", "file", "why"), [("a b", "new.key", "cannot be named"), ("a", "none/new.key", "cannot be written")]
)
def test_what_stands_in_the_way_of_a_key_is_named(
    settings: Settings, tmp_path: Path, name: str, file: str, why: str
) -> None:
    settings.LEDGER_KEY_FILE = str(tmp_path / file)
    with pytest.raises(Refusal, match=why):
        create_key(name=name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", [b"", b"PRIVATE+KEY+a+00000000+AQ==", b"\xff"])
def test_a_file_that_holds_no_key_is_named(settings: Settings, tmp_path: Path, text: bytes) -> None:
    settings.LEDGER_KEY_FILE = str(tmp_path / "ledger.key")
    (tmp_path / "ledger.key").write_bytes(text)
    with pytest.raises(Refusal, match="holds no key"):
        signing_key()


def test_a_key_follows_another_that_signs_for_it(campus: Campus, own_key: Path) -> None:
    old = sealed_block(campus, campus.amira).key
    new = rotate_key()
    assert signing_key().text == new.text and new.public.name == signing_key().public.name
    assert [path.name for path in own_key.parent.iterdir()] == [own_key.name]
    told = json.loads(AttendanceEvent.objects.get(kind="key_rotated").body or "")
    assert (told["old_key"], told["new_key"]) == (old.text, new.public.text)
    assert follows(key_of(old.text), new.public, told["signature"])
    block = seal()
    assert block is not None and (block.size, block.key.number, block.key.text) == (2, 2, new.public.text)
    assert not BlockShare.objects.filter(checkpoint=block).exists()


def test_an_exchange_that_was_stopped_is_brought_to_its_end(campus: Campus, own_key: Path) -> None:
    sealed_block(campus, campus.amira)
    old = own_key.read_bytes()
    new = rotate_key()
    own_key.rename(own_key.with_name(f"{own_key.name}.next"))
    own_key.write_bytes(old)
    with pytest.raises(Refusal, match="Put that key back"):
        seal()
    assert rotate_key().text == new.text == signing_key().text
    assert AttendanceEvent.objects.filter(kind="key_rotated").count() == 1 and seal() is not None


def test_a_key_that_is_not_the_logs_signs_for_no_other(campus: Campus, own_key: Path) -> None:
    sealed_block(campus, campus.amira)
    own_key.unlink()
    with pytest.raises(Refusal, match="Put that key back"):
        rotate_key()
    assert LedgerKey.objects.count() == 1


# --- Several at once --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_slow_transaction_is_not_lost(campus: Campus) -> None:
    """Its id is lower than those of events that are sealed before it can be seen."""
    if connection.vendor == "sqlite":
        return  # There is one writer at a time, so ids appear in their order.
    other = connection.copy()
    slow = _insert_elsewhere(other, mark(campus, campus.amira).pk)
    quick = mark(campus, campus.bilal)
    block = seal()
    assert block is not None and block.events_through < slow < quick.pk
    other.commit()
    other.close()
    later = seal()
    assert later is not None and list(LedgerEntry.objects.values_list("event", flat=True))[-1] == slow
    assert seal() is None
    mark(campus, campus.amira)
    last = seal()
    assert last is not None and last.events_through > quick.pk


def _insert_elsewhere(other: BaseDatabaseWrapper, like: int) -> int:
    """Insert a copy of an event in a transaction of its own, which stays open, and return its id."""
    columns = [field.column for field in AttendanceEvent._meta.local_concrete_fields if not field.primary_key]
    fresh = {"event_id": "gen_random_uuid()", "commitment": "sha256(gen_random_uuid()::text::bytea)"}
    values = [fresh.get(column, column) for column in columns]
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO attendance_attendanceevent ({', '.join(columns)}) SELECT {', '.join(values)}"
            " FROM attendance_attendanceevent WHERE id = %s RETURNING id",
            [like],
        )
        return int(cursor.fetchone()[0])
